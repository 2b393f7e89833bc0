private let mappingsMax = 500

extension Kind where Value == [FieldMapping] {
    /// `column: field`, or `column: { field, as, labels, separator, by }`.
    static var fields: Kind {
        Kind(
            expects: "a map from columns to Marketo fields",
            isStructured: true,
            show: { _ in "{...}" },
            read: { node, findings in
                guard case .map(let entries) = node.value, entries.count <= mappingsMax else {
                    findings.refuse(
                        node,
                        expected: "a map such as {stepname: stage}, of at most \(mappingsMax) columns"
                    )
                    return nil
                }
                var mappings: [FieldMapping] = []
                for entry in entries {
                    guard let mapping = mapping(entry, &findings) else { continue }
                    if mappings.contains(where: { $0.field == mapping.field }) {
                        findings.refuse(at: entry.place, "the Marketo field \(mapping.field) is filled twice")
                    }
                    if FieldMapping.ruledFields.contains(mapping.field) {
                        let says = "\(mapping.field) follows the rules; this line changes nothing"
                        findings.warn(findings.key, at: entry.place, says)
                    }
                    mappings.append(mapping)
                }
                return mappings
            }
        )
    }

    private static func mapping(_ entry: Node.Entry, _ findings: inout Findings) -> FieldMapping? {
        let name = Node(value: .scalar(entry.name, isQuoted: true), place: entry.place)
        let column = Kind<String>.column.read(name, &findings)
        guard case .map(let entries) = entry.value.value else {
            let field = Kind<String>.marketoField.read(entry.value, &findings)
            guard let column, let field else { return nil }
            return FieldMapping(column: column, field: field)
        }
        var parts = FieldParts(entries: entries)
        if !parts.has("field") { findings.refuse(at: entry.place, "the key field is missing") }
        let field = parts.take("field", .marketoField, &findings)
        let conversion = parts.conversion(&findings)
        parts.refuseTheRest(&findings)
        guard let column, let field else { return nil }
        return FieldMapping(column: column, field: field, conversion: conversion)
    }
}

/// The keys of one mapping with conversions, taken one by one; any that are left do not belong to its conversion.
private struct FieldParts {
    private enum Name: String, CaseIterable, Sendable {
        case text, money, choice, choices, yesno, date, datetime, lookup, whole, decimal
    }

    private static let labels = Kind<Int>.choiceNumber.map(to: Kind<String>.text)
    var entries: [Node.Entry]

    func has(_ name: String) -> Bool { entries.contains { $0.name == name } }

    mutating func take<Value>(_ name: String, _ kind: Kind<Value>, _ findings: inout Findings) -> Value? {
        guard let index = entries.firstIndex(where: { $0.name == name }) else { return nil }
        return kind.read(entries.remove(at: index).value, &findings)
    }

    mutating func conversion(_ findings: inout Findings) -> FieldMapping.Conversion? {
        guard let name: Name = take("as", .oneOf, &findings) else { return nil }
        switch name {
        case .text: return .text
        case .money: return .money
        case .yesno: return .yesNo
        case .date: return .date
        case .datetime: return .dateTime
        case .whole: return .whole
        case .decimal: return .decimal
        case .choice: return .choice(labels: take("labels", Self.labels, &findings) ?? [:])
        case .choices:
            let labels = take("labels", Self.labels, &findings) ?? [:]
            let separator = take("separator", .separator, &findings) ?? FieldMapping.choicesSeparator
            return .choices(labels: labels, separator: separator)
        case .lookup: return .lookup(by: take("by", .oneOf, &findings) ?? .id)
        }
    }

    func refuseTheRest(_ findings: inout Findings) {
        for entry in entries {
            findings.refuse(at: entry.place, "\(entry.name) has no meaning in this mapping")
        }
    }
}

extension Kind where Value == Int {
    /// Dynamics' choices are 32-bit numbers.
    fileprivate static var choiceNumber: Kind {
        scalar("a choice's number", show: \.description) { text in
            Int32(text).map(Int.init)
        }
    }
}

extension Kind where Value == String {
    /// Spaces count: `", "` is a separator too.
    fileprivate static var separator: Kind {
        scalar("a separator of 1 to 10 characters", show: \.self) { text in
            (1...10).contains(text.count) && text.unicodeScalars.allSatisfy { $0.value >= 0x20 } ? text : nil
        }
    }
}
