/// How many Marketo records of a kind are parked with a code, or wait for something.
public struct OutboxGroup: Hashable, Sendable {
    public struct Key: Hashable, Sendable {
        public let stage: DeliveryState.Stage
        /// The code of what is parked; what the others wait for.
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

    /// More kinds of trouble than anybody would read.
    public static let groupsMax = 200

    /// The largest first.
    public static func isBefore(_ left: OutboxGroup, _ right: OutboxGroup) -> Bool {
        if left.count != right.count { return left.count > right.count }
        return (left.key.stage.rawValue, left.key.why, left.key.kind.rawValue)
            < (right.key.stage.rawValue, right.key.why, right.key.kind.rawValue)
    }
}

extension OutboxItem {
    /// Nil: nobody needs to look at it.
    public var group: OutboxGroup.Key? {
        switch state.stage {
        case .settled, .pending: nil
        case .parked: OutboxGroup.Key(stage: .parked, why: state.trouble?.code ?? "", kind: key.kind)
        case .waiting: OutboxGroup.Key(stage: .waiting, why: state.waitingFor?.rawValue ?? "", kind: key.kind)
        }
    }
}
