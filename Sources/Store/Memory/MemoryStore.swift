public import OnewayCore
import Threads

/// The store that forgets: for trying, for tests, and as the plainest statement of what a store does.
public final class MemoryStore: Store {
    private struct Contents {
        var inbox = MemoryInbox()
        var mirror: [RecordKey: (record: MirrorRecord, references: [Reference])] = [:]
        var stale: [RecordKey: StaleRecord] = [:]
        var version: Int64 = 0
        var outbox = MemoryOutbox()
        var refusals: [RefusalItem] = []
        var refusalsSeen: Int64 = 0
        var leads: [String: RememberedLead] = [:]
        var notes: [String: [UInt8]] = [:]
        var isClosed = false
    }

    private let contents = Locked(Contents())
    private let limits: StoreLimits

    public init(limits: StoreLimits = StoreLimits()) { self.limits = limits }

    private func with<Value: Sendable>(
        _ body: (inout Contents) throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        try contents.withLock { contents throws(StoreError) in
            if contents.isClosed { throw .closed }
            return try body(&contents)
        }
    }

    public var room: StoreRoom? { nil }

    public var failure: StoreError? { contents.withLock { $0.isClosed ? .closed : nil } }

    public func status() async throws(StoreError) -> StoreStatus {
        try with { contents in
            var status = StoreStatus()
            contents.inbox.fill(&status)
            contents.outbox.fill(&status)
            status.refusals = Int64(contents.refusals.count)
            status.stale = Int64(contents.stale.count)
            return status
        }
    }

    // MARK: Inbox

    public func append(_ entry: InboxEntry, now: Timestamp) async throws(StoreError) -> Appended {
        let packed = try PackedEntry(entry, receivedAt: now)
        return try with { contents throws(StoreError) in try contents.inbox.append(packed, limits: limits) }
    }

    public func unapplied(limit: Int, bytesMax: Int) async throws(StoreError) -> [UnappliedEntry] {
        try with { $0.inbox.unapplied(limit: limit, bytesMax: bytesMax) }
    }

    public func applied(
        before: InboxID?,
        limit: Int,
        rowsMax: Int,
        bytesMax: Int
    ) async throws(StoreError) -> AppliedPage {
        try with { $0.inbox.applied(before: before, limit: limit, rowsMax: rowsMax, bytesMax: bytesMax) }
    }

    public func inbox(_ filter: InboxFilter, before: InboxID?, limit: Int) async throws(StoreError) -> [InboxItem] {
        try with { $0.inbox.list(filter, before: before, limit: limit) }
    }

    public func inboxItem(_ id: InboxID) async throws(StoreError) -> InboxItem? { try with { $0.inbox.item(id) } }

    public func body(of id: InboxID) async throws(StoreError) -> [UInt8]? {
        try with { contents throws(StoreError) in try contents.inbox.body(of: id) }
    }

    public func replay(_ ids: [InboxID], now: Timestamp) async throws(StoreError) -> [InboxID] {
        try with { $0.inbox.replay(ids, now: now) }
    }

    public func prune(olderThan oldest: Timestamp, rowsMax: Int) async throws(StoreError) -> Pruned {
        try with { $0.inbox.prune(olderThan: oldest, rowsMax: rowsMax, bytesMax: limits.inboxBytesMax) }
    }

    // MARK: Mirror

    public func mirrorVersion() async throws(StoreError) -> MirrorVersion {
        try with { MirrorVersion(number: $0.version) }
    }

