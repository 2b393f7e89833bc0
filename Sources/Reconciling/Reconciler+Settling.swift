import Applying
import Coordination
import DataverseClient
import Loading
import OnewayCore
import Store

extension Reconciler {
    /// What an answer says that may have to be put right.
    struct Found: Sendable {
        /// Its rows are compared a part at a time.
        let page: RowPage?
        let readAt: Timestamp
        /// Known, and not there any more. A list also leaves out what this user may not see, so each is asked for alone.
        var gone: [RecordKey] = []
        /// They were just being modified, and have to be read again.
        var unsettled: [RecordKey] = []
        var incomplete: Set<RecordKey> = []
        /// What is not known yet.
        var suspects: [Discovery] = []
        /// Of records that were asked for alone, which takes the place of what the page says of them.
        var answers: [MirrorRecord] = []

        var partsOfPage: Int { Self.parts(of: page?.count ?? 0) }
        var parts: Int { partsOfPage + Self.parts(of: answers.count) }

        private static func parts(of count: Int) -> Int {
            (count + BulkMerger.recordsPerStep - 1) / BulkMerger.recordsPerStep
        }
    }

    /// Compares, waits until a notification that is on its way would have come, compares again, and merges. `after` is the
    /// job when that is done.
    func settle(_ found: Found, _ job: ReconcileJob, _ given: ReconcileJob) async throws(StoreError) -> Next {
        var (found, after) = (found, given)
        if let until = graceEnd(found, job.cursor) {
            guard try await waitForNotifications(until, job.job.key) else { return .more }
        }
        let asked = found.incomplete.union(found.unsettled).union(try await alive(found.gone))
        if !asked.isEmpty {
            switch await reader.rows(asked.map(\.id), of: job.entity) {
            case .failure(let failure):
                var job = job
                return try await pass(failure, &job)
            case .success(let read):
                answered()
                after.count("requests", read.requests)
                metrics.note(requests: read.requests)
                // One that is modified all the time is left to the next reconciliation.
                found.answers += reader.facts(read.rows).facts
                let (now, missing) = (time.now(), read.missing.map { RecordKey(job.entity, $0) })
                let known = try await store.records(missing)
                // Of others the question stays open.
                for key in missing where !MirrorRecord.mayBeInCreation(known[key], now: now) {
                    var gone = MirrorRecord(key)
                    // Whoever is seen alive after the comparison began is not deleted.
                    gone.markDeleted(atSecond: found.readAt.second)
                    found.answers.append(gone)
                }
            }
        }
        var untold: [Discovery] = []
        if !found.suspects.isEmpty || !asked.isEmpty {
            for part in 0..<found.parts {
                untold += try await merger.discoveries(in: try await facts(part, of: found, job.entity).facts)
            }
        }
        try await merge(found, untold, job, &after)
        return .more
    }

    /// Nil: whatever is not known now has been told, or never will be.
    private func graceEnd(_ found: Found, _ cursor: ReconcileCursor) -> Timestamp? {
        if found.suspects.isEmpty, found.unsettled.isEmpty, found.gone.isEmpty { return nil }
        let now = time.now().milliseconds
        // By Dynamics' clock, how long ago the newest of the changes was made.
        let newest = found.suspects.compactMap { $0.modifiedAt?.milliseconds }.max()
        let age = newest.map { max(0, found.readAt.milliseconds - $0) } ?? graceMilliseconds
        var until = now + max(0, graceMilliseconds - age)
        if !found.unsettled.isEmpty { until = now + graceMilliseconds }
        // What is gone was deleted before the phase began.
        if !found.gone.isEmpty { until = max(until, (cursor.phaseBeganAt ?? now) + graceMilliseconds) }
        return Timestamp(milliseconds: until)
    }

    /// Until all that arrived before is applied. False: the work ends first.
    private func waitForNotifications(_ until: Timestamp, _ key: Job.Key) async throws(StoreError) -> Bool {
        let begun = store.signal(.jobs)
        while true {
            let seen = begun.count
            if Task.isCancelled { return false }
            if try await store.order(to: key) == .cancel { return false }
            let now = time.now()
            if now >= until {
                guard let oldest = try await store.status().unappliedSince, oldest <= until else { return true }
            }
            await begun.wait(after: seen, until: max(until, now.adding(milliseconds: Self.lookMilliseconds)), time)
        }
    }
}

