public import OnewayCore

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
    public var desired: [DesiredRecord] = []
    /// Inbox rows that this applies.
    public var applied: [InboxID] = []
    /// Inbox rows that are done otherwise, or that turned out to be something else: set aside, or read at last.
    public var revised: [InboxRevision] = []

    /// Records whose change is too far-reaching for one step, and how far it has come.
    public var stale: [StaleRecord] = []
    /// Records whose change has reached everything.
    public var fresh: [RecordKey] = []

    /// How far jobs have come with this.
    public var jobs: [Job] = []
    /// Small things to remember from then on.
    public var notes: [String: [UInt8]] = [:]

    public init(basis: MirrorVersion) { self.basis = basis }
}
