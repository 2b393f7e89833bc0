import OnewayCore

extension Rows {
    func claim(_ kind: RecordKind, limit: Int, now: Timestamp, until: Timestamp) throws(StoreError) -> [OutboxItem] {
        let claims = Ledger.claim(try due(kind, limit: limit, now: now), now: now, until: until)
        try save(claims, advancesMirror: !claims.isEmpty)
        return claims.compactMap(\.after)
    }

    /// Returns the newly confirmed records: others may be waiting for them.
    func settle(_ settlements: [Settlement], now: Timestamp) throws(StoreError) -> [DeliveryKey] {
        var rows = RowSet(try outbox(settlements.flatMap(\.keys)), by: \.key)
        let confirmed = Ledger.settle(settlements, in: &rows, now: now)
        var changes = Changes()
        (changes.outbox, changes.advancesMirror) = (rows.changes, !confirmed.isEmpty)
        changes.events = Ledger.answered(settlements, changes.outbox, now: now)
        if !changes.outbox.isEmpty { try save(changes) }
        return confirmed
    }

    /// Wakes some of the records that wait for these. Returns these again if more may be waiting, otherwise nothing.
    func wake(on keys: [DeliveryKey], limit: Int, now: Timestamp) throws(StoreError) -> [DeliveryKey] {
        if keys.isEmpty { return [] }
        let waiting = try waiting(on: keys, limit: limit)
        try save(Ledger.wake(waiting, now: now))
        return waiting.count < limit ? [] : keys
    }

    func releaseClaims(next: Timestamp) throws(StoreError) -> Int {
        let claimed = try claimed()
        try save(Ledger.release(claimed, next: next))
        return claimed.count
    }

    func doubt(_ keys: [DeliveryKey], now: Timestamp) throws(StoreError) {
        try save(Ledger.doubt(try outbox(keys), now: now))
    }

    func retry(_ keys: [DeliveryKey], now: Timestamp) throws(StoreError) -> Int {
        let changes = Ledger.retry(try outbox(keys), now: now)
        try save(changes)
        return changes.count
    }

    func sendAgain(_ key: DeliveryKey, now: Timestamp) throws(StoreError) -> Int {
        let changes = Ledger.sendAgain(try outbox([key]), now: now)
        try save(changes)
        return changes.count
    }

    private func save(_ outbox: [RowChange<OutboxItem>], advancesMirror: Bool = false) throws(StoreError) {
        if outbox.isEmpty { return }
        var changes = Changes()
        (changes.outbox, changes.advancesMirror) = (outbox, advancesMirror)
        try save(changes)
    }
}

extension Settlement {
    /// The records that are needed to settle it.
    fileprivate var keys: [DeliveryKey] {
        if case .waits(_, on: let other?, _, _) = verdict { [key, other] } else { [key] }
    }
}
