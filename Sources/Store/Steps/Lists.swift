import OnewayCore

/// The reads that a driver provides, all on one snapshot.
protocol Lists {
    /// Since when the oldest unapplied notification has been waiting.
    func unappliedSince() throws(StoreError) -> Timestamp?
    /// Since when the longest pending record has been waiting for Marketo.
    func pendingSince() throws(StoreError) -> Timestamp?

    /// Passes each with its body to `take`, until that returns false. Unapplied ones need a body only in `.unapplied`.
    func entries(_ range: EntryRange, limit: Int, _ take: (StoredEntry) -> Bool) throws(StoreError)
    func inbox(_ filter: InboxFilter, before: InboxID?, limit: Int) throws(StoreError) -> [InboxItem]
    func inboxItem(_ id: InboxID) throws(StoreError) -> InboxItem?
    func packedBody(of id: InboxID) throws(StoreError) -> PackedBody?

    func records(_ keys: [RecordKey]) throws(StoreError) -> [RecordKey: MirrorRecord]
    func records(of entity: Entity, after: GUID?, limit: Int) throws(StoreError) -> [MirrorRecord]
    /// By `SearchName`, in the order of its bytes.
    func opportunities(beginning: String, limit: Int) throws(StoreError) -> [GUID]
    func referrers(to key: RecordKey, from entity: Entity, after: GUID?, limit: Int) throws(StoreError) -> [GUID]
    func referrers(to keys: [RecordKey], from entity: Entity) throws(StoreError) -> [RecordKey: [GUID]]
    func stale(limit: Int) throws(StoreError) -> [StaleRecord]

    func nextDue(_ kind: RecordKind) throws(StoreError) -> Timestamp?
    func due(_ kind: RecordKind, limit: Int, now: Timestamp) throws(StoreError) -> [OutboxItem]
    func outbox(_ filter: OutboxFilter, after: DeliveryKey?, limit: Int) throws(StoreError) -> [OutboxItem]
    func outboxGroups(limit: Int) throws(StoreError) -> [OutboxGroup]
    func outboxItem(_ key: DeliveryKey) throws(StoreError) -> OutboxItem?
    func outbox(of opportunities: [GUID]) throws(StoreError) -> [GUID: [OutboxItem]]
    /// All roles whose keys contain this contact's id, and possibly other roles, in the order of their keys.
    func roles(naming contact: GUID) throws(StoreError) -> [OutboxItem]

    func leads(_ values: [String]) throws(StoreError) -> [String: RememberedLead]
    func refusals(before number: Int64, limit: Int) throws(StoreError) -> [RefusalItem]
    func note(_ name: String) throws(StoreError) -> [UInt8]?
    /// Those of these records that were ever asked.
    func questions(_ keys: [RecordKey]) throws(StoreError) -> [Question]
    /// The open ones about an entity, in the order in which they are due.
    func openQuestions(of entity: Entity, limit: Int) throws(StoreError) -> [Question]
    /// The newest of these subjects, newest first.
    func events(of subjects: [GUID], limit: Int) throws(StoreError) -> [DeliveryEvent]
    /// Newest first.
    func jobs(_ kind: Job.Kind, _ state: Job.State?, limit: Int) throws(StoreError) -> [Job]
    func job(_ key: Job.Key) throws(StoreError) -> Job?
}

/// Which notifications to read, and in which order.
enum EntryRange: Sendable {
    /// Unapplied ones, oldest first.
    case unapplied
    /// All, oldest first.
    case after(InboxID)
    /// All, newest first.
    case before(InboxID)
}

/// One notification of such a range.
struct StoredEntry {
    let id: InboxID
    let receivedAt: Timestamp
    let outcome: Outcome
    let record: GUID?
    let isWaiting: Bool
    let body: PackedBody?

    /// Nil when none is kept, or it is damaged.
    var readable: [UInt8]? { body.flatMap { try? $0.unpacked() } }

    /// A damaged body is returned empty: a notification that cannot be read is set aside, and holds up no other.
    var unapplied: UnappliedEntry {
        UnappliedEntry(id: id, receivedAt: receivedAt, outcome: outcome, body: readable ?? [])
    }
}

extension Lists {
    func unapplied(limit: Int, bytesMax: Int) throws(StoreError) -> [UnappliedEntry] {
        var (found, bytes) = ([UnappliedEntry](), 0)
        try entries(.unapplied, limit: limit) { stored in
            if bytes >= bytesMax { return false }
            let entry = stored.unapplied
            bytes += entry.body.count
            found.append(entry)
            return true
        }
        return found
    }

    func applied(before: InboxID?, limit: Int, rowsMax: Int, bytesMax: Int) throws(StoreError) -> AppliedPage {
        var (page, bytes) = (AppliedPage(), 0)
        try entries(.before(before ?? InboxID(number: .max)), limit: rowsMax) { stored in
            if page.entries.count >= limit || bytes >= bytesMax { return false }
            page.last = stored.id
            guard stored.outcome.isApplied, !stored.isWaiting else { return true }
            let entry = stored.unapplied
            bytes += entry.body.count
            page.entries.append(entry)
            return true
        }
        return page
    }

    func mentions(of records: [GUID], after: InboxID?, limit: Int) throws(StoreError) -> Mentions {
        let search = MentionSearch(records)
        var mentions = Mentions()
        try entries(.after(after ?? InboxID(number: 0)), limit: limit) { stored in
            (mentions.count, mentions.last) = (mentions.count + 1, stored.id)
            if !stored.isWaiting, search.finds(stored) { mentions.found.append(stored.id) }
            return true
        }
        return mentions
    }

    func roles(of contact: GUID) throws(StoreError) -> [OutboxItem] {
        try roles(naming: contact).filter { $0.isRole(of: contact) }
    }
}
