import OnewayCore

extension Rows {
    func record(_ attempts: [RefusedAttempts], now: Timestamp) throws(StoreError) {
        var rows = RowSet(try refusals(attempts.map(\.key)), by: \.key)
        Ledger.record(attempts, in: &rows, came: counters[.refusalsCame], now: now)
        try save(rows.changes)
        let surplus = Ledger.surplusOfRefusals(counters, limits)
        if surplus > 0 { try save(try oldestRefusals(surplus).map { RowChange(before: $0, after: nil) }) }
    }

    /// Returns false when nothing was refused about it.
    func allow(_ opportunity: GUID) throws(StoreError) -> Bool {
        let refused = try refusals(of: opportunity)
        try save(Ledger.allow(refused))
        return !refused.isEmpty
    }

    private func save(_ refusals: [RowChange<RefusalItem>]) throws(StoreError) {
        if refusals.isEmpty { return }
        var changes = Changes()
        changes.refusals = refusals
        try save(changes)
    }
}
