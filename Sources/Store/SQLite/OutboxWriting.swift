import OnewayCore

extension WriteSession {
    func outboxItem(_ key: DeliveryKey) throws(StoreError) -> OutboxItem? {
        try db.prepare(SQL.outboxGet).row([.text(key.kind.rawValue), .text(key.text)]) { row throws(StoreError) in
            try row.outboxItem()
        }
    }

    /// Lets an event change a row, and writes it where it did. True then.
    @discardableResult
    func change(
        _ key: DeliveryKey,
        opportunity: GUID? = nil,
        isNew: Bool = false,
        _ event: (inout DeliveryState) -> Void
    ) throws(StoreError) -> Bool {
        let before = try outboxItem(key)
        guard before != nil || isNew else { return false }
        var state = before?.state ?? DeliveryState()
        event(&state)
        let after = OutboxItem(key: key, opportunity: before?.opportunity ?? opportunity, state: state)
        guard after != before else { return false }
        if let before {
            try update(before, to: after)
            counters[.outbox(key.kind, before.state.stage)] -= 1
        } else {
            try db.prepare(SQL.outboxInsert).run(after.values)
        }
        counters[.outbox(key.kind, state.stage)] += 1
        try regroup(before?.group, after.group)
        return true
    }

    private func regroup(_ before: OutboxGroup.Key?, _ after: OutboxGroup.Key?) throws(StoreError) {
        if before == after { return }
        if let before {
            try count(before, by: -1)
            try db.prepare(SQL.groupDeleteEmpty).run(before.values)
        }
        if let after { try count(after, by: 1) }
    }

    private func count(_ group: OutboxGroup.Key, by step: Int) throws(StoreError) {
        try db.prepare(SQL.groupCount).run(group.values + [.integer(step)])
    }

    private func update(_ before: OutboxItem, to after: OutboxItem) throws(StoreError) {
        let (old, new) = (before.indexed, after.indexed)
        let changed = new.indices.filter { new[$0] != old[$0] }
        let values = after.plain + changed.map { new[$0] } + after.name
        try db.prepare(SQL.outboxUpdate(changed: changed)).run(values)
        guard db.changes == 1 else { throw StoreError(.corrupt, "a row of the outbox is not where it was read") }
    }

    func claim(_ kind: RecordKind, limit: Int, now: Timestamp, until: Timestamp) throws(StoreError) -> [OutboxItem] {
        var items: [OutboxItem] = []
        for lane in DeliveryLane.allCases where items.count < limit {
            let due = try db.prepare(SQL.outboxDue).rows([
                .text(kind.rawValue), .integer(lane.rawValue), .integer(now.milliseconds),
                .integer(limit - items.count),
            ]) { row in DeliveryKey(kind, row.text(0)) }
            for key in due {
                try change(key) { $0.claim(now: now, until: until) }
                if let item = try outboxItem(key) { items.append(item) }
            }
        }
        if !items.isEmpty { counters[.mirrorVersion] += 1 }
        return items
    }

    /// Answers what is confirmed now: something may wait on it.
    func settle(_ settlements: [Settlement], now: Timestamp) throws(StoreError) -> [DeliveryKey] {
        var confirmed: [DeliveryKey] = []
        for settlement in settlements {
            let isChanged = try change(settlement.key) { state in
                state.answer(settlement.verdict, claim: settlement.claim, sent: settlement.sent, now: now)
            }
            switch settlement.verdict {
            case .confirmed where isChanged: confirmed.append(settlement.key)
            // It may have happened since it was looked at.
            case .waits(_, on: let key?, _, _) where isChanged:
                if try outboxItem(key)?.state.stage == .settled { try change(settlement.key) { $0.wake(now: now) } }
            default: break
            }
        }
        if !confirmed.isEmpty { counters[.mirrorVersion] += 1 }
        return confirmed
    }

    /// Claims of a run that ended without settling them.
    func releaseClaims(next: Timestamp) throws(StoreError) -> Int {
        let claimed = try db.prepare(SQL.outboxClaimed).rows { row throws(StoreError) in
            DeliveryKey(try row.named(0), row.text(1))
        }
        for key in claimed { try change(key) { $0.release(next: next) } }
        return claimed.count
    }

    /// Wakes what waits on these records, so many of it at a time. Answers those on which more may wait.
    func wake(
        on keys: ArraySlice<DeliveryKey>,
        limit: Int,
        now: Timestamp
    ) throws(StoreError) -> ArraySlice<DeliveryKey> {
        var (keys, left) = (keys, limit)
        while let key = keys.first {
            let waiting = try db.prepare(SQL.outboxWaitingOn)
                .rows([.text(key.kind.rawValue), .text(key.text), .integer(left)]) { row throws(StoreError) in
                    DeliveryKey(try row.named(0), row.text(1))
                }
            for key in waiting { try change(key) { $0.wake(now: now) } }
            left -= waiting.count
            if left == 0 { break }
            keys.removeFirst()
        }
        return keys
    }
}

extension OutboxGroup.Key {
    fileprivate var values: [SQLValue] { [.text(stage.rawValue), .text(why), .text(kind.rawValue)] }
}
