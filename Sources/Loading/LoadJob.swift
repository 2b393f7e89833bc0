package import OnewayCore
package import Store

/// A load, and how far it has come.
package struct LoadJob: Sendable {
    package internal(set) var job: Job
    package let work: LoadWork
    var cursor: LoadCursor {
        didSet { job.cursor = cursor.text }
    }

    package init(_ work: LoadWork, startedAt: Timestamp) {
        self.work = work
        job = Job(Job.Key(.load, "\(startedAt.milliseconds)"), work: work.json.encoded, startedAt: startedAt)
        cursor = LoadCursor()
    }

    /// Nil for a job of another kind, or one that cannot be read any more.
    package init?(_ job: Job) {
        guard job.key.kind == .load, let work = LoadWork(job.work), let cursor = LoadCursor(job.cursor) else {
            return nil
        }
        (self.job, self.work, self.cursor) = (job, work, cursor)
    }

    package var phase: LoadPhase { cursor.phase }

    /// All that it was to read, whether or not Marketo has it.
    package var hasReadAll: Bool { job.state == .done || phase == .sending }

    /// Rows that were read of a table.
    package func read(_ entity: Entity) -> Int { job.counts[entity.rawValue] ?? 0 }

    /// Rows that are to be read of a table, as far as it is known.
    package func expected(_ entity: Entity) -> Int? { job.counts["of-\(entity.rawValue)"] }

    mutating func count(_ rows: Int, of entity: Entity) { job.counts[entity.rawValue, default: 0] += rows }

    mutating func expect(_ rows: Int, of entity: Entity) { job.counts["of-\(entity.rawValue)"] = rows }

    package var requests: Int { job.counts["requests"] ?? 0 }

    mutating func count(requests: Int) { job.counts["requests", default: 0] += requests }

    /// When the present phase began, for estimates. In seconds, because counts are numbers.
    package var phaseBeganAt: Int64 { job.counts["phaseBeganAt"].map(Int64.init) ?? job.startedAt.second }

    mutating func enter(_ phase: LoadPhase, now: Timestamp) {
        cursor.enter(phase)
        job.counts["phaseBeganAt"] = Int(now.second)
        job.message = nil
    }

    /// The one that is running, or the last that did.
    package static func latest(in store: any StoreQueries) async throws(StoreError) -> LoadJob? {
        try await store.jobs(.load, nil, limit: 1).first.flatMap(LoadJob.init)
    }

    /// Nil while another one is running.
    package static func begin(
        _ work: LoadWork,
        in store: any StoreIntake,
        now: Timestamp
    ) async throws(StoreError) -> LoadJob? {
        let load = LoadJob(work, startedAt: now)
        return try await store.begin(load.job) ? load : nil
    }
}
