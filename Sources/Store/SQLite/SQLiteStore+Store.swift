public import OnewayCore

extension SQLiteStore: Store {
    public func status() async throws(StoreError) -> StoreStatus {
        let times = try await read { db throws(StoreError) in
            (
                try db.prepare(SQL.unappliedOldest).row { row in row.timestamp(0) },
                try db.prepare(SQL.outboxPendingSince).row { row in row.optionalInteger(0) } ?? nil
            )
        }
        var status = counters.status
        status.unappliedSince = times.0
        status.pendingSince = times.1.map(Timestamp.init(milliseconds:))
        return status
    }

    // MARK: Inbox

    public func unapplied(limit: Int, bytesMax: Int) async throws(StoreError) -> [UnappliedEntry] {
        try await readStep { db throws(StoreError) in try db.unapplied(limit: limit, bytesMax: bytesMax) }
    }

    public func applied(
        before: InboxID?,
        limit: Int,
        rowsMax: Int,
        bytesMax: Int
    ) async throws(StoreError) -> AppliedPage {
        try await read { db throws(StoreError) in
            try db.applied(before: before, limit: limit, rowsMax: rowsMax, bytesMax: bytesMax)
        }
    }

    public func inbox(_ filter: InboxFilter, before: InboxID?, limit: Int) async throws(StoreError) -> [InboxItem] {
        try await read { db throws(StoreError) in try db.inbox(filter, before: before, limit: limit) }
    }

    public func inboxItem(_ id: InboxID) async throws(StoreError) -> InboxItem? {
        try await read { db throws(StoreError) in try db.inboxItem(id) }
    }

    public func body(of id: InboxID) async throws(StoreError) -> [UInt8]? {
        try await read { db throws(StoreError) in try db.body(of: id) }
    }

    public func replay(_ ids: [InboxID], now: Timestamp) async throws(StoreError) -> [InboxID] {
        var replayed: [InboxID] = []
        for first in stride(from: 0, to: ids.count, by: Self.rowsPerJobMax) {
            let some = Array(ids[first..<min(first + Self.rowsPerJobMax, ids.count)])
            replayed += try await write { session throws(StoreError) in try session.replay(some, now: now) }
        }
        return replayed
    }

    public func prune(olderThan oldest: Timestamp, rowsMax: Int) async throws(StoreError) -> Pruned {
        try await write { session throws(StoreError) in try session.prune(olderThan: oldest, rowsMax: rowsMax) }
    }

    // MARK: Mirror

    public func mirrorVersion() async throws(StoreError) -> MirrorVersion {
        MirrorVersion(number: counters[.mirrorVersion])
    }

    public func records(_ keys: [RecordKey]) async throws(StoreError) -> [RecordKey: MirrorRecord] {
        try await readStep { db throws(StoreError) in try db.records(keys) }
    }

    public func records(of entity: Entity, after: GUID?, limit: Int) async throws(StoreError) -> [MirrorRecord] {
        try await read { db throws(StoreError) in try db.records(of: entity, after: after, limit: limit) }
    }

    public func opportunities(named beginning: String, limit: Int) async throws(StoreError) -> [GUID] {
        try await read { db throws(StoreError) in try db.opportunities(named: beginning, limit: limit) }
    }

    public func referrers(
        to key: RecordKey,
        from entity: Entity,
        after: GUID?,
        limit: Int
    ) async throws(StoreError) -> [GUID] {
        try await readStep { db throws(StoreError) in
            try db.referrers(to: key, from: entity, after: after, limit: limit)
        }
    }

    public func referrers(
        to keys: [RecordKey],
        from entity: Entity
    ) async throws(StoreError) -> [RecordKey: [GUID]] {
        try await readStep { db throws(StoreError) in
            var found: [RecordKey: [GUID]] = [:]
            for key in keys { found[key] = try db.referrers(to: key, from: entity, after: nil, limit: .max) }
            return found
        }
    }

    public func stale(limit: Int) async throws(StoreError) -> [StaleRecord] {
        // Asked after every step; nearly always there are none.
        if counters[.stale] == 0 { return [] }
        return try await readStep { db throws(StoreError) in try db.stale(limit: limit) }
    }

    @discardableResult
    public func apply(_ application: Application, now: Timestamp) async throws(StoreError) -> Duration {
        try await write { session throws(StoreError) in
            let start = ContinuousClock.now
            try session.apply(application, now: now)
            return ContinuousClock.now - start
        }
    }

    // MARK: Outbox

    public func claim(
        _ kind: RecordKind,
        limit: Int,
        now: Timestamp,
        until: Timestamp
    ) async throws(StoreError) -> [OutboxItem] {
        try await write { session throws(StoreError) in
            try session.claim(kind, limit: limit, now: now, until: until)
        }
    }

    public func settle(_ settlements: [Settlement], now: Timestamp) async throws(StoreError) {
        var sleepers = try await write { session throws(StoreError) in
            let confirmed = try session.settle(settlements, now: now)
            return try session.wake(on: confirmed[...], limit: Self.rowsPerJobMax, now: now)
        }
        while !sleepers.isEmpty {
            sleepers = try await write { [sleepers] session throws(StoreError) in
                try session.wake(on: sleepers, limit: Self.rowsPerJobMax, now: now)
            }
        }
    }

