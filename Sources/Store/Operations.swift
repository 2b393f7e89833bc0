public import OnewayCore

/// The state of the store, without counting rows.
public struct StoreStatus: Hashable, Sendable {
    public var inbox: [Outcome: Int64] = [:]
    /// The size of all bodies in the store.
    public var inboxBytes: Int64 = 0
    public var unapplied: Int64 = 0
    public var outbox: [RecordKind: [DeliveryState.Stage: Int64]] = [:]
    /// Opportunities by their standing.
    public var opportunities: [OpportunityState: Int64] = [:]
    public var refusals: Int64 = 0
    /// Records that Dynamics is to be asked for.
    public var questions: Int64 = 0
    /// Opportunities that Dynamics has, as far as we know, and those of them that Marketo has confirmed.
    public var opportunitiesKnown: Int64 = 0
    public var opportunitiesHeld: Int64 = 0
    /// Records whose change has not reached all of the outbox yet.
    public var stale: Int64 = 0
    /// Since when the oldest unapplied notification has been waiting.
    public var unappliedSince: Timestamp?
    /// Since when the longest pending record has been waiting for Marketo.
    public var pendingSince: Timestamp?

    public func outbox(_ stage: DeliveryState.Stage) -> Int64 {
        outbox.values.reduce(0) { $0 + ($1[stage] ?? 0) }
    }
}

extension StoreStatus {
    init(_ counters: Counters) {
        for outcome in Outcome.allCases { inbox[outcome] = counters[.rows(outcome)] }
        for kind in RecordKind.allCases {
            let stages = DeliveryState.Stage.allCases.map { ($0, counters[.outbox(kind, $0)]) }
            outbox[kind] = Dictionary(uniqueKeysWithValues: stages)
        }
        for state in OpportunityState.allCases { opportunities[state] = counters[.standing(state)] }
        (inboxBytes, refusals, stale) = (counters[.bodyBytes], counters[.refusals], counters[.stale])
        questions = counters[.questions]
        (opportunitiesKnown, opportunitiesHeld) = (counters[.opportunitiesKnown], counters[.opportunitiesHeld])
        unapplied = counters[.unapplied]
    }
}

/// The store's size on disk, in bytes.
public struct StoreRoom: Hashable, Sendable {
    public var file: Int64
    /// Committed, but not yet copied into the file.
    public var log: Int64
    /// Free within the file; nil when it was opened for reading only.
    public var reusable: Int64?
    /// Nil where the file system does not say.
    public var free: Int64?

    public init(file: Int64, log: Int64, reusable: Int64?, free: Int64?) {
        self.file = file
        self.log = log
        self.reusable = reusable
        self.free = free
    }
}

/// One transaction of the writer, and how many notifications it stored.
public struct Commit: Hashable, Sendable {
    public let appends: Int
    /// From its beginning until it is on disk.
    public let took: Duration
}

/// One step of pruning.
public struct Pruned: Hashable, Sendable {
    public let rows: Int
    /// False when another step would find more.
    public let isDone: Bool
}
