package import OnewayCore
package import Store

/// One reconciliation, and how far it has come.
package struct ReconcileJob: Sendable {
    package internal(set) var job: Job
    var cursor: ReconcileCursor {
        didSet { job.cursor = cursor.text }
    }

    package init(startedAt: Timestamp) {
        job = Job(Job.Key(.reconcile, "\(startedAt.milliseconds)"), startedAt: startedAt)
        cursor = ReconcileCursor()
    }

    /// Nil for a job of another kind, or one that cannot be read any more.
    package init?(_ job: Job) {
        guard job.key.kind == .reconcile, let cursor = ReconcileCursor(job.cursor) else { return nil }
        (self.job, self.cursor) = (job, cursor)
    }

    /// The table that is being compared.
    package var entity: Entity { cursor.entity }
    /// What is done with it; nil: not decided yet.
    package var phase: String? { cursor.phase?.rawValue }
    package var isRunning: Bool { job.state == .running }

    package var requests: Int { job.counts["requests"] ?? 0 }
    package var rows: Int { job.counts["rows"] ?? 0 }

    /// Changes that no notification reported.
    package func found(_ what: Discovery.What) -> Int { job.counts[what.rawValue] ?? 0 }

    package var found: Int { Discovery.What.allCases.reduce(0) { $0 + found($1) } }

    mutating func count(_ name: String, _ count: Int = 1) { job.counts[name, default: 0] += count }

    mutating func count(_ discoveries: [Discovery]) {
        for discovery in discoveries { count(discovery.what.rawValue) }
    }

    /// The one that is running, or the last that did.
    package static func latest(in store: any StoreQueries) async throws(StoreError) -> ReconcileJob? {
        try await store.jobs(.reconcile, nil, limit: 1).first.flatMap(ReconcileJob.init)
    }

    /// The last that was finished.
    package static func latestDone(in store: any StoreQueries) async throws(StoreError) -> ReconcileJob? {
        try await store.jobs(.reconcile, .done, limit: 1).first.flatMap(ReconcileJob.init)
    }

    /// Nil while another one is running.
    package static func begin(in store: any StoreIntake, now: Timestamp) async throws(StoreError) -> ReconcileJob? {
        let begun = ReconcileJob(startedAt: now)
        return try await store.begin(begun.job) ? begun : nil
    }
}
