/// The type of a setting: how it is read, and how its default is shown.
struct Kind<Value: Sendable & Equatable>: Sendable {
    /// Completes "expected ...".
    let expects: String
    /// A list or map: given as JSON in an environment variable.
    var isStructured = false
    /// A secret's new value is applied on SIGHUP.
    var isSecret = false
    let show: @Sendable (Value) -> String
    let read: @Sendable (Node, inout Findings) -> Value?

    /// In an environment variable or a file of its own the whole text is the value.
    static func scalar(
        _ expects: String,
        isSecret: Bool = false,
        show: @escaping @Sendable (Value) -> String,
        _ parse: @escaping @Sendable (String) -> Value?
    ) -> Kind {
        Kind(expects: expects, isSecret: isSecret, show: show) { node, findings in
            if let text = node.text, let value = parse(text) { return value }
            findings.refuse(node, expected: expects)
            return nil
        }
    }

    /// Or null.
    var optional: Kind<Value?> {
        Kind<Value?>(
            expects: "\(expects), or null",
            isStructured: isStructured,
            isSecret: isSecret,
            show: { $0.map(show) ?? "null" },
            read: { node, findings in
                if node.isNull { return .some(nil) }
                return read(node, &findings)
            }
        )
    }

    /// Or `""`, which is the same as not given.
    fileprivate func or(empty: Value) -> Kind {
        Kind(
            expects: "\(expects), or empty",
            isSecret: isSecret,
            show: { $0 == empty ? #""""# : show($0) },
            read: { $0.text == "" ? empty : read($0, &$1) }
        )
    }

    var list: Kind<[Value]> {
        Kind<[Value]>(expects: "a list, each \(expects)", isStructured: true, isSecret: isSecret, show: Self.showList) {
            node,
            findings in
            guard case .list(let nodes) = node.value else {
                findings.refuse(node, expected: "a list such as [one, two]")
                return nil
            }
            return nodes.compactMap { read($0, &findings) }
        }
    }

    /// One value, or several in a list.
    var oneOrMore: Kind<[Value]> {
        Kind<[Value]>(expects: "\(expects), or a list", isStructured: true, isSecret: isSecret, show: Self.showList) {
            node,
            findings in
            if case .list = node.value { return list.read(node, &findings) }
            return read(node, &findings).map { [$0] }
        }
    }

    private static func showList(_ values: [Value]) -> String { values.isEmpty ? "[]" : "[...]" }
}

extension Kind where Value: Hashable {
    /// A map from this to values of another kind. Two names that are read as the same one are a problem.
    func map<Item>(to kind: Kind<Item>) -> Kind<[Value: Item]> {
        Kind<[Value: Item]>(
            expects: "a map from \(expects) to \(kind.expects)",
            isStructured: true,
            isSecret: kind.isSecret,
            show: { $0.isEmpty ? "{}" : "{...}" },
            read: { node, findings in
                guard case .map(let entries) = node.value else {
                    findings.refuse(node, expected: "a map such as {name: value}")
                    return nil
                }
                var values: [Value: Item] = [:]
                for entry in entries {
                    let name = Node(value: .scalar(entry.name, isQuoted: true), place: entry.place)
                    let item = kind.read(entry.value, &findings)
                    guard let name = read(name, &findings) else { continue }
                    if values[name] != nil { findings.refuse(at: entry.place, "the same name is given twice") }
                    values[name] = item
                }
                return values
            }
        )
    }
}

extension Kind where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    static var oneOf: Kind {
        let names = Value.allCases.map(\.rawValue).joined(separator: ", ")
        return scalar("one of \(names)", show: \.rawValue) { Value(rawValue: $0) }
    }
}

extension Kind where Value == Int {
    static func whole(_ range: ClosedRange<Int>) -> Kind {
        scalar("a whole number from \(range.lowerBound) to \(range.upperBound)", show: \.description) { text in
            guard text.utf8.allSatisfy(isDigit), let number = Int(text), range.contains(number) else { return nil }
            return number
        }
    }

    static var port: Kind { whole(0...65_535) }
}

extension Kind where Value == Bool {
    static var yesNo: Kind {
        scalar("true or false", show: \.description) { text in
            switch text.lowercased() {
            case "true", "yes", "on": true
            case "false", "no", "off": false
            default: nil
            }
        }
    }
}

extension Kind where Value == Secret {
    static var secret: Kind {
        scalar("a secret of one line", isSecret: true, show: { _ in "" }) { text in
            isOneLine(text, bytesMax: Secret.bytesMax) ? Secret(text) : nil
        }
    }
}

extension Kind where Value == Secret {
    var orEmpty: Kind { or(empty: Secret("")) }
}

extension Kind where Value == String {
    var orEmpty: Kind { or(empty: "") }

    static var text: Kind { matching("text of one line") { _ in true } }

    /// Text whose form is checked.
    static func matching(_ expects: String, _ isRight: @escaping @Sendable (String) -> Bool) -> Kind {
        scalar(expects, show: \.self) { text in
            isOneLine(text, bytesMax: 1000) && isRight(text) ? text : nil
        }
    }
}

/// Not empty, no control character, no white space at the ends.
func isOneLine(_ text: String, bytesMax: Int) -> Bool {
    let isPrintable = text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    let hasEnds = [text.unicodeScalars.first, text.unicodeScalars.last].contains { $0?.properties.isWhitespace ?? true }
    return isPrintable && !hasEnds && text.utf8.count <= bytesMax
}
