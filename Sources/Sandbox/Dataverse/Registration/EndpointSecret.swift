import OnewayCore

/// The authentication of a webhook: `authtype` and `authvalue`.
enum EndpointSecret: Hashable, Sendable {
    case key(String)
    case headers([Pair])
    case query([Pair])

    struct Pair: Hashable, Sendable {
        let name: String
        let value: String
    }

    /// Returns nil if the value does not fit the type.
    init?(type: Int?, value: String) {
        switch type {
        case 4 where !value.isEmpty: self = .key(value)
        case 5: if let pairs = Self.pairs(value) { self = .headers(pairs) } else { return nil }
        case 6: if let pairs = Self.pairs(value) { self = .query(pairs) } else { return nil }
        default: return nil
        }
    }

    /// Returns the URL with the secret, if it belongs there.
    func address(_ url: String) -> String {
        let trimmed = url.last == "/" ? String(url.dropLast()) : url
        let pairs =
            switch self {
            case .key(let value): [Pair(name: "code", value: value)]
            case .query(let pairs): pairs
            case .headers: [Pair]()
            }
        guard !pairs.isEmpty else { return trimmed }
        return trimmed + (trimmed.contains("?") ? "&" : "?") + PercentEncoding.query(pairs.map { ($0.name, $0.value) })
    }

    /// Parses `<settings><setting name="K" value="V"/></settings>`: exactly these two attributes, neither blank.
    private static func pairs(_ xml: String) -> [Pair]? {
        var rest = xml.filter { $0 != "\n" && $0 != "\r" }[...]
        func skip(_ text: String) -> Bool {
            rest = rest.drop { $0 == " " }
            guard rest.hasPrefix(text) else { return false }
            rest = rest.dropFirst(text.count)
            return true
        }
        func attribute(_ name: String) -> String? {
            guard skip(name + "=\"") else { return nil }
            let value = rest.prefix { $0 != "\"" }
            rest = rest.dropFirst(value.count)
            guard skip("\"") else { return nil }
            return text(value).flatMap { $0.contains { $0 != " " } ? $0 : nil }
        }
        var pairs: [Pair] = []
        guard skip("<settings>") else { return nil }
        while !skip("</settings>") {
            guard skip("<setting "), let name = attribute("name"), let value = attribute("value"),
                skip("/>") || skip("></setting>")
            else { return nil }
            pairs.append(Pair(name: name, value: value))
        }
        return pairs.isEmpty || rest.contains { $0 != " " } ? nil : pairs
    }

    private static func text(_ escaped: Substring) -> String? {
        guard !escaped.contains("<") else { return nil }
        var text = ""
        var rest = escaped
        while let character = rest.popFirst() {
            guard character == "&" else {
                text.append(character)
                continue
            }
            let name = rest.prefix { $0 != ";" }
            guard let meaning = entities[String(name)] else { return nil }
            text.append(meaning)
            rest = rest.dropFirst(name.count + 1)
        }
        return text
    }

    private static let entities: [String: Character] = ["amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'"]
}
