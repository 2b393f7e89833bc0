package import OnewayCore
package import Store

/// A replay in the background: one at a time, in steps.
package struct ReplayJob: Equatable {
    var job: Job

    /// Returns nil for a job of another kind.
    package init?(_ job: Job) {
        guard job.key.kind == .replay else { return nil }
        self.job = job
    }

    init(_ work: ReplayWork, before: InboxID, startedAt: Timestamp) {
        job = Job(Job.Key(.replay, "\(InboxID(earliestAt: startedAt))"), work: work.json.encoded, startedAt: startedAt)
        self.before = before
    }

    /// Notifications continue before this one: the newest came first.
    var before: InboxID {
        get { job.cursor.flatMap(InboxID.init) ?? InboxID(number: .max) }
        set { job.cursor = "\(newValue)" }
    }

    var replayed: Int { job.counts["replayed"] ?? 0 }
    var skipped: Int { job.counts["skipped"] ?? 0 }

    package var json: JSON {
        [
            "job": .string(job.key.name), "state": .string(job.state.rawValue), "replayed": .int(replayed),
            "skipped": .int(skipped), "startedAt": .string("\(job.startedAt)"),
            "endedAt": .optional(job.endedAt.map { "\($0)" }), "before": .string("\(before)"),
            "message": .optional(job.message),
        ]
    }

    /// The one that is running, or the last that did.
    package static func latest(in store: any StoreQueries) async throws(StoreError) -> ReplayJob? {
        try await store.jobs(.replay, nil, limit: 1).first.flatMap(ReplayJob.init)
    }

    /// Nil while another one is running.
    package static func begin(
        _ work: ReplayWork,
        before: InboxID = InboxID(number: .max),
        in store: any StoreIntake,
        now: Timestamp
    ) async throws(StoreError) -> ReplayJob? {
        let replay = ReplayJob(work, before: before, startedAt: now)
        return try await store.begin(replay.job) ? replay : nil
    }
}

/// The notifications that a replay covers.
package enum ReplayWork: Equatable {
    /// Newest first, without repetitions.
    case notifications([InboxID])
    case range(InboxFilter)

    var json: JSON {
        switch self {
        case .notifications(let ids): ["notifications": .array(ids.map { .string("\($0)") })]
        case .range(let filter):
            [
                "outcome": .optional(filter.outcome?.rawValue), "from": .optional(filter.from.map { "\($0)" }),
                "to": .optional(filter.to.map { "\($0)" }),
            ]
        }
    }

    init?(_ bytes: [UInt8]) {
        guard let root = try? JSONDocument(bytes).root, !root.members.isEmpty else { return nil }
        if let ids = root["notifications"] {
            self = .notifications(ids.elements.compactMap { $0.string.flatMap(InboxID.init) })
        } else {
            self = .range(
                InboxFilter(
                    outcome: root["outcome"]?.string.flatMap(Outcome.init),
                    from: root["from"]?.string.flatMap(Timestamp.init(iso8601:)),
                    to: root["to"]?.string.flatMap(Timestamp.init(iso8601:))
                )
            )
        }
    }
}
