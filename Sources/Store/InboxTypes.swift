public import OnewayCore

/// The name of one notification: stable, and sorted by arrival.
///
/// 44 bits of milliseconds, 12 bits that count within one, 7 bits for the writer: several may write without asking
/// each other.
public struct InboxID: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let number: Int64

    public init(number: Int64) { self.number = number }

    /// Sixteen hexadecimal digits, as `description` writes them.
    public init?(_ text: String) {
        guard text.utf8.count == 16, let number = UInt64(text, radix: 16), number <= Int64.max else { return nil }
        self.number = Int64(number)
    }

    public var description: String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }

    public static func < (left: Self, right: Self) -> Bool { left.number < right.number }

    /// The lowest that any writer can have given at that time.
    public init(earliestAt time: Timestamp) {
        let milliseconds = min(max(time.milliseconds, 0), Self.millisecondsMax)
        number = milliseconds << (Self.countBits + Self.writerBits)
    }

    /// The one after this; at least as late as `now`, and later than this even where the clock went back.
    func next(now: Timestamp) -> InboxID {
        let step = Int64(1) << Self.writerBits
        return max(InboxID(earliestAt: now), InboxID(number: (number / step + 1) * step))
    }

    private static let countBits: Int64 = 12
    private static let writerBits: Int64 = 7
    private static let millisecondsMax: Int64 = (1 << 44) - 1
}

/// What became of a notification when it came.
public enum Outcome: String, Sendable, CaseIterable {
    case accepted, ignored, refused, quarantined

    /// Ignored ones are counted and named, nothing more. The others may be read again by a better decoder or rule.
    var keepsBody: Bool { self != .ignored }

    /// On arrival: the oldest of these give way to the newest. What an applier sets aside later does not, because it
    /// was accepted once.
    var givesWay: Bool { self == .ignored || self == .quarantined }

    /// A refused creation is a fact about its opportunity, so it is merged like the others.
    var isApplied: Bool { self == .accepted || self == .refused }
}

/// One notification to be stored.
public struct InboxEntry: Sendable {
    /// Equal for a repetition, different for anything else.
    public var identity: [UInt8]
    public var outcome: Outcome
    public var message: String?
    public var entity: String?
    public var record: GUID?
    public var opportunity: GUID?
    public var code: String?
    public var reasons: [Reason]
    /// As it came.
    public var body: [UInt8]

    public init(
        identity: [UInt8],
        outcome: Outcome,
        message: String? = nil,
        entity: String? = nil,
        record: GUID? = nil,
        opportunity: GUID? = nil,
        code: String? = nil,
        reasons: [Reason] = [],
        body: [UInt8]
    ) {
        self.identity = identity
        self.outcome = outcome
        self.message = message
        self.entity = entity
        self.record = record
        self.opportunity = opportunity
        self.code = code
        self.reasons = reasons
        self.body = body
    }

    static let identityBytesMax = 64
}

/// The answer to an append, given after the fsync.
public enum Appended: Hashable, Sendable {
    case stored(InboxID)
    /// Stored before, under this name and with this outcome.
    case duplicate(of: InboxID, outcome: Outcome)
}

/// One notification as the inbox lists it.
public struct InboxItem: Hashable, Sendable {
    public let id: InboxID
    public let receivedAt: Timestamp
    public let outcome: Outcome
    public let message: String?
    public let entity: String?
    public let record: GUID?
    public let opportunity: GUID?
    public let code: String?
    public let reasons: [Reason]
    /// What the body takes in the store; 0 where none is kept.
    public let bodyBytes: Int
}

/// One notification to be applied.
public struct UnappliedEntry: Hashable, Sendable {
    public let id: InboxID
    public let receivedAt: Timestamp
    public let outcome: Outcome
    public let body: [UInt8]

    public init(id: InboxID, receivedAt: Timestamp, outcome: Outcome, body: [UInt8]) {
        self.id = id
        self.receivedAt = receivedAt
        self.outcome = outcome
        self.body = body
    }
}

/// Some that were applied, to be read once more.
public struct AppliedPage: Hashable, Sendable {
    public var entries: [UnappliedEntry] = []
    /// The last one looked at; nil where there was none to look at.
    public var last: InboxID?
}

/// Which notifications to list. `from` is included, `to` is not.
public struct InboxFilter: Hashable, Sendable {
    public var outcome: Outcome?
    public var from: Timestamp?
    public var to: Timestamp?
    public var opportunity: GUID?

    public init(
        outcome: Outcome? = nil,
        from: Timestamp? = nil,
        to: Timestamp? = nil,
        opportunity: GUID? = nil
    ) {
        self.outcome = outcome
        self.from = from
        self.to = to
        self.opportunity = opportunity
    }
}