    public func releaseClaims(next: Timestamp) async throws(StoreError) -> Int {
        try await write { session throws(StoreError) in try session.releaseClaims(next: next) }
    }

    public func doubt(_ keys: [DeliveryKey], now: Timestamp) async throws(StoreError) {
        if keys.isEmpty { return }
        try await write { session throws(StoreError) in
            for key in keys { try session.change(key) { $0.doubt(now: now) } }
        }
    }

    public func retry(_ scope: RetryScope, now: Timestamp) async throws(StoreError) -> Int {
        switch scope {
        case .key(let key):
            let isChanged = try await write { session throws(StoreError) in
                try session.change(key) { $0.sendAgain(now: now) }
            }
            return isChanged ? 1 : 0
        case .code(let code):
            return try await retry(OutboxFilter(code: code), now: now)
        case .all:
            var retried = 0
            for stage in [DeliveryState.Stage.parked, .waiting, .pending] {
                retried += try await retry(OutboxFilter(stage: stage), now: now)
            }
            return retried
        }
    }

    private func retry(_ filter: OutboxFilter, now: Timestamp) async throws(StoreError) -> Int {
        var (retried, last) = (0, DeliveryKey?.none)
        while true {
            let items = try await outbox(filter, after: last, limit: Self.rowsPerJobMax)
            // Only what it changes is worth the writer's time: of those on their way already there may be very many.
            retried += try await retry(items.filter(\.state.mayBeRetried).map(\.key), now: now)
            guard items.count == Self.rowsPerJobMax else { return retried }
            last = items.last?.key
        }
    }

    private func retry(_ keys: [DeliveryKey], now: Timestamp) async throws(StoreError) -> Int {
        if keys.isEmpty { return 0 }
        return try await write { session throws(StoreError) in
            var retried = 0
            for key in keys where try session.change(key, { $0.retry(now: now) }) { retried += 1 }
            return retried
        }
    }

    public func nextDue(_ kind: RecordKind) async throws(StoreError) -> Timestamp? {
        try await read { db throws(StoreError) in try db.nextDue(kind) }
    }

    public func outbox(
        _ filter: OutboxFilter,
        after: DeliveryKey?,
        limit: Int
    ) async throws(StoreError) -> [OutboxItem] {
        try await read { db throws(StoreError) in try db.outbox(filter, after: after, limit: limit) }
    }

    public func outboxGroups() async throws(StoreError) -> [OutboxGroup] {
        try await read { db throws(StoreError) in try db.outboxGroups() }
    }

    public func outboxItem(_ key: DeliveryKey) async throws(StoreError) -> OutboxItem? {
        try await readStep { db throws(StoreError) in try db.outboxItem(key) }
    }

    public func outbox(of opportunities: [GUID]) async throws(StoreError) -> [GUID: [OutboxItem]] {
        try await readStep { db throws(StoreError) in
            var found: [GUID: [OutboxItem]] = [:]
            for id in opportunities {
                found[id] = try db.outbox(OutboxFilter(opportunity: id), after: nil, limit: .max)
            }
            return found
        }
    }

    // MARK: Leads

    public func leads(_ values: [String]) async throws(StoreError) -> [String: RememberedLead] {
        try await read { db throws(StoreError) in try db.leads(values) }
    }

    public func remember(_ leads: [RememberedLead]) async throws(StoreError) {
        try await write { session throws(StoreError) in try session.remember(leads) }
    }

    public func forgetLeads(_ values: [String]) async throws(StoreError) {
        try await write { session throws(StoreError) in
            for value in values { try session.db.prepare(SQL.leadDelete).run([.text(value)]) }
        }
    }

    // MARK: Forgetting a person

    public func roles(of contact: GUID) async throws(StoreError) -> [OutboxItem] {
        try await read { db throws(StoreError) in try db.roles(of: contact) }
    }

    public func mentions(of records: [GUID], after: InboxID?, limit: Int) async throws(StoreError) -> Mentions {
        try await read { db throws(StoreError) in try db.mentions(of: records, after: after, limit: limit) }
    }

    public func erase(_ erasure: Erasure) async throws(StoreError) -> Erased {
        try await write { session throws(StoreError) in try session.erase(erasure) }
    }

    // MARK: Refusals and the rest

    public func record(_ attempts: [RefusedAttempts], now: Timestamp) async throws(StoreError) {
        try await write { session throws(StoreError) in try session.record(attempts, now: now) }
    }

    public func refusals(before number: Int64?, limit: Int) async throws(StoreError) -> [RefusalItem] {
        try await read { db throws(StoreError) in try db.refusals(before: number, limit: limit) }
    }

    public func allow(_ opportunity: GUID) async throws(StoreError) -> Bool {
        try await write { session throws(StoreError) in try session.allow(opportunity) }
    }

    public func note(_ name: String) async throws(StoreError) -> [UInt8]? {
        try await read { db throws(StoreError) in
            try db.prepare(SQL.metaGet).row([.text(name)]) { row in row.bytes(0) }
        }
    }

    public func setNote(_ name: String, _ value: [UInt8]?) async throws(StoreError) {
        try await write { session throws(StoreError) in
            if let value {
                try session.db.prepare(SQL.metaSet).run([.text(name), .blob(value)])
            } else {
                try session.db.prepare(SQL.metaDelete).run([.text(name)])
            }
        }
    }

    /// A few milliseconds of the writer's time.
    private static let rowsPerJobMax = 200
}
