import OnewayCore

/// The inbox of the memory store.
struct MemoryInbox {
    private struct Entry {
        var item: InboxItem
        let identity: [UInt8]
        var body: PackedBody?
        var givesWay: Bool
    }

    private var entries: [InboxID: Entry] = [:]
    private var firsts: [[UInt8]: InboxID] = [:]
    /// Oldest first.
    private var order: [InboxID] = []
    private var waiting: [InboxID: Timestamp] = [:]
    private var latest = InboxID(number: 0)
    private var prunedTo = InboxID(number: 0)

    mutating func append(_ packed: PackedEntry, limits: StoreLimits) throws(StoreError) -> Appended {
        if waitingBytes >= limits.inboxBytesMax, packed.entry.outcome != .refused {
            throw StoreError(.diskFull, "what is not applied yet fills the inbox")
        }
        if let first = firsts[packed.entry.identity], let entry = entries[first] {
            if packed.entry.outcome.isApplied, entry.item.outcome.givesWay {
                relabel(packed.revision(first), packed.bodyBytes)
                entries[first]?.body = entry.body ?? packed.body
                if waiting[first] == nil { waiting[first] = packed.receivedAt }
            }
            return .duplicate(of: first, outcome: entry.item.outcome)
        }
        latest = latest.next(now: packed.receivedAt)
        entries[latest] = Entry(
            item: packed.item(latest),
            identity: packed.entry.identity,
            body: packed.body,
            givesWay: packed.entry.outcome.givesWay
        )
        firsts[packed.entry.identity] = latest
        order.append(latest)
        if packed.entry.outcome.isApplied { waiting[latest] = packed.receivedAt }
        makeRoom(limits)
        return .stored(latest)
    }

    func unapplied(limit: Int, bytesMax: Int) -> [UnappliedEntry] {
        var bytes = 0
        var found: [UnappliedEntry] = []
        for id in waiting.keys.sorted().prefix(limit) where bytes < bytesMax {
            guard let entry = entries[id] else { continue }
            let body = (try? entry.body?.unpacked()) ?? []
            bytes += body.count
            found.append(
                UnappliedEntry(id: id, receivedAt: entry.item.receivedAt, outcome: entry.item.outcome, body: body)
            )
        }
        return found
    }

    func applied(before: InboxID?, limit: Int, rowsMax: Int, bytesMax: Int) -> AppliedPage {
        var (page, bytes) = (AppliedPage(), 0)
        for id in order.reversed().filter({ $0 < before ?? InboxID(number: .max) }).prefix(rowsMax)
        where page.entries.count < limit && bytes < bytesMax {
            page.last = id
            guard let entry = entries[id], entry.item.outcome.isApplied, waiting[id] == nil else { continue }
            let body = (try? entry.body?.unpacked()) ?? []
            bytes += body.count
            page.entries.append(
                UnappliedEntry(id: id, receivedAt: entry.item.receivedAt, outcome: entry.item.outcome, body: body)
            )
        }
        return page
    }

    func list(_ filter: InboxFilter, before: InboxID?, limit: Int) -> [InboxItem] {
        let from = filter.from.map(InboxID.init(earliestAt:)) ?? InboxID(number: 0)
        let to = [filter.to.map(InboxID.init(earliestAt:)), before].compactMap { $0 }.min()
        let items = order.reversed().lazy.compactMap { entries[$0]?.item }.filter { item in
            item.id >= from && to.map { item.id < $0 } ?? true
                && filter.outcome.map { $0 == item.outcome } ?? true
                && filter.opportunity.map { $0 == item.opportunity } ?? true
        }
        return Array(items.prefix(limit))
    }

    func item(_ id: InboxID) -> InboxItem? { entries[id]?.item }

    func body(of id: InboxID) throws(StoreError) -> [UInt8]? { try entries[id]?.body?.unpacked() }

    mutating func replay(_ ids: [InboxID], now: Timestamp) -> [InboxID] {
        let found = ids.filter { entries[$0]?.item.outcome.keepsBody ?? false }
        for id in found {
            entries[id]?.givesWay = false
            if waiting[id] == nil { waiting[id] = now }
        }
        return found
    }

