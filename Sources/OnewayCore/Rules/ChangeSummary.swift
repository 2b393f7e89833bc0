/// Many changes by field: how many, and the first few of them. As large as there are fields, however many the changes.
public struct ChangeSummary: Hashable, Sendable {
    /// Changes of one kind: of a field, or the coming and going of whole records.
    public struct Group: Hashable, Sendable {
        public let kind: RecordKind
        public let effect: Effect
        public fileprivate(set) var count = 0
        public fileprivate(set) var samples: [Sample] = []
    }

    public enum Effect: Hashable, Sendable {
        case appears, disappears
        case field(String)
    }

    /// A record whose field changes; the values are JSON, nil where the record has no such field.
    public struct Sample: Hashable, Sendable {
        public let key: DeliveryKey
        public let before: [UInt8]?
        public let after: [UInt8]?
    }

    public static let samplesMax = 3

    /// The number of records that change.
    public private(set) var total = 0
    private var byKind: [RecordKind: [Effect: Group]] = [:]

    public init() {}

    /// Records that appear and disappear first, then fields by name.
    public var groups: [Group] {
        byKind.values.flatMap(\.values).sorted { ($0.kind.rawValue, $0.effect) < ($1.kind.rawValue, $1.effect) }
    }

    public mutating func add(_ change: Change) {
        total += 1
        guard let before = change.before, let after = change.after else {
            add(change, change.after == nil ? .disappears : .appears, nil, nil)
            return
        }
        let (old, new) = (Self.fields(before), Self.fields(after))
        for name in Set(old.keys).union(new.keys) where old[name] != new[name] {
            add(change, .field(name), old[name], new[name])
        }
    }

    private mutating func add(_ change: Change, _ effect: Effect, _ before: [UInt8]?, _ after: [UInt8]?) {
        var group = byKind[change.key.kind]?[effect] ?? Group(kind: change.key.kind, effect: effect)
        group.count += 1
        if group.samples.count < Self.samplesMax {
            group.samples.append(Sample(key: change.key, before: before, after: after))
        }
        byKind[change.key.kind, default: [:]][effect] = group
    }

    private static func fields(_ record: [UInt8]) -> [String: [UInt8]] {
        Dictionary(RecordMembers(record).all.map { ($0.name, $0.value.encoded) }) { first, _ in first }
    }
}

extension ChangeSummary.Effect: Comparable {
    private var rank: (Int, String) {
        switch self {
        case .appears: (0, "")
        case .disappears: (1, "")
        case .field(let name): (2, name)
        }
    }

    public static func < (one: Self, other: Self) -> Bool { one.rank < other.rank }
}

extension ChangeSummary.Group {
    public var json: JSON {
        let (what, field): (String, String?) =
            switch effect {
            case .appears: ("appears", nil)
            case .disappears: ("disappears", nil)
            case .field(let name): ("changes", name)
            }
        let samples = samples.map { sample -> JSON in
            [
                "key": .string(sample.key.text), "before": sample.before.map(JSON.encoded) ?? .null,
                "after": sample.after.map(JSON.encoded) ?? .null,
            ]
        }
        return [
            "kind": .string(kind.rawValue), "effect": .string(what), "field": .optional(field), "count": .int(count),
            "samples": .array(samples),
        ]
    }
}
