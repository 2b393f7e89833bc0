import OnewayCore

extension Rows {
    func claim(_ kind: RecordKind, limit: Int, now: Timestamp, until: Timestamp) throws(StoreError) -> [OutboxItem] {
        let claims = Ledger.claim(try due(kind, limit: limit, now: now), now: now, until: until)
        try save(claims, advancesMirror: !claims.isEmpty, now: now)
        return claims.compactMap(\.after)
    }

    /// Returns the records that others need not wait for any longer.
    func settle(_ settlements: [Settlement], now: Timestamp) throws(StoreError) -> [DeliveryKey] {
        var rows = RowSet(try outbox(settlements.flatMap(\.keys)), by: \.key)
        let over = Ledger.settle(settlements, in: &rows, now: now)
        var changes = Changes()
        (changes.outbox, changes.advancesMirror) = (rows.changes, !over.isEmpty)
        changes.events = Ledger.answered(settlements, changes.outbox, now: now)
        if !changes.outbox.isEmpty { try save(changes, now: now) }
        return over
    }

    /// Wakes some of the records that wait for these. Returns these again if more may be waiting, otherwise nothing.
    func wake(on keys: [DeliveryKey], limit: Int, now: Timestamp) throws(StoreError) -> [DeliveryKey] {
        if keys.isEmpty { return [] }
        let waiting = try waiting(on: keys, limit: limit)
        try save(Ledger.wake(waiting, now: now), now: now)
        return waiting.count < limit ? [] : keys
    }

    func releaseClaims(next: Timestamp) throws(StoreError) -> Int {
        let claimed = try claimed()
        try save(Ledger.release(claimed, next: next), now: next)
        return claimed.count
    }

    func aim(_ aims: [RoleAim], now: Timestamp) throws(StoreError) {
        try save(Ledger.aim(aims, of: try outbox(aims.map(\.key))), now: now)
    }

    func doubt(_ keys: [DeliveryKey], now: Timestamp) throws(StoreError) {
        try save(Ledger.doubt(try outbox(keys), now: now), now: now)
    }

    func retry(_ keys: [DeliveryKey], now: Timestamp) throws(StoreError) -> Int {
        let changes = Ledger.retry(try outbox(keys), now: now)
        try save(changes, now: now)
        return changes.count
    }

    func sendAgain(_ key: DeliveryKey, now: Timestamp) throws(StoreError) -> Int {
        let changes = Ledger.sendAgain(try outbox([key]), now: now)
        try save(changes, now: now)
        return changes.count
    }

    private func save(
        _ outbox: [RowChange<OutboxItem>],
        advancesMirror: Bool = false,
        now: Timestamp
    ) throws(StoreError) {
        if outbox.isEmpty { return }
        var changes = Changes()
        (changes.outbox, changes.advancesMirror) = (outbox, advancesMirror)
        try save(changes, now: now)
    }
}

extension Settlement {
    /// The records that are needed to settle it.
    fileprivate var keys: [DeliveryKey] {
        if case .waits(_, on: let other?, _, _) = verdict { [key, other] } else { [key] }
    }
}
