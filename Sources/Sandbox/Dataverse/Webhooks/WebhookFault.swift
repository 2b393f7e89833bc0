/// Something that is to go wrong with notifications.
public struct WebhookFault: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        /// Never sent, and nothing tells of it: as after a change that bypassed custom logic.
        case drop
        /// Sent twice.
        case double
        /// Sent this much later; others overtake it.
        case delay(seconds: Double)
        /// Sent after the one that comes next.
        case reorder
        /// Cut as if it were too large.
        case cut
    }

    public var kind: Kind
    /// Nil: of every table.
    public var table: String?
    /// Nil: every message.
    public var message: String?
    /// How often; nil: until it is taken back.
    public var times: Int?

    public init(_ kind: Kind, table: String? = nil, message: String? = nil, times: Int? = 1) {
        self.kind = kind
        self.table = table
        self.message = message
        self.times = times
    }
}

extension WebhookFault: CountedFault {
    func concerns(_ event: (table: String, message: String)) -> Bool {
        (table ?? event.table) == event.table && (message ?? event.message) == event.message
    }
}