// MARK: Merging

extension Reconciler {
    /// In bounded steps, the last of which says that the page is done. `before` is the job if a crash comes in between: the
    /// page is read again, and what was merged is known then.
    private func merge(
        _ found: Found,
        _ untold: [Discovery],
        _ before: ReconcileJob,
        _ after: inout ReconcileJob
    ) async throws(StoreError) {
        let (state, now) = (try await state(of: before.entity), time.now())
        // What a load has left out was not lost, and does not overtake anything.
        let isFirst = state == nil
        let loaded = try await Self.loaded(in: store) ?? Timestamp(milliseconds: 0)
        let since = state.map { Timestamp(second: $0.readAt - Self.overlapSeconds) } ?? loaded
        let causes = try await causes(of: untold, since: since, &after)
        let notes = try await ending(&after)
        var before = before
        for part in 0..<max(1, found.parts) {
            let some = try await facts(part, of: found, before.entity).facts
            let isLast = part + 1 >= found.parts
            if some.isEmpty, !isLast { continue }
            let (job, book) = (isLast ? after : before, try await Discoveries.read(in: store))
            var lost: [Discovery] = []
            try await merger.discover(some, isFirst ? .slow : .live) { discoveries, application in
                lost = discoveries.filter { $0.isLoss(since: since, to: found.readAt, isFirst: isFirst) }
                var (step, newest) = (job, book)
                step.count(lost)
                newest.add(lost.map { Discoveries.Entry(at: now, discovery: $0, cause: causes[$0.key]) })
                application.jobs = [step.job]
                if isLast { application.notes = notes }
                if !lost.isEmpty { application.notes[Discoveries.note] = newest.bytes }
                application.answers = some.filter { found.incomplete.contains($0.key) }.map {
                    QuestionAnswer($0.key, says: "read by a reconciliation")
                }
            }
            before.count(lost)
            after.count(lost)
            metrics.note(lost)
        }
        if after.job.state != .running { ended(after) }
    }

    /// To the next phase, or the next table, if this was the last page. Returns what is to be remembered then.
    private func ending(_ job: inout ReconcileJob) async throws(StoreError) -> [String: [UInt8]] {
        let cursor = job.cursor
        if cursor.link != nil || cursor.walked != nil { return [:] }
        if cursor.phase == .all {
            job.cursor.phase = .missing
            job.cursor.phaseBeganAt = time.now().milliseconds
            guard cursor.entity == .opportunity, let second = cursor.beganAt else { return [:] }
            let count = OpportunityCount(count: cursor.rows, at: Timestamp(second: second))
            return [OpportunityCount.note: count.bytes]
        }
        let (began, before) = (cursor.beganAt ?? time.now().second, try await state(of: cursor.entity))
        var columns = before?.columns ?? ""
        if case .success(let selection) = await reader.selection(of: cursor.entity) { columns = selection.select }
        let state = TableState(
            link: cursor.later,
            columns: columns,
            readAt: began,
            allReadAt: cursor.phase == .missing ? began : before?.allReadAt ?? began
        )
        advance(&job)
        return [TableState.note(cursor.entity): state.bytes]
    }
}

extension Discovery {
    /// Not counted is what was changed again while it was compared, and what was never to be told: records from before the
    /// table was last compared, or loaded, that only now matter, and people and companies that nothing has needed yet,
    /// because those that are needed are asked for at once.
    fileprivate func isLoss(since: Timestamp, to readAt: Timestamp, isFirst: Bool) -> Bool {
        // The time of an answer is told in whole seconds, less what the request took.
        if let modifiedAt, modifiedAt.second > readAt.second + 2 { return false }
        return switch what {
        case .deleted: true
        case .created:
            [.opportunity, .connection].contains(key.entity) && (modifiedAt.map { $0 >= since } ?? false)
        case .updated, .restored: !isFirst || (modifiedAt.map { $0 >= since } ?? false)
        }
    }
}
