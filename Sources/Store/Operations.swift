public import OnewayCore

/// How the store stands, without counting rows.
public struct StoreStatus: Hashable, Sendable {
    public var inbox: [Outcome: Int64] = [:]
    /// What bodies take in the store.
    public var inboxBytes: Int64 = 0
    public var unapplied: Int64 = 0
    public var unappliedBytes: Int64 = 0
    public var outbox: [RecordKind: [DeliveryState.Stage: Int64]] = [:]
    public var refusals: Int64 = 0
    /// Records whose change has not reached all of the outbox yet.
    public var stale: Int64 = 0
    /// Since when the oldest of those that are not applied waits.
    public var unappliedSince: Timestamp?
    /// Since when the longest pending record waits for Marketo.
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
        (inboxBytes, refusals, stale) = (counters[.bodyBytes], counters[.refusals], counters[.stale])
        (unapplied, unappliedBytes) = (counters[.unapplied], counters[.unappliedBytes])
    }
}

/// What the store takes on the disk, in bytes.
public struct StoreRoom: Hashable, Sendable {
    public var file: Int64
    /// What is committed and not yet copied into the file.
    public var log: Int64
    /// Free within the file; nil for one that was opened for reading.
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

/// One transaction of the writer: so many notifications were stored with it.
public struct Commit: Hashable, Sendable {
    public let appends: Int
    /// From its begin to the answer of the disk.
    public let took: Duration
}

/// One step of pruning.
public struct Pruned: Hashable, Sendable {
    public let rows: Int
    /// False when another step would find more.
    public let isDone: Bool
}
