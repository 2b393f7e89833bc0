import Coordination
package import OnewayCore
package import Store

/// What a comparison and a survey have in common: a job that reads Marketo in steps, within a share of the day's calls,
/// and keeps what it finds.
package protocol LongComparison: Sendable {
    static var kind: Job.Kind { get }
    var job: Job { get }
    /// The percentage of the calls left today that it may make.
    var share: Int { get }

    /// Nil for a job of another kind, or if its task cannot be read.
    init?(_ job: Job)

    /// How far it has come, and what it has found.
    func json(now: Timestamp) -> JSON
}

/// Raw values are stored: rename none.
package enum SharedCount: String, CaseIterable, Sendable {
    case done, total, kept
    /// All calls to Marketo; those of today; how many it may make today; when that ends.
    case calls, callsToday, callsMax, dayEnds
}

extension LongComparison {
    /// The one that is running, or the last that did.
    package static func latest(in store: any StoreQueries) async throws(StoreError) -> Self? {
        try await store.jobs(kind, nil, limit: 1).first.flatMap(Self.init)
    }

    package func count(_ count: SharedCount) -> Int { job.counts[count.rawValue] ?? 0 }

    /// How many findings can be read.
    package var kept: Int { count(.kept) }
    package var isRunning: Bool { job.state == .running }

    /// The step under way is finished first.
    package func cancel(in store: any StoreIntake) async throws(StoreError) {
        try await store.give(.cancel, to: job.key)
    }

    package func json(_ result: JSON, now: Timestamp) -> JSON {
        [
            "id": .string(job.key.name), "state": .string(job.state.rawValue),
            "progress": [
                "done": .int(count(.done)), "total": .int(max(count(.total), count(.done))), "unit": "records",
            ],
            "startedAt": .string("\(job.startedAt)"), "endsAt": .optional(endsAt(now).map { "\($0)" }),
            "message": .optional(job.message), "calls": .int(count(.calls)), "result": result,
        ]
    }

    /// When it ended, or will at this pace.
    private func endsAt(_ now: Timestamp) -> Timestamp? {
        if let endedAt = job.endedAt { return endedAt }
        let (done, total) = (count(.done), count(.total))
        guard done > 0, total > done else { return nil }
        let taken = Double(now.milliseconds - job.startedAt.milliseconds)
        return now.adding(milliseconds: Int64(taken / Double(done) * Double(total - done)))
    }
}

extension Job {
    subscript(count: SharedCount) -> Int {
        get { counts[count.rawValue] ?? 0 }
        set { counts[count.rawValue] = newValue }
    }
}
