/// A failure to inject into notifications.
public struct WebhookFault: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        /// Not sent, without a trace: as after a change that bypassed custom logic.
        case drop
        /// Sent twice.
        case double
        /// Sent after a delay; others overtake it.
        case delay(seconds: Double)
        /// Sent after the next one.
        case reorder
        /// Cut as if it were too large.
        case cut
    }

    public var kind: Kind
    /// Nil: every table.
    public var table: String?
    /// Nil: every message.
    public var message: String?
    /// The number of times; nil: until it is removed.
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
