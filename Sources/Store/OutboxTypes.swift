public import OnewayCore

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
