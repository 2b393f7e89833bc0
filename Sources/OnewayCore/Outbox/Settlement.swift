/// The result of one claimed item.
public struct Settlement: Hashable, Sendable {
    public var key: DeliveryKey
    public var claim: Int64
    public var sent: [UInt8]?
    /// The version of the desired record that was claimed.
    public var version: Int64
    /// When it was sent; nil: it was not.
    public var sentAt: Timestamp?
    public var verdict: DeliveryVerdict

    public init(_ item: OutboxItem, _ verdict: DeliveryVerdict) {
        key = item.key
        claim = item.state.claim
        sent = item.state.desired
        version = item.state.version
        self.verdict = verdict
    }

    /// Marketo no longer has it, though a record is desired: it starts over.
    public init(gone item: OutboxItem, requestID: String?) {
        self.init(item, .confirmed(requestID: requestID))
        sent = nil
    }
}

/// The records that an operator wants to retry.
public enum RetryScope: Hashable, Sendable {
    case all
    /// Also a settled one: Marketo may have lost what it confirmed.
    case key(DeliveryKey)
    case code(String)
    case waitingFor(WaitReason)
}

/// The lead for which a claimed role is about to be sent.
public struct RoleAim: Hashable, Sendable {
    public let key: DeliveryKey
    public let claim: Int64
    public let lead: Int64

    public init(_ item: OutboxItem, lead: Int64) {
        (key, claim, self.lead) = (item.key, item.state.claim, lead)
    }
}
