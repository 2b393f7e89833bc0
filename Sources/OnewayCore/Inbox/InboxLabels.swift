/// The labels that the inbox lists and searches notifications by.
public struct InboxLabels: Hashable, Sendable {
    public var outcome: Outcome
    public var message: String?
    public var entity: String?
    public var record: GUID?
    public var opportunity: GUID?
    public var code: String?
    public var reasons: [Reason]

    public init(
        _ outcome: Outcome,
        message: String? = nil,
        entity: String? = nil,
        record: GUID? = nil,
        opportunity: GUID? = nil,
        code: String? = nil,
        reasons: [Reason] = []
    ) {
        self.outcome = outcome
        self.message = message
        self.entity = entity
        self.record = record
        self.opportunity = opportunity
        self.code = code
        self.reasons = reasons
    }
}
