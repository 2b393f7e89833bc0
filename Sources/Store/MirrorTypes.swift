public import OnewayCore

/// A look-up that the rules must follow backwards, as from an account to the opportunities that name it.
public struct Reference: Hashable, Sendable {
    public let attribute: String
    public let to: RecordKey

    public init(_ attribute: String, to: RecordKey) {
        self.attribute = attribute
        self.to = to
    }
}

/// Counts the changes of what the rules look at: mirror and outbox, and of the latter what is under way and what is
/// confirmed. What was computed from an older one is outdated.
public struct MirrorVersion: Hashable, Comparable, Sendable {
    public let number: Int64

    public init(number: Int64) { self.number = number }

    public static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}

/// What some notifications change, all of it or nothing.
public struct Application: Sendable {
    /// The mirror that this was computed from.
    public var basis: MirrorVersion
    /// Records as they are now, merged, with all their references.
    public var records: [(record: MirrorRecord, references: [Reference])] = []
    /// What Marketo should hold from now on.
    public var wishes: [OutboxWish] = []
    /// Inbox rows that this applies.
    public var applied: [InboxID] = []
    /// Inbox rows that are done otherwise, or that turned out to be something else: set aside, or read at last.
    public var revised: [InboxRevision] = []

    /// Records whose change is too far-reaching for one step, and how far it has come.
    public var stale: [StaleRecord] = []
    /// Records whose change has reached everything.
    public var fresh: [RecordKey] = []

    public init(basis: MirrorVersion) { self.basis = basis }
}

/// A record that changed, and whose change has still to reach what depends on it: a contact with a thousand
/// opportunities moves to another account.
public struct StaleRecord: Hashable, Sendable {
    public let key: RecordKey
    /// The last of its referrers that was reached; nil: none yet.
    public let after: GUID?
    /// Of what it makes Marketo get.
    public let lane: DeliveryLane

    public init(_ key: RecordKey, after: GUID? = nil, lane: DeliveryLane = .live) {
        self.key = key
        self.after = after
        self.lane = lane
    }

    /// One more change to a record whose last one has not reached everything yet: the faster lane is that of both.
    func over(_ earlier: StaleRecord?) -> StaleRecord {
        StaleRecord(key, after: after, lane: min(lane, earlier?.lane ?? lane))
    }
}

/// What an inbox row turned out to be.
public struct InboxRevision: Hashable, Sendable {
    public var id: InboxID
    public var outcome: Outcome
    public var message: String?
    public var entity: String?
    public var record: GUID?
    public var opportunity: GUID?
    public var code: String?
    public var reasons: [Reason]

    public init(
        _ id: InboxID,
        _ outcome: Outcome,
        message: String? = nil,
        entity: String? = nil,
        record: GUID? = nil,
        opportunity: GUID? = nil,
        code: String? = nil,
        reasons: [Reason] = []
    ) {
        self.id = id
        self.outcome = outcome
        self.message = message
        self.entity = entity
        self.record = record
        self.opportunity = opportunity
        self.code = code
        self.reasons = reasons
    }
}
