import OnewayCore

extension Rows {
    /// Saves changes of the outbox, with what they make of their opportunities.
    func save(_ changes: Changes, judged: [Judgement] = [], now: Timestamp) throws(StoreError) {
        let concerned = Ledger.restanding(changes.outbox).union(judged.map(\.opportunity))
        if concerned.isEmpty { return try save(changes) }
        var rows = RowSet(try standings(concerned), by: \.opportunity)
        Ledger.stand(concerned, judged, try outbox(ofEach: concerned), changes.outbox, in: &rows, now: now)
        var changes = changes
        changes.standings = rows.changes
        try save(changes)
    }
}
