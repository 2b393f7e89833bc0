public import Coordination
public import OnewayCore

/// Reads. Any replica may. Each call sees one moment.
public protocol StoreQueries: Sendable {
    /// Fired after the commit of what it is about, whoever made it.
    func signal(_ topic: Topic) -> Signal

    /// Counters and two look-ups: never counts rows.
    func status() async throws(StoreError) -> StoreStatus
    /// The oldest that wait to be applied, up to so many and about so many bytes of bodies, but at least one.
    func unapplied(limit: Int, bytesMax: Int) async throws(StoreError) -> [UnappliedEntry]
    /// Looks through the newest `rowsMax` for those that are applied already: up to so many, with their bodies, and about
    /// so many bytes. An unreadable body is an empty one. `before` is the last of the page before.
    func applied(before: InboxID?, limit: Int, rowsMax: Int, bytesMax: Int) async throws(StoreError) -> AppliedPage
    /// Newest first; `before` is the last of the page before.
    func inbox(_ filter: InboxFilter, before: InboxID?, limit: Int) async throws(StoreError) -> [InboxItem]
    func inboxItem(_ id: InboxID) async throws(StoreError) -> InboxItem?
    func body(of id: InboxID) async throws(StoreError) -> [UInt8]?
    /// The number of notifications that wait to be applied, from the counters.
    func unappliedCount() async throws(StoreError) -> Int64

    func mirrorVersion() async throws(StoreError) -> MirrorVersion
    /// Those that are known.
    func records(_ keys: [RecordKey]) async throws(StoreError) -> [RecordKey: MirrorRecord]
    /// In the order of their ids; `after` is the last of the page before.
    func records(of entity: Entity, after: GUID?, limit: Int) async throws(StoreError) -> [MirrorRecord]
    /// Opportunities whose name begins so, whatever the case, in the order of their names.
    func opportunities(named beginning: String, limit: Int) async throws(StoreError) -> [GUID]
    /// Which records of an entity refer to this one, in the order of their ids.
    func referrers(
        to key: RecordKey,
        from entity: Entity,
        after: GUID?,
        limit: Int
    ) async throws(StoreError) -> [GUID]
    /// All of an entity that refer to each of these.
    func referrers(to keys: [RecordKey], from entity: Entity) async throws(StoreError) -> [RecordKey: [GUID]]
    /// Records whose change has not reached everything yet, opportunities first.
    func stale(limit: Int) async throws(StoreError) -> [StaleRecord]
    /// When the next record of this kind is due; nil when only an event makes one due.
    func nextDue(_ kind: RecordKind) async throws(StoreError) -> Timestamp?
    /// Those that would be claimed next, in that order.
    func due(_ kind: RecordKind, limit: Int, now: Timestamp) async throws(StoreError) -> [OutboxItem]
    /// In the order of kind and key; `after` is the last of the page before.
    func outbox(_ filter: OutboxFilter, after: DeliveryKey?, limit: Int) async throws(StoreError) -> [OutboxItem]
    /// Parked and waiting records by reason, the largest groups first. Kept, not counted.
    func outboxGroups() async throws(StoreError) -> [OutboxGroup]
    func outboxItem(_ key: DeliveryKey) async throws(StoreError) -> OutboxItem?
    /// All that belongs to these opportunities.
    func outbox(of opportunities: [GUID]) async throws(StoreError) -> [GUID: [OutboxItem]]
    /// Those that are remembered.
    func leads(_ values: [String]) async throws(StoreError) -> [String: RememberedLead]
    /// All roles of a contact, gone ones too. Reads the keys of all roles.
    func roles(of contact: GUID) async throws(StoreError) -> [OutboxItem]
    /// Among the `limit` oldest notifications after this one, those that are about these records or whose body names
    /// them. Reads bodies.
    func mentions(of records: [GUID], after: InboxID?, limit: Int) async throws(StoreError) -> Mentions
    /// Newest first by their first attempt; `before` is the number of the last of the page before.
    func refusals(before number: Int64?, limit: Int) async throws(StoreError) -> [RefusalItem]
    /// Small things to remember, as the pause.
    func note(_ name: String) async throws(StoreError) -> [UInt8]?
    /// Those of these records that Dynamics was, or is to be, asked for.
    func questions(_ keys: [RecordKey]) async throws(StoreError) -> [Question]
    /// The open ones about an entity, in the order in which they are due.
    func openQuestions(of entity: Entity, limit: Int) async throws(StoreError) -> [Question]
    /// The newest events of opportunities, and of companies by their accounts; newest first.
    func events(of subjects: [GUID], limit: Int) async throws(StoreError) -> [DeliveryEvent]
    /// Newest first.
    func jobs(_ kind: Job.Kind, _ state: Job.State?, limit: Int) async throws(StoreError) -> [Job]
    func job(_ key: Job.Key) async throws(StoreError) -> Job?
    /// Nil: nothing is ordered of it.
    func order(to job: Job.Key) async throws(StoreError) -> JobOrder?
    /// The orders that are in force.
    func orders() async throws(StoreError) -> Orders
}
