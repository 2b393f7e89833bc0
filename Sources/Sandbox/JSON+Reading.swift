import OnewayCore

extension JSON {
    /// A copy of a parsed value. If a member's name is repeated, the last one counts, as with most parsers.
    init(_ value: JSONValue) {
        if let text = value.string {
            self = .string(text)
        } else if let digits = value.number {
            self = .number(digits)
        } else if let flag = value.bool {
            self = .bool(flag)
        } else if value.isArray {
            self = .array(value.elements.map { JSON($0) })
        } else if value.isObject {
            var values: [String: JSON] = [:]
            for member in value.members { values[member.name] = JSON(member.value) }
            self = .sorted(values)
        } else {
            self = .null
        }
    }

    /// An object with its members sorted by name, so that objects of equal contents are equal.
    static func sorted(_ values: [String: JSON]) -> JSON {
        .object(values.sorted { $0.key < $1.key }.map { Member($0.key, $0.value) })
    }

    static func optional(_ number: Int?) -> JSON { number.map(JSON.int) ?? .null }

    var members: [String: JSON] {
        guard case .object(let members) = self else { return [:] }
        return Dictionary(members.map { ($0.name, $0.value) }) { _, last in last }
    }

    /// The form for indexes and sentences: text without quotes, the rest as JSON.
    var shown: String {
        if case .string(let text) = self { text } else { String(decoding: encoded, as: UTF8.self) }
    }
}
