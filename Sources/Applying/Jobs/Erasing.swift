package import Coordination
package import OnewayCore
package import Store

/// The progress of a contact's erasure.
package struct Erasing: Equatable, Sendable {
    /// The condition that must be met before anything is removed here.
    enum Obstacle: String {
        /// Those that arrived before the request must be applied.
        case notifications
        /// Roles must be gone there.
        case marketo
    }

    var job: Job

    private init(job: Job) { self.job = job }

    /// Returns nil for a job of another kind.
    init?(_ job: Job) {
        guard job.key.kind == .erasure else { return nil }
        self.job = job
    }

    static func key(of contact: GUID) -> Job.Key { Job.Key(.erasure, "\(contact)") }

    var contact: GUID? { GUID(job.key.name) }
    package var isDone: Bool { job.state == .done }
    var waitsFor: Obstacle? { job.message.flatMap(Obstacle.init) }
    /// As many of them as it waits for.
    var left: Int { job.counts["left"] ?? 0 }
    /// Those of them that Marketo refuses to delete: they wait until somebody retries them.
    package var refused: Int { job.counts["refused"] ?? 0 }
    /// Kept notifications that were looked through for the contact's id.
    var searched: Int { job.counts["searched"] ?? 0 }

    var removed: Erased {
        var removed = Erased()
        (removed.inbox, removed.mirror, removed.outbox) = (
            job.counts["inbox"] ?? 0, job.counts["mirror"] ?? 0, job.counts["outbox"] ?? 0
        )
        return removed
    }

    mutating func wait(for obstacle: Obstacle?, _ count: Int = 0, refused: Int = 0) {
        job.message = obstacle?.rawValue
        (job.counts["left"], job.counts["refused"]) = (count, refused)
    }

    package var json: JSON {
        [
            "contact": .string(job.key.name), "state": .string(isDone ? "done" : "running"),
            "waitsFor": .optional(waitsFor?.rawValue), "left": .int(left), "refused": .int(refused),
            "searched": .int(searched),
            "removed": [
                "inbox": .int(removed.inbox), "mirror": .int(removed.mirror), "outbox": .int(removed.outbox),
            ],
        ]
    }
}

// Requests and progress, from any replica.
extension Erasing {
    /// Begins an erasure, and waits a little for its end. Where it is not done then, it continues: Marketo has not
    /// confirmed yet that the roles are gone, or there is much to look through.
    package static func begin(
        _ contact: GUID,
        in store: any Store,
        patienceSeconds: Int = 5,
        _ time: TimeSource = .system
    ) async throws(StoreError) -> Erasing {
        let job = Job(key(of: contact), startedAt: time.now())
        _ = try await store.begin(job)
        let limit = time.now().adding(seconds: patienceSeconds)
        let progress = store.signal(.jobs)
        while true {
            let seen = progress.count
            let erasing = Erasing(job: try await store.job(job.key) ?? job)
            if erasing.isDone || time.now() >= limit { return erasing }
            await progress.wait(after: seen, until: limit, time)
        }
    }

    /// Nil where none was asked for, or where it has been forgotten since.
    package static func progress(of contact: GUID, in store: any StoreQueries) async throws(StoreError) -> Erasing? {
        try await store.job(key(of: contact)).flatMap(Erasing.init)
    }

    /// Those that cannot go on before their roles are gone in Marketo.
    package static func atMarketo(in store: any StoreQueries) async throws(StoreError) -> [Erasing] {
        try await store.jobs(.erasure, .running, limit: Ledger.endedJobsMax).compactMap(Erasing.init)
            .filter { $0.waitsFor == .marketo }
    }
}
