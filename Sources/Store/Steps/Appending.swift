import OnewayCore

extension Rows {
    /// Stores all of them, and returns for each whether it was there before.
    /// - Parameter lack: Why there is no room. A refused creation is stored all the same: Dynamics reports it only
    ///   once, it is small, and without it the next change of that opportunity would look like any other.
    func append(
        _ entries: [PackedEntry],
        lack: StoreError? = nil
    ) throws(StoreError) -> [Result<Appended, StoreError>] {
        guard let lack else { return try store(entries).map { .success($0) } }
        let refused = entries.map { $0.arrival.item.outcome == .refused }
        var stored = try store(zip(entries, refused).filter(\.1).map(\.0)).makeIterator()
        return refused.map { isRefused in
            isRefused ? stored.next().map { .success($0) } ?? .failure(lack) : .failure(lack)
        }
    }

    private func store(_ entries: [PackedEntry]) throws(StoreError) -> [Appended] {
        if entries.isEmpty { return [] }
        let arrivals = entries.map(\.arrival)
        var rows = RowSet(try inbox(identities: arrivals.map(\.identity)), by: \.identity)
        let arrived = Ledger.append(arrivals, to: &rows, latest: latest)
        var changes = Changes()
        changes.inbox = rows.changes
        for (arrived, entry) in zip(arrived, entries) {
            if let id = arrived.bodyOf, let body = entry.body { changes.bodies.append((id, body)) }
        }
        try save(changes)
        try makeRoom(.ignored, of: .briefIgnored)
        try makeRoom(.quarantined, of: .briefQuarantined)
        return arrived.map(\.answer)
    }

    private func makeRoom(_ outcome: Outcome, of counter: Counters.Name) throws(StoreError) {
        let surplus = Ledger.surplus(of: outcome, counters, limits)
        if surplus.isNothing { return }
        let oldest = try givingWay(outcome, covering: surplus)
        try remove(Ledger.giveWay(oldest, of: counters[counter], for: surplus))
    }

    private func remove(_ rows: [InboxRow]) throws(StoreError) {
        if rows.isEmpty { return }
        var changes = Changes()
        changes.inbox = rows.map { RowChange(before: $0, after: nil) }
        try save(changes)
    }

    /// As a step of a job, which has come as far as it says then.
    func replay(_ ids: [InboxID], as job: Job? = nil, now: Timestamp) throws(StoreError) -> [InboxID] {
        var rows = RowSet(try inbox(ids), by: \.id)
        let replayed = Ledger.replay(ids, in: &rows, now: now)
        var changes = Changes()
        changes.inbox = rows.changes
        if let job { changes.jobs = try progress([job.adding(replayed: replayed.count, of: ids.count)]) }
        try save(changes)
        return replayed
    }

    func prune(olderThan oldest: Timestamp, rowsMax: Int) throws(StoreError) -> Pruned {
        let rows = try inbox(after: prunedTo, limit: rowsMax)
        let pruning = Ledger.prune(rows, rowsMax: rowsMax, olderThan: oldest, counters, limits)
        try remove(pruning.removed)
        prunedTo = pruning.last ?? InboxID(number: 0)
        return Pruned(rows: pruning.removed.count, isDone: pruning.last == nil)
    }

    func forgetEvents(olderThan oldest: Timestamp, rowsMax: Int) throws(StoreError) -> Pruned {
        let events = try oldestEvents(rowsMax)
        let last = Ledger.forget(events, olderThan: oldest, came: counters[.eventsCame])
        guard let last else { return Pruned(rows: 0, isDone: true) }
        var changes = Changes()
        changes.eventsForgottenTo = last
        try save(changes)
        return Pruned(
            rows: events.count { $0.number <= last },
            isDone: events.count < rowsMax || events.last?.number != last
        )
    }
}
