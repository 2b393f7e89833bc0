/// The number of Marketo records of a kind that are parked with the same code, or wait for the same thing.
public struct OutboxGroup: Hashable, Sendable {
    public struct Key: Hashable, Sendable {
        public let stage: DeliveryState.Stage
        /// For parked records, the code; for waiting ones, what they wait for.
        public let why: String
        public let kind: RecordKind

        public init(stage: DeliveryState.Stage, why: String, kind: RecordKind) {
            self.stage = stage
            self.why = why
            self.kind = kind
        }
    }

    public let key: Key
    public let count: Int64

    public init(key: Key, count: Int64) {
        self.key = key
        self.count = count
    }

    /// More kinds of trouble than anyone would read.
    public static let groupsMax = 200

    /// The largest first.
    public static func isBefore(_ left: OutboxGroup, _ right: OutboxGroup) -> Bool {
        if left.count != right.count { return left.count > right.count }
        return (left.key.stage.rawValue, left.key.why, left.key.kind.rawValue)
            < (right.key.stage.rawValue, right.key.why, right.key.kind.rawValue)
    }
}

extension OutboxItem {
    /// Nil: it needs no attention.
    public var group: OutboxGroup.Key? {
        switch state.stage {
        case .settled, .pending: nil
        case .parked: OutboxGroup.Key(stage: .parked, why: state.trouble?.code ?? "", kind: key.kind)
        case .waiting: OutboxGroup.Key(stage: .waiting, why: state.waitingFor?.rawValue ?? "", kind: key.kind)
        }
    }
}
