public import OnewayCore

/// Marketo's answer to a search for a contact's lead.
public struct RememberedLead: Hashable, Sendable {
    /// The value searched for: the contact's id, or another one that the configuration names.
    public var value: String
    /// Nil when there was none.
    public var id: Int64?
    public var askedAt: Timestamp
    /// How many times in a row there was none.
    public var misses: Int

    public init(_ value: String, id: Int64?, askedAt: Timestamp, misses: Int = 0) {
        self.value = value
        self.id = id
        self.askedAt = askedAt
        self.misses = misses
    }
}

/// Which Marketo records to list. Every condition that is given must match.
public struct OutboxFilter: Hashable, Sendable {
    public var stage: DeliveryState.Stage?
    public var kind: RecordKind?
    public var code: String?
    public var opportunity: GUID?
    public var waitingFor: WaitReason?

    public init(
        stage: DeliveryState.Stage? = nil,
        kind: RecordKind? = nil,
        code: String? = nil,
        opportunity: GUID? = nil,
        waitingFor: WaitReason? = nil
    ) {
        self.stage = stage
        self.kind = kind
        self.code = code
        self.opportunity = opportunity
        self.waitingFor = waitingFor
    }
}
