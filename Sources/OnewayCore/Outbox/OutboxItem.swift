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
    /// Counts what came into the outbox: of what is due at the same time, the lower goes first.
    public let place: Int64

    public init(key: DeliveryKey, opportunity: GUID?, state: DeliveryState, place: Int64 = 0) {
        self.key = key
        self.opportunity = opportunity
        self.state = state
        self.place = place
    }

    public func isRole(of contact: GUID) -> Bool { key.role?.contact == contact }
}
