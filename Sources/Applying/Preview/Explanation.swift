public import OnewayCore

/// One notification explained: what it is, what it contains, and what it would change, with the reasons.
public struct Explanation: Sendable {
    public internal(set) var outcome: String
    public internal(set) var code: String?
    public internal(set) var message: String?
    public internal(set) var entity: String?
    public internal(set) var record: String?
    /// The attributes that are kept of the record it is about.
    public internal(set) var attributes: [(name: String, told: StampedValue)] = []
    public internal(set) var isRepaired = false
    public internal(set) var reasons: [Reason] = []
    public internal(set) var changes: [Change] = []

    /// Whether it becomes part of the mirror.
    var isApplied = false

    init(_ outcome: String) { self.outcome = outcome }

    /// In the shape that the contract defines.
    public var json: JSON {
        [
            "outcome": .string(outcome), "code": .optional(code), "message": .optional(message),
            "entity": .optional(entity), "record": .optional(record),
            "attributes": .object(attributes.map { JSON.Member($0.name, $0.told.json) }),
            "repaired": .bool(isRepaired), "reasons": .array(reasons.map(\.json)),
            "changes": .array(changes.map(\.json)),
        ]
    }
}

extension StampedValue {
    package var json: JSON {
        ["value": value.json, "at": .string("\(Timestamp(second: stamp.second))"), "unsure": .bool(isUnsure)]
    }
}

extension Value {
    public var json: JSON {
        switch self {
        case .null: .null
        case .bool(let value): .bool(value)
        case .number(let digits), .money(let digits): .number(digits)
        case .text(let text): .string(text)
        case .time(let time): .string("\(time)")
        case .reference(let entity, let id): ["entity": .string(entity), "id": .string("\(id)")]
        case .choice(let number): .int(number)
        case .choices(let numbers): .array(numbers.map { .int($0) })
        }
    }
}
