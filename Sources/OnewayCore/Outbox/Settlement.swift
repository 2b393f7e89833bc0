/// What came of one claimed item.
public struct Settlement: Hashable, Sendable {
    public var key: DeliveryKey
    public var claim: Int64
    public var sent: [UInt8]?
    public var verdict: DeliveryVerdict

    public init(_ item: OutboxItem, _ verdict: DeliveryVerdict) {
        key = item.key
        claim = item.state.claim
        sent = item.state.desired
        self.verdict = verdict
    }

    /// Marketo has nothing of it any more, though something is wanted: it begins anew.
    public init(gone item: OutboxItem, requestID: String?) {
        self.init(item, .confirmed(requestID: requestID))
        sent = nil
    }
}

/// What an operator wants tried again.
public enum RetryScope: Hashable, Sendable {
    case all
    /// Also where it is settled: what Marketo confirmed it may have lost since.
    case key(DeliveryKey)
    case code(String)
}
