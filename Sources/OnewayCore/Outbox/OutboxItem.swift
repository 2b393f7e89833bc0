/// One desired Marketo record, according to the rules.
public struct DesiredRecord: Hashable, Sendable {
    public let key: DeliveryKey
    /// The opportunity this belongs to; nil for a company, a person, and a sales person.
    public var opportunity: GUID?
    public var desired: DesiredState
    /// Selected fields that are left out because no notification has contained them yet.
    public var unknown: [String] = []

    public init(_ key: DeliveryKey, opportunity: GUID? = nil, _ desired: DesiredState, unknown: [String] = []) {
        self.key = key
        self.opportunity = opportunity
        self.desired = desired
        self.unknown = unknown
    }
}

/// One Marketo record in the outbox.
public struct OutboxItem: Hashable, Sendable {
    public let key: DeliveryKey
    public let opportunity: GUID?
    public let state: DeliveryState
    /// The order of entry into the outbox: of rows due at the same time, the lower goes first.
    public let place: Int64

    public init(key: DeliveryKey, opportunity: GUID?, state: DeliveryState, place: Int64 = 0) {
        self.key = key
        self.opportunity = opportunity
        self.state = state
        self.place = place
    }

    public var contact: GUID? { key.contact }

    /// The value by which its lead is found.
    public var leadValue: String? { key.leadValue(in: state.desired ?? state.confirmed) }

    public func isRole(of contact: GUID) -> Bool { key.role?.contact == contact }
}