    public func records(_ keys: [RecordKey]) async throws(StoreError) -> [RecordKey: MirrorRecord] {
        try with { contents in
            let found = keys.compactMap { contents.mirror[$0]?.record }
            return Dictionary(found.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        }
    }

    public func records(of entity: Entity, after: GUID?, limit: Int) async throws(StoreError) -> [MirrorRecord] {
        try with { contents in
            let found = contents.mirror.values.map(\.record)
                .filter { record in record.key.entity == entity && after.map { record.key.id > $0 } ?? true }
            return Array(found.sorted { $0.key < $1.key }.prefix(limit))
        }
    }

    public func opportunities(named beginning: String, limit: Int) async throws(StoreError) -> [GUID] {
        let first = SearchName.of(beginning)
        return try with { contents in
            let found = contents.mirror.values.compactMap { row -> (name: [UInt8], id: GUID)? in
                guard row.record.key.entity == .opportunity, let name = row.record.searchName,
                    name.utf8.starts(with: first.utf8)
                else { return nil }
                return (Array(name.utf8), row.record.key.id)
            }
            let sorted = found.sorted {
                $0.name == $1.name ? $0.id < $1.id : $0.name.lexicographicallyPrecedes($1.name)
            }
            return sorted.prefix(limit).map(\.id)
        }
    }

    public func referrers(
        to key: RecordKey,
        from entity: Entity,
        after: GUID?,
        limit: Int
    ) async throws(StoreError) -> [GUID] {
        try with { contents in
            let found = contents.mirror.filter { from, row in
                from.entity == entity && after.map { from.id > $0 } ?? true
                    && row.references.contains { $0.to == key }
            }
            return Array(found.keys.map(\.id).sorted().prefix(limit))
        }
    }

    public func referrers(
        to keys: [RecordKey],
        from entity: Entity
    ) async throws(StoreError) -> [RecordKey: [GUID]] {
        try with { contents in
            var found = Dictionary(uniqueKeysWithValues: Set(keys).map { ($0, [GUID]()) })
            for (from, row) in contents.mirror where from.entity == entity {
                for to in Set(row.references.map(\.to)) { found[to]?.append(from.id) }
            }
            return found.mapValues { $0.sorted() }
        }
    }

    public func stale(limit: Int) async throws(StoreError) -> [StaleRecord] {
        try with { contents in
            let sorted = contents.stale.values.sorted {
                ($1.key.entity.rawValue, $0.key.id) < ($0.key.entity.rawValue, $1.key.id)
            }
            return Array(sorted.prefix(limit))
        }
    }

    @discardableResult
    public func apply(_ application: Application, now: Timestamp) async throws(StoreError) -> Duration {
        let start = ContinuousClock.now
        try with { contents throws(StoreError) in
            guard contents.version == application.basis.number else {
                throw StoreError(.outdated, "the mirror has changed since")
            }
            contents.version += 1
            for (record, references) in application.records { contents.mirror[record.key] = (record, references) }
            for wish in application.wishes {
                contents.outbox.change(wish.key, opportunity: wish.opportunity, isNew: true) {
                    $0.want(wish.wish, now: now)
                }
            }
            for key in application.fresh { contents.stale[key] = nil }
            for record in application.stale { contents.stale[record.key] = record.over(contents.stale[record.key]) }
            for id in application.applied { contents.inbox.markApplied(id) }
            for revision in application.revised { contents.inbox.revise(revision) }
        }
        return ContinuousClock.now - start
    }

    // MARK: Outbox

    public func claim(
        _ kind: RecordKind,
        limit: Int,
        now: Timestamp,
        until: Timestamp
    ) async throws(StoreError) -> [OutboxItem] {
        try with { contents in
            let claimed = contents.outbox.claim(kind, limit: limit, now: now, until: until)
            if !claimed.isEmpty { contents.version += 1 }
            return claimed
        }
    }

    public func settle(_ settlements: [Settlement], now: Timestamp) async throws(StoreError) {
        try with { contents in
            if contents.outbox.settle(settlements, now: now) { contents.version += 1 }
        }
    }

    public func releaseClaims(next: Timestamp) async throws(StoreError) -> Int {
        try with { $0.outbox.releaseClaims(next: next) }
    }

    public func doubt(_ keys: [DeliveryKey], now: Timestamp) async throws(StoreError) {
        try with { $0.outbox.doubt(keys, now: now) }
    }

    public func retry(_ scope: RetryScope, now: Timestamp) async throws(StoreError) -> Int {
        try with { $0.outbox.retry(scope, now: now) }
    }

    public func nextDue(_ kind: RecordKind) async throws(StoreError) -> Timestamp? {
        try with { $0.outbox.nextDue(kind) }
    }

    public func outbox(
        _ filter: OutboxFilter,
        after: DeliveryKey?,
        limit: Int
    ) async throws(StoreError) -> [OutboxItem] {
        try with { $0.outbox.list(filter, after: after, limit: limit) }
    }

    public func outboxGroups() async throws(StoreError) -> [OutboxGroup] { try with { $0.outbox.groups } }

    public func outboxItem(_ key: DeliveryKey) async throws(StoreError) -> OutboxItem? {
        try with { $0.outbox.item(key) }
    }

    public func outbox(of opportunities: [GUID]) async throws(StoreError) -> [GUID: [OutboxItem]] {
        let wanted = Set(opportunities)
        return try with { contents in
            let items = contents.outbox.list(OutboxFilter(), after: nil, limit: .max)
            return Dictionary(grouping: items.filter { $0.opportunity.map(wanted.contains) ?? false }) {
                $0.opportunity ?? .zero
            }
        }
    }

    // MARK: Leads

    public func leads(_ values: [String]) async throws(StoreError) -> [String: RememberedLead] {
        try with { contents in contents.leads.filter { values.contains($0.key) } }
    }

    public func remember(_ leads: [RememberedLead]) async throws(StoreError) {
        try with { contents in
            for lead in leads { contents.leads[lead.value] = lead }
        }
    }

    public func forgetLeads(_ values: [String]) async throws(StoreError) {
        try with { contents in
            for value in values { contents.leads[value] = nil }
        }
    }

    // MARK: Forgetting a person

    public func roles(of contact: GUID) async throws(StoreError) -> [OutboxItem] {
        try with { contents in
            contents.outbox.list(OutboxFilter(kind: .role), after: nil, limit: .max).filter { $0.isRole(of: contact) }
        }
    }

    public func mentions(of records: [GUID], after: InboxID?, limit: Int) async throws(StoreError) -> Mentions {
        try with { contents throws(StoreError) in
            try contents.inbox.mentions(MentionSearch(records), after: after, limit: limit)
        }
    }

    public func erase(_ erasure: Erasure) async throws(StoreError) -> Erased {
        try with { contents throws(StoreError) in
            guard contents.version == erasure.basis.number else {
                throw StoreError(.outdated, "the mirror has changed since")
            }
            contents.version += 1
            var erased = Erased()
            for key in erasure.removed {
                contents.stale[key] = nil
                if contents.mirror.removeValue(forKey: key) != nil { erased.mirror += 1 }
            }
            for (record, references) in erasure.cleaned { contents.mirror[record.key] = (record, references) }
            for stale in erasure.stale { contents.stale[stale.key] = stale.over(contents.stale[stale.key]) }
            for key in erasure.outbox where contents.outbox.remove(key) { erased.outbox += 1 }
            for value in erasure.leads { contents.leads[value] = nil }
            for id in erasure.inbox where contents.inbox.removeApplied(id) { erased.inbox += 1 }
            return erased
        }
    }

    // MARK: Refusals and the rest

    public func record(_ attempts: [RefusedAttempts], now: Timestamp) async throws(StoreError) {
        try with { contents in
            for attempt in attempts {
                let known = contents.refusals.firstIndex {
                    ($0.door, $0.who, $0.opportunity) == (attempt.door, attempt.who, attempt.opportunity)
                }
                if let known {
                    contents.refusals[known] = RefusalItem(contents.refusals[known], again: attempt, at: now)
                } else {
                    contents.refusalsSeen += 1
                    contents.refusals.append(RefusalItem(attempt, number: contents.refusalsSeen, at: now))
                }
            }
            contents.refusals.removeFirst(max(0, contents.refusals.count - Int(limits.refusalRowsMax)))
        }
    }

    public func refusals(before number: Int64?, limit: Int) async throws(StoreError) -> [RefusalItem] {
        try with { Array($0.refusals.reversed().filter { $0.number < number ?? .max }.prefix(limit)) }
    }

    public func allow(_ opportunity: GUID) async throws(StoreError) -> Bool {
        try with { contents in
            let found = contents.refusals.indices.filter { contents.refusals[$0].opportunity == opportunity }
            for index in found { contents.refusals[index].isAllowed = true }
            return !found.isEmpty
        }
    }

    public func note(_ name: String) async throws(StoreError) -> [UInt8]? { try with { $0.notes[name] } }

    public func setNote(_ name: String, _ value: [UInt8]?) async throws(StoreError) {
        try with { $0.notes[name] = value }
    }

    public func problems() async throws(StoreError) -> [String] { try with { _ in [] } }

    public func close() async { contents.withLock { $0.isClosed = true } }
}

extension RefusalItem {
    fileprivate init(_ attempts: RefusedAttempts, number: Int64, at time: Timestamp) {
        self.init(
            number: number,
            at: time,
            door: attempts.door,
            who: attempts.who,
            opportunity: attempts.opportunity,
            count: attempts.count,
            isAllowed: false
        )
    }

    fileprivate init(_ known: RefusalItem, again attempts: RefusedAttempts, at time: Timestamp) {
        self = known
        at = time
        count += attempts.count
    }
}
