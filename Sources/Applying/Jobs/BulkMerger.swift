package import OnewayCore
package import Store

/// Merges many records that were read from Dynamics, a bounded number in each transaction, between which everyone else
/// gets a turn.
///
/// What follows from them is left to a pass over all opportunities, at the end: an opportunity is read before the
/// account of its customer is, and would be sent twice.
package struct BulkMerger: Sendable {
    package static let recordsPerStep = 128

    let projector: Projector
    let applier: Applier
    let now: @Sendable () -> Timestamp

    package init(projector: Projector, applier: Applier, now: @escaping @Sendable () -> Timestamp) {
        (self.projector, self.applier, self.now) = (projector, applier, now)
    }

    package var book: RuleBook { projector.book }

    /// One transaction, with how far the job has come then, if it has. Returns the number of records that it changed.
    @discardableResult
    package func merge(
        _ facts: [MirrorRecord],
        asking questions: [RecordKey: QuestionReason] = [:],
        _ job: Job? = nil
    ) async throws(StoreError) -> Int {
        var changed = 0
        try await applier.writer.write({ _, _ in }) { application throws(StoreError) in
            let changes = try await projector.merged(facts).filter { $0.before != $0.after }
            for change in changes { projector.keep(change, in: &application) }
            changed = changes.count
            application.questions = questions
            application.jobs = [job].compactMap(\.self)
            return changed > 0 || !questions.isEmpty || job != nil
        }
        return changed
    }

    /// Has everything passed on that was merged, and saves the job with it.
    package func passOn(_ job: Job) async throws(StoreError) {
        try await applier.writer.write({ _, _ in }) { application throws(StoreError) in
            // One that is running begins again: it may have passed what was merged since.
            application.jobs = [job, Job(Sweep.opportunities.key, startedAt: now())]
            return true
        }
    }

    /// How many opportunities were passed on, and whether that is all.
    package func passedOn(_ store: any StoreQueries) async throws(StoreError) -> (count: Int, isDone: Bool) {
        guard let sweep = try await store.job(Sweep.opportunities.key) else { return (0, true) }
        return (sweep.counts["passed"] ?? 0, sweep.state != .running)
    }
}
