public import OnewayCore

/// Counts the changes to the rules' input: the mirror, and which records of the outbox are desired, in flight, and
/// confirmed. Anything computed from an older version is outdated.
public struct MirrorVersion: Hashable, Comparable, Sendable {
    public let number: Int64

    public init(number: Int64) { self.number = number }

    public static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}

/// The changes that some notifications make, all or nothing.
public struct Application: Sendable {
    /// The mirror version that this was computed from.
    public var basis: MirrorVersion
    /// Records as they are now, merged, with all their references.
    public var records: [(record: MirrorRecord, references: [Reference])] = []
    /// By how many more opportunities are known with these records: the counter of them cannot be derived from rows.
    public var opportunitiesKnown: Int64 = 0
    /// The records that Marketo should hold from now on.
    public var desired: [DesiredRecord] = []
    /// Whether the rules want anything of opportunities that they looked at.
    public var judged: [Judgement] = []
    /// Inbox rows that this applies.
    public var applied: [InboxID] = []
    /// Inbox rows that end with another outcome: set aside, or readable after all.
    public var revised: [InboxRevision] = []

    /// Records whose change affects too much for one step, and how far it has got.
    public var stale: [StaleRecord] = []
    /// Records whose change has reached everything that depends on them.
    public var fresh: [RecordKey] = []

    /// Records to ask Dynamics for.
    public var questions: [RecordKey: QuestionReason] = [:]
    /// The answers of Dynamics that this contains, or why there was none. They come before the questions.
    public var answers: [QuestionAnswer] = []

    /// Values by which people were searched for in Marketo, and that are theirs no longer.
    public var forgottenLeads: [String] = []

    /// How far jobs have come with this.
    public var jobs: [Job] = []
    /// Small things to remember from then on.
    public var notes: [String: [UInt8]] = [:]

    public init(basis: MirrorVersion) { self.basis = basis }
}
