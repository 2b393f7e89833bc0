import OnewayCore
import Threads

extension SQLiteStore {
    /// Runs on a thread and connection of its own, because it reads everything and may take minutes.
    public func problems() async throws(StoreError) -> [String] {
        let path = path
        return try await withCheckedContinuation { (caller: CheckedContinuation<Result<[String], StoreError>, Never>) in
            startThread {
                caller.resume(
                    returning: Result { () throws(StoreError) in
                        try Connection(path: path, .read).snapshot { db throws(StoreError) in try db.problems() }
                    }
                )
            }
        }.get()
    }
}

extension Connection {
    fileprivate func problems() throws(StoreError) -> [String] {
        let found = try prepare("PRAGMA integrity_check(20)").rows { row in row.text(0) }
        return found.filter { $0 != "ok" } + (try miscounted()) + (try misgrouped())
    }

    /// The counters that disagree with the rows.
    private func miscounted() throws(StoreError) -> [String] {
        let kept = Dictionary(uniqueKeysWithValues: try prepare(SQL.counters).rows { ($0.text(0), $0.integer(1)) })
        let counted = try counted()
        return Counters.Name.allCases.filter(\.countsRows).compactMap { counter in
            let (says, has) = (kept[counter.name] ?? 0, counted[counter])
            return says == has ? nil : "the counter \(counter.name) says \(says), the rows say \(has)"
        }
    }

    /// The groups that disagree with the rows.
    private func misgrouped() throws(StoreError) -> [String] {
        let rows = """
            SELECT stage, coalesce(CASE stage WHEN 'parked' THEN code ELSE waiting_for END, ''), kind, count(*)
            FROM outbox WHERE stage IN ('parked', 'waiting') GROUP BY 1, 2, 3
            """
        let kept = "SELECT stage, why, kind, count FROM outbox_group"
        let differing = try prepare(
            "SELECT count(*) FROM (\(rows) EXCEPT \(kept)) UNION ALL SELECT count(*) FROM (\(kept) EXCEPT \(rows))"
        )
        .rows { $0.integer(0) }
        return differing.allSatisfy { $0 == 0 } ? [] : ["the groups of the outbox disagree with its rows"]
    }

    func counted() throws(StoreError) -> Counters {
        var counted = Counters()
        let inbox = try prepare(
            "SELECT outcome, count(*), sum(body_bytes), sum(gives_way), sum(gives_way * body_bytes) FROM inbox GROUP BY 1"
        ).rows { row throws(StoreError) in
            (try row.named(0) as Outcome, (1...4).map { row.integer($0) })
        }
        for (outcome, sums) in inbox {
            counted[.rows(outcome)] = sums[0]
            counted[.bodyBytes] += sums[1]
            if outcome == .ignored { counted[.briefIgnored] = sums[2] }
            if outcome == .quarantined {
                (counted[.briefQuarantined], counted[.briefQuarantinedBytes]) = (sums[2], sums[3])
            }
        }
        let outbox = try prepare("SELECT kind, stage, count(*) FROM outbox GROUP BY kind, stage")
            .rows { row throws(StoreError) in (Counters.Name.outbox(try row.named(0), try row.named(1)), row.integer(2))
            }
        for (counter, rows) in outbox { counted[counter] = rows }
        counted[.opportunitiesHeld] =
            try prepare("SELECT count(*) FROM outbox WHERE kind = 'opportunity' AND confirmed IS NOT NULL")
            .row { $0.integer(0) } ?? 0
        let unapplied = try prepare("SELECT count(*), coalesce(sum(body_bytes), 0) FROM unapplied")
            .row { row in (row.integer(0), row.integer(1)) }
        (counted[.unapplied], counted[.unappliedBytes]) = unapplied ?? (0, 0)
        counted[.refusals] = try prepare("SELECT count(*) FROM refusal").row { $0.integer(0) } ?? 0
        counted[.questions] =
            try prepare("SELECT count(*) FROM question WHERE next_at IS NOT NULL").row { $0.integer(0) } ?? 0
        counted[.jobs] = try prepare("SELECT count(*) FROM job WHERE state = 'running'").row { $0.integer(0) } ?? 0
        counted[.stale] = try prepare("SELECT count(*) FROM stale").row { $0.integer(0) } ?? 0
        return counted
    }
}
