import OnewayCore

extension SQLReading {
    func miscounts() throws(StoreError) -> [String] { try miscounted() + misgrouped() }

    /// The counters that disagree with the rows.
    private func miscounted() throws(StoreError) -> [String] {
        let kept = Dictionary(
            uniqueKeysWithValues: try rows(SQL.countersOfAll, []) { row in (row.text(0), row.integer(1)) }
        )
        let counted = try counted()
        return Counters.Name.allCases.filter(\.countsRows).compactMap { counter in
            let (says, has) = (kept[counter.name] ?? 0, counted[counter])
            return says == has ? nil : "the counter \(counter.name) says \(says), the rows say \(has)"
        }
    }

    /// The groups that disagree with the rows.
    private func misgrouped() throws(StoreError) -> [String] {
        let counted = """
            SELECT stage, coalesce(CASE stage WHEN 'parked' THEN code ELSE waiting_for END, ''), kind, count(*)
            FROM outbox WHERE stage IN ('parked', 'waiting') GROUP BY 1, 2, 3
            """
        let kept = "SELECT stage, why, kind, count FROM outbox_group"
        let differing = try rows(
            "SELECT count(*) FROM (\(counted) EXCEPT \(kept)) AS a UNION ALL SELECT count(*) FROM (\(kept) EXCEPT \(counted)) AS b",
            []
        ) { $0.integer(0) }
        return differing.allSatisfy { $0 == 0 } ? [] : ["the groups of the outbox disagree with its rows"]
    }

    func counted() throws(StoreError) -> Counters {
        var counted = Counters()
        let inbox = try rows(
            "SELECT outcome, count(*), CAST(sum(body_bytes) AS bigint), CAST(sum(gives_way) AS bigint), CAST(sum(gives_way * body_bytes) AS bigint) FROM inbox GROUP BY 1",
            []
        ) { row throws(StoreError) in
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
        let outbox = try rows("SELECT kind, stage, count(*) FROM outbox GROUP BY kind, stage", []) {
            row throws(StoreError) in (Counters.Name.outbox(try row.named(0), try row.named(1)), row.integer(2))
        }
        for (counter, rows) in outbox { counted[counter] = rows }
        counted[.opportunitiesHeld] =
            try row("SELECT count(*) FROM outbox WHERE kind = 'opportunity' AND confirmed IS NOT NULL") {
                $0.integer(0)
            } ?? 0
        let unapplied = try row("SELECT count(*), CAST(coalesce(sum(body_bytes), 0) AS bigint) FROM unapplied") { row in
            (row.integer(0), row.integer(1))
        }
        (counted[.unapplied], counted[.unappliedBytes]) = unapplied ?? (0, 0)
        counted[.refusals] = try row("SELECT count(*) FROM refusal") { $0.integer(0) } ?? 0
        counted[.questions] =
            try row("SELECT count(*) FROM question WHERE next_at IS NOT NULL") { $0.integer(0) } ?? 0
        counted[.jobs] = try row("SELECT count(*) FROM job WHERE state = 'running'") { $0.integer(0) } ?? 0
        counted[.stale] = try row("SELECT count(*) FROM stale") { $0.integer(0) } ?? 0
        return counted
    }
}
