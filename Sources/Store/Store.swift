public import OnewayCore

/// What is kept: the inbox as it came, the mirror of Dynamics, the outbox to Marketo.
///
/// Whatever changes something answers after it is durable, and changes all of it or nothing. What throws changed
/// nothing. Times are passed in.
public protocol Store: Sendable {
    /// Why nothing can be appended now; nil when all is well. Asks the disk, not the tables.
    var failure: StoreError? { get }
    /// What the store takes on the disk, and what is free there; nil for a store that is in no file. Asks the disk.
    var room: StoreRoom? { get }
    /// Counters and two look-ups: never counts rows.
    func status() async throws(StoreError) -> StoreStatus

    // MARK: Inbox

    /// Stores a notification once, however often and from however many callers it comes.
    func append(_ entry: InboxEntry, now: Timestamp) async throws(StoreError) -> Appended
    /// The oldest that wait to be applied, up to so many and about so many bytes of bodies, but at least one.
    func unapplied(limit: Int, bytesMax: Int) async throws(StoreError) -> [UnappliedEntry]
    /// Looks through the newest `rowsMax` for those that are applied already: up to so many, with their bodies, and about
    /// so many bytes. An unreadable body is an empty one. `before` is the last of the page before.
    func applied(before: InboxID?, limit: Int, rowsMax: Int, bytesMax: Int) async throws(StoreError) -> AppliedPage
    /// Newest first; `before` is the last of the page before.
    func inbox(_ filter: InboxFilter, before: InboxID?, limit: Int) async throws(StoreError) -> [InboxItem]
    func inboxItem(_ id: InboxID) async throws(StoreError) -> InboxItem?
    func body(of id: InboxID) async throws(StoreError) -> [UInt8]?
    /// Has them applied again. Answers those that will be: not the ones that are gone or were ignored.
    func replay(_ ids: [InboxID], now: Timestamp) async throws(StoreError) -> [InboxID]
    /// One bounded step of retention.
    func prune(olderThan oldest: Timestamp, rowsMax: Int) async throws(StoreError) -> Pruned

    // MARK: Mirror

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
    /// Throws `outdated` when the mirror is not what this was computed from.
    /// Answers for how long it kept others from writing.
    @discardableResult
    func apply(_ application: Application, now: Timestamp) async throws(StoreError) -> Duration

    // MARK: Outbox

    /// Takes what is due, live ones first. Nobody else gets it before `until`, by when it should be settled.
    func claim(
        _ kind: RecordKind,
        limit: Int,
        now: Timestamp,
        until: Timestamp
    ) async throws(StoreError) -> [OutboxItem]
    /// Says what came of claims. Those that were claimed again meanwhile are passed over.
    func settle(_ settlements: [Settlement], now: Timestamp) async throws(StoreError)
    /// Gives up what an earlier run had claimed and not settled: it is in doubt, and due at `next`. Answers how many.
    func releaseClaims(next: Timestamp) async throws(StoreError) -> Int
    /// To be said before what they stand for is taken out of Marketo on behalf of another record, and when Marketo says
    /// that it is gone: what is settled is sent again.
    func doubt(_ keys: [DeliveryKey], now: Timestamp) async throws(StoreError)
    /// Answers how many are tried again.
    func retry(_ scope: RetryScope, now: Timestamp) async throws(StoreError) -> Int
    /// When the next record of this kind is due; nil when only an event makes one due.
    func nextDue(_ kind: RecordKind) async throws(StoreError) -> Timestamp?
    /// In the order of kind and key; `after` is the last of the page before.
    func outbox(_ filter: OutboxFilter, after: DeliveryKey?, limit: Int) async throws(StoreError) -> [OutboxItem]
    /// What is parked and what waits, by why, the largest groups first. Kept, not counted.
    func outboxGroups() async throws(StoreError) -> [OutboxGroup]
    func outboxItem(_ key: DeliveryKey) async throws(StoreError) -> OutboxItem?
    /// All that belongs to these opportunities.
    func outbox(of opportunities: [GUID]) async throws(StoreError) -> [GUID: [OutboxItem]]

    // MARK: Leads

    /// Those that are remembered.
    func leads(_ values: [String]) async throws(StoreError) -> [String: RememberedLead]
    func remember(_ leads: [RememberedLead]) async throws(StoreError)
    func forgetLeads(_ values: [String]) async throws(StoreError)

    // MARK: Forgetting a person

    /// All roles of a contact, gone ones too. Reads the keys of all roles.
    func roles(of contact: GUID) async throws(StoreError) -> [OutboxItem]
    /// Among the `limit` oldest notifications after this one, those that are about these records or whose body names
    /// them. Reads bodies.
    func mentions(of records: [GUID], after: InboxID?, limit: Int) async throws(StoreError) -> Mentions
    /// Throws `outdated` when the mirror is not what this was computed from.
    func erase(_ erasure: Erasure) async throws(StoreError) -> Erased

    // MARK: Refusals and the rest

    func record(_ attempts: [RefusedAttempts], now: Timestamp) async throws(StoreError)
    /// Newest first by their first attempt; `before` is the number of the last of the page before.
    func refusals(before number: Int64?, limit: Int) async throws(StoreError) -> [RefusalItem]
    /// False when nothing was refused about it.
    func allow(_ opportunity: GUID) async throws(StoreError) -> Bool

    /// Small things to remember, as the pause.
    func note(_ name: String) async throws(StoreError) -> [UInt8]?
    /// Nil forgets it.
    func setNote(_ name: String, _ value: [UInt8]?) async throws(StoreError)

    /// What is damaged, in safe words; empty when all is well. Reads everything.
    func problems() async throws(StoreError) -> [String]

    /// Writes what waits, then closes. Everything after that throws `closed`.
    func close() async
}
