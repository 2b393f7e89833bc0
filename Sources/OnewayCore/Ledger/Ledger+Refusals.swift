extension Ledger {
    public typealias Refusals = RowSet<RefusalKey, RefusalItem>

    /// - Parameter came: The number that ever arrived.
    public static func record(_ attempts: [RefusedAttempts], in rows: inout Refusals, came: Int64, now: Timestamp) {
        var came = came
        for attempt in attempts {
            if var known = rows[attempt.key] {
                known.at = now
                known.count += attempt.count
                rows[attempt.key] = known
            } else {
                came += 1
                rows[attempt.key] = RefusalItem(
                    number: came,
                    at: now,
                    door: attempt.door,
                    who: attempt.who,
                    opportunity: attempt.opportunity,
                    count: attempt.count
                )
            }
        }
    }

    /// The number of oldest rows to remove.
    public static func surplusOfRefusals(_ counters: Counters, _ limits: StoreLimits) -> Int {
        Int(max(0, counters[.refusals] - limits.refusalRowsMax))
    }

    public static func allow(_ rows: [RefusalItem]) -> [RowChange<RefusalItem>] {
        rows.filter { !$0.isAllowed }.map { row in
            var allowed = row
            allowed.isAllowed = true
            return RowChange(before: row, after: allowed)
        }
    }
}
