/// The doors that R2 closes.
public enum RefusalDoor: String, Hashable, Sendable, CaseIterable {
    case marketoWebhook = "marketo-webhook"
    case marketoUser = "marketo-user"
}

/// Attempts to go the wrong way, counted since they were last recorded.
public struct RefusedAttempts: Hashable, Sendable {
    public var door: RefusalDoor
    /// A user's id or a caller's address.
    public var who: String
    public var opportunity: GUID?
    public var count: Int64

    public init(_ door: RefusalDoor, who: String, opportunity: GUID? = nil, count: Int64 = 1) {
        self.door = door
        self.who = who
        self.opportunity = opportunity
        self.count = count
    }
}

/// The refusals at one door, for one caller and one opportunity.
public struct RefusalItem: Hashable, Sendable {
    /// Identifies the row in a cursor, nothing else.
    public let number: Int64
    /// The latest attempt.
    public var at: Timestamp
    public let door: RefusalDoor
    public let who: String
    public let opportunity: GUID?
    public var count: Int64
    public var isAllowed: Bool

    public init(
        number: Int64,
        at: Timestamp,
        door: RefusalDoor,
        who: String,
        opportunity: GUID?,
        count: Int64,
        isAllowed: Bool = false
    ) {
        self.number = number
        self.at = at
        self.door = door
        self.who = who
        self.opportunity = opportunity
        self.count = count
        self.isAllowed = isAllowed
    }
}

/// Attempts with the same key are counted together.
public struct RefusalKey: Hashable, Sendable {
    public let door: RefusalDoor
    public let who: String
    public let opportunity: GUID?
}

extension RefusedAttempts {
    public var key: RefusalKey { RefusalKey(door: door, who: who, opportunity: opportunity) }
}

extension RefusalItem {
    public var key: RefusalKey { RefusalKey(door: door, who: who, opportunity: opportunity) }
}