    mutating func markApplied(_ id: InboxID) { waiting[id] = nil }

    mutating func revise(_ revision: InboxRevision) {
        guard let entry = entries[revision.id] else { return }
        waiting[revision.id] = nil
        relabel(revision, entry.item.bodyBytes)
    }

    private mutating func relabel(_ revision: InboxRevision, _ bodyBytes: Int) {
        guard let entry = entries[revision.id] else { return }
        entries[revision.id]?.givesWay = false
        entries[revision.id]?.item = InboxItem(
            id: revision.id,
            receivedAt: entry.item.receivedAt,
            outcome: revision.outcome,
            message: revision.message,
            entity: revision.entity,
            record: revision.record,
            opportunity: revision.opportunity,
            code: revision.code,
            reasons: revision.reasons,
            bodyBytes: bodyBytes
        )
    }

    mutating func prune(olderThan oldest: Timestamp, rowsMax: Int, bytesMax: Int64) -> Pruned {
        let rows = order.filter { $0 > prunedTo }.prefix(rowsMax)
        var removed = 0
        for id in rows {
            guard let entry = entries[id], bytes > bytesMax || entry.item.receivedAt < oldest else {
                prunedTo = InboxID(number: 0)
                return Pruned(rows: removed, isDone: true)
            }
            prunedTo = id
            if waiting[id] != nil { continue }
            remove(id)
            removed += 1
        }
        if rows.count < rowsMax { prunedTo = InboxID(number: 0) }
        return Pruned(rows: removed, isDone: rows.count < rowsMax)
    }

    func mentions(_ search: MentionSearch, after: InboxID?, limit: Int) throws(StoreError) -> Mentions {
        let page = order.filter { id in after.map { id > $0 } ?? true }.prefix(limit)
        var mentions = Mentions(count: page.count, last: page.last)
        for id in page where waiting[id] == nil {
            guard let entry = entries[id] else { continue }
            if search.finds(record: entry.item.record, body: try entry.body?.unpacked()) { mentions.found.append(id) }
        }
        return mentions
    }

    /// False where there is none, or it is still to be applied.
    mutating func removeApplied(_ id: InboxID) -> Bool {
        guard entries[id] != nil, waiting[id] == nil else { return false }
        remove(id)
        return true
    }

    func fill(_ status: inout StoreStatus) {
        for outcome in Outcome.allCases { status.inbox[outcome] = Int64(all(outcome).count) }
        (status.inboxBytes, status.unappliedBytes) = (bytes, waitingBytes)
        status.unapplied = Int64(waiting.count)
        status.unappliedSince = waiting.min { $0.key < $1.key }?.value
    }

    private var bytes: Int64 { entries.values.reduce(0) { $0 + Int64($1.item.bodyBytes) } }

    private var waitingBytes: Int64 { waiting.keys.reduce(0) { $0 + Int64(entries[$1]?.item.bodyBytes ?? 0) } }

    private func all(_ outcome: Outcome) -> [InboxItem] {
        order.compactMap { entries[$0]?.item }.filter { $0.outcome == outcome }
    }

    private func brief(_ outcome: Outcome) -> [InboxItem] {
        all(outcome).filter { entries[$0.id]?.givesWay ?? false }
    }

    private mutating func makeRoom(_ limits: StoreLimits) {
        let ignored = brief(.ignored)
        for item in ignored.dropLast(Int(limits.ignoredRowsMax)) { remove(item.id) }
        var quarantined = brief(.quarantined)[...]
        while quarantined.count > limits.quarantinedRowsMax
            || quarantined.count > 1
                && quarantined.reduce(0, { $0 + Int64($1.bodyBytes) }) > limits.quarantinedBytesMax
        {
            remove(quarantined.removeFirst().id)
        }
    }

    private mutating func remove(_ id: InboxID) {
        guard let entry = entries.removeValue(forKey: id) else { return }
        firsts[entry.identity] = nil
        waiting[id] = nil
        order.removeAll { $0 == id }
    }
}
