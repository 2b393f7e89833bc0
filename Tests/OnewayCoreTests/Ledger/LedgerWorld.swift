import TestSupport

@testable import OnewayCore

/// Rows in dictionaries, and the ledger on them: no store.
struct LedgerWorld {
    var limits = StoreLimits(ignoredRowsMax: 3, quarantinedRowsMax: 4, quarantinedBytesMax: 60, refusalRowsMax: 3)
    var inbox: [InboxID: InboxRow] = [:]
    var outbox: [DeliveryKey: OutboxItem] = [:]
    var refusals: [RefusalKey: RefusalItem] = [:]
    var stale: [RecordKey: StaleRecord] = [:]
    var latest = InboxID(number: 0)
    var prunedTo = InboxID(number: 0)
    /// The stored counters, changed step by step.
    var counters = Counters()
    var groups: [OutboxGroup.Key: Int64] = [:]

    static func row(_ number: Int, _ outcome: Outcome, bodyBytes: Int = 10, at time: Int64 = 1_000) -> InboxRow {
        let item = InboxItem(
            id: InboxID(number: 0),
            receivedAt: Timestamp(milliseconds: time),
            labels: InboxLabels(outcome, message: "Update", entity: "opportunity"),
            bodyBytes: outcome.keepsBody ? bodyBytes : 0
        )
        return InboxRow(item: item, identity: Array("\(number)".utf8), givesWay: false, waitsSince: nil)
    }

    static func desired(_ kind: RecordKind, _ number: Int, _ text: String?, heldFor: WaitReason? = nil) -> DesiredRecord
    {
        DesiredRecord(
            DeliveryKey(kind, "\(number)"),
            opportunity: GUID(high: 1, low: UInt64(number)),
            DesiredState(text.map { Array($0.utf8) }, heldFor: heldFor)
        )
    }

    mutating func save(_ changes: [RowChange<InboxRow>]) {
        for change in changes {
            counters.count(change)
            if let row = change.before { inbox[row.id] = nil }
            if let row = change.after { inbox[row.id] = row }
        }
    }

    mutating func save(_ changes: [RowChange<OutboxItem>]) {
        for change in changes {
            counters.count(change)
            if let row = change.before { outbox[row.key] = nil }
            if let row = change.after { outbox[row.key] = row }
        }
        groups.merge(OutboxGroup.deltas(of: changes), uniquingKeysWith: +)
        groups = groups.filter { $0.value != 0 }
    }

    mutating func save(_ changes: [RowChange<RefusalItem>]) {
        for change in changes {
            counters.count(change)
            if let row = change.before { refusals[row.key] = nil }
            if let row = change.after { refusals[row.key] = row }
        }
    }

    mutating func save(_ changes: [RowChange<StaleRecord>]) {
        for change in changes {
            counters.count(change)
            if let row = change.before { stale[row.key] = nil }
            if let row = change.after { stale[row.key] = row }
        }
    }

    /// The counters computed from the rows.
    var counted: Counters {
        var counted = Counters()
        for row in inbox.values { counted.count(RowChange(before: nil, after: row)) }
        for row in outbox.values { counted.count(RowChange(before: nil, after: row)) }
        for row in refusals.values { counted.count(RowChange(before: nil, after: row)) }
        for row in stale.values { counted.count(RowChange(before: nil, after: row)) }
        return counted
    }
}

// MARK: Steps, as a store performs them

extension LedgerWorld {
    @discardableResult
    mutating func append(_ arrivals: [InboxRow]) -> [Ledger.Arrived] {
        var rows = RowSet(Array(inbox.values), by: \.identity)
        let arrived = Ledger.append(arrivals, to: &rows, latest: latest)
        save(rows.changes)
        for case .stored(let id) in arrived.map(\.answer) { latest = id }
        makeRoom(.ignored, .briefIgnored)
        makeRoom(.quarantined, .briefQuarantined)
        return arrived
    }

    private mutating func makeRoom(_ outcome: Outcome, _ counter: Counters.Name) {
        let surplus = Ledger.surplus(of: outcome, counters, limits)
        let oldest = inbox.values.filter { $0.givesWay && $0.item.outcome == outcome }.sorted { $0.id < $1.id }
        let gone = Ledger.giveWay(oldest, of: counters[counter], for: surplus)
        save(gone.map { RowChange(before: $0, after: nil) })
    }

    mutating func change(_ event: (inout Ledger.Inbox) -> Void) {
        var rows = RowSet(Array(inbox.values), by: \.id)
        event(&rows)
        save(rows.changes)
    }

    @discardableResult
    mutating func prune(olderThan oldest: Int64, rowsMax: Int) -> Ledger.Pruning {
        let rows = inbox.values.filter { $0.id > prunedTo }.sorted { $0.id < $1.id }.prefix(rowsMax)
        let time = Timestamp(milliseconds: oldest)
        let pruning = Ledger.prune(Array(rows), rowsMax: rowsMax, olderThan: time, counters, limits)
        save(pruning.removed.map { RowChange(before: $0, after: nil) })
        prunedTo = pruning.last ?? InboxID(number: 0)
        return pruning
    }

    mutating func want(_ desired: DesiredRecord..., now: Int64 = 1_000) {
        var rows = RowSet(Array(outbox.values), by: \.key)
        Ledger.want(desired, in: &rows, came: counters[.outboxCame], now: Timestamp(milliseconds: now))
        save(rows.changes)
    }

    mutating func claim(_ kind: RecordKind, limit: Int = .max, now: Int64) -> [OutboxItem] {
        let time = Timestamp(milliseconds: now)
        let due = outbox.values.filter { $0.key.kind == kind && $0.state.isDue(time) }.sorted { $0.place < $1.place }
        let until = Timestamp(milliseconds: now + 50)
        let claims = Ledger.claim(Array(due.prefix(limit)), now: time, until: until)
        save(claims)
        return claims.compactMap(\.after)
    }

    mutating func settle(_ settlements: [Settlement], now: Int64) {
        var rows = RowSet(Array(outbox.values), by: \.key)
        let confirmed = Set(Ledger.settle(settlements, in: &rows, now: Timestamp(milliseconds: now)))
        save(rows.changes)
        let waiting = outbox.values.filter { $0.state.waitsOn.map(confirmed.contains) ?? false }
        save(Ledger.wake(Array(waiting), now: Timestamp(milliseconds: now)))
    }

    mutating func record(_ attempts: [RefusedAttempts], now: Int64) {
        var rows = RowSet(Array(refusals.values), by: \.key)
        Ledger.record(attempts, in: &rows, came: counters[.refusalsCame], now: Timestamp(milliseconds: now))
        save(rows.changes)
        let oldest = refusals.values.sorted { $0.number < $1.number }
        save(oldest.prefix(Ledger.surplusOfRefusals(counters, limits)).map { RowChange(before: $0, after: nil) })
    }
}
