public import OnewayCore

/// What the rules want of one Marketo record.
public struct OutboxWish: Hashable, Sendable {
    public var key: DeliveryKey
    /// The opportunity this belongs to; nil for a company.
    public var opportunity: GUID?
    public var wish: DeliveryWish

    public init(_ key: DeliveryKey, opportunity: GUID?, _ wish: DeliveryWish) {
        self.key = key
        self.opportunity = opportunity
        self.wish = wish
    }
}

/// One Marketo record in the outbox.
public struct OutboxItem: Hashable, Sendable {
    public let key: DeliveryKey
    public let opportunity: GUID?
    public let state: DeliveryState
}

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
}

/// What Marketo answered when it was asked for a contact's lead.
public struct RememberedLead: Hashable, Sendable {
    /// What it was asked by: the contact's id, or what else the configuration names.
    public var value: String
    /// Nil: there was none.
    public var id: Int64?
    public var askedAt: Timestamp
    /// How often in a row there was none.
    public var misses: Int

    public init(_ value: String, id: Int64?, askedAt: Timestamp, misses: Int = 0) {
        self.value = value
        self.id = id
        self.askedAt = askedAt
        self.misses = misses
    }
}

/// Which Marketo records to list. All that is given must match.
public struct OutboxFilter: Hashable, Sendable {
    public var stage: DeliveryState.Stage?
    public var kind: RecordKind?
    public var code: String?
    public var opportunity: GUID?

    public init(
        stage: DeliveryState.Stage? = nil,
        kind: RecordKind? = nil,
        code: String? = nil,
        opportunity: GUID? = nil
    ) {
        self.stage = stage
        self.kind = kind
        self.code = code
        self.opportunity = opportunity
    }
}

/// What an operator wants tried again.
public enum RetryScope: Hashable, Sendable {
    case all
    case key(DeliveryKey)
    case code(String)
}
