public import OnewayCore

/// Everything that is kept: the inbox as received, the mirror of Dynamics, the outbox to Marketo.
///
/// A call that changes something returns once the change is durable, and changes all of it or nothing: if it throws,
/// nothing has changed. Times are passed in.
public protocol Store: Sendable {
    /// Why nothing can be appended now; nil when all is well. Checks the disk, not the tables.
    var failure: StoreError? { get }
    /// The store's size on disk, and the space free there; nil for a store without a file. Checks the disk.
    var room: StoreRoom? { get }
    /// Reads counters and two indexed values; never counts rows.
    func status() async throws(StoreError) -> StoreStatus

    // MARK: Inbox

    /// Stores a notification once, however often and from however many callers it arrives.
    func append(_ entry: InboxEntry, now: Timestamp) async throws(StoreError) -> Appended
    /// Returns the oldest unapplied notifications, up to `limit` and about `bytesMax` bytes of bodies, but at least
    /// one.
    func unapplied(limit: Int, bytesMax: Int) async throws(StoreError) -> [UnappliedEntry]
    /// Searches the newest `rowsMax` for those that are already applied, and returns up to `limit` and about `bytesMax`
    /// bytes, with their bodies. An unreadable body is returned empty. `before` is the last one of the previous page.
    func applied(before: InboxID?, limit: Int, rowsMax: Int, bytesMax: Int) async throws(StoreError) -> AppliedPage
    /// Newest first; `before` is the last one of the previous page.
    func inbox(_ filter: InboxFilter, before: InboxID?, limit: Int) async throws(StoreError) -> [InboxItem]
    func inboxItem(_ id: InboxID) async throws(StoreError) -> InboxItem?
    func body(of id: InboxID) async throws(StoreError) -> [UInt8]?
    /// Has them applied again. Returns those that will be: not the ones that are gone or were ignored.
    func replay(_ ids: [InboxID], now: Timestamp) async throws(StoreError) -> [InboxID]
    /// Runs one bounded step of retention.
    func prune(olderThan oldest: Timestamp, rowsMax: Int) async throws(StoreError) -> Pruned

    // MARK: Mirror

    func mirrorVersion() async throws(StoreError) -> MirrorVersion
    /// Returns those that are known.
    func records(_ keys: [RecordKey]) async throws(StoreError) -> [RecordKey: MirrorRecord]
    /// In the order of their ids; `after` is the last one of the previous page.
    func records(of entity: Entity, after: GUID?, limit: Int) async throws(StoreError) -> [MirrorRecord]
    /// Opportunities whose name begins with this text, in any case, in the order of their names.
    func opportunities(named beginning: String, limit: Int) async throws(StoreError) -> [GUID]
    /// The records of an entity that refer to this one, in the order of their ids.
    func referrers(
        to key: RecordKey,
        from entity: Entity,
        after: GUID?,
        limit: Int
    ) async throws(StoreError) -> [GUID]
    /// All records of an entity that refer to each of these.
    func referrers(to keys: [RecordKey], from entity: Entity) async throws(StoreError) -> [RecordKey: [GUID]]
    /// Records whose change has not reached everything yet, opportunities first.
    func stale(limit: Int) async throws(StoreError) -> [StaleRecord]
    /// Throws `outdated` when the mirror has changed since this was computed. Returns how long it kept others from
    /// writing.
    @discardableResult
    func apply(_ application: Application, now: Timestamp) async throws(StoreError) -> Duration

    // MARK: Outbox

    /// Claims due records, live ones first. No one else gets them before `until`, by which time they should be settled.
    func claim(
        _ kind: RecordKind,
        limit: Int,
        now: Timestamp,
        until: Timestamp
    ) async throws(StoreError) -> [OutboxItem]
    /// Stores the outcomes of claims. Records that have been claimed again since are skipped.
    func settle(_ settlements: [Settlement], now: Timestamp) async throws(StoreError)
    /// Releases the records that an earlier run claimed and did not settle: they are in doubt, and due at `next`.
    /// Returns how many.
    func releaseClaims(next: Timestamp) async throws(StoreError) -> Int
    /// Marks records as in doubt, so that settled ones are sent again. Call it before they are removed from Marketo on
    /// behalf of another record, and when Marketo says that they are gone.
    func doubt(_ keys: [DeliveryKey], now: Timestamp) async throws(StoreError)
    /// Returns how many are tried again.
    func retry(_ scope: RetryScope, now: Timestamp) async throws(StoreError) -> Int
    /// When the next record of this kind is due; nil when only an event makes one due.
    func nextDue(_ kind: RecordKind) async throws(StoreError) -> Timestamp?
    /// In the order of kind and key; `after` is the last one of the previous page.
    func outbox(_ filter: OutboxFilter, after: DeliveryKey?, limit: Int) async throws(StoreError) -> [OutboxItem]
    /// Parked and waiting records, grouped by cause, the largest groups first. Read from maintained groups, not
    /// counted.
    func outboxGroups() async throws(StoreError) -> [OutboxGroup]
    func outboxItem(_ key: DeliveryKey) async throws(StoreError) -> OutboxItem?
    /// All records that belong to these opportunities.
    func outbox(of opportunities: [GUID]) async throws(StoreError) -> [GUID: [OutboxItem]]

    // MARK: Leads

    /// Returns those that are remembered.
    func leads(_ values: [String]) async throws(StoreError) -> [String: RememberedLead]
    func remember(_ leads: [RememberedLead]) async throws(StoreError)
    func forgetLeads(_ values: [String]) async throws(StoreError)

    // MARK: Forgetting a person

    /// All roles of a contact, including those that are gone. Reads the keys of all roles.
    func roles(of contact: GUID) async throws(StoreError) -> [OutboxItem]
    /// Among the `limit` oldest notifications after this one, those that are about these records or whose body names
    /// them. Reads bodies.
    func mentions(of records: [GUID], after: InboxID?, limit: Int) async throws(StoreError) -> Mentions
    /// Throws `outdated` when the mirror has changed since this was computed.
    func erase(_ erasure: Erasure) async throws(StoreError) -> Erased

    // MARK: Refusals and the rest

    func record(_ attempts: [RefusedAttempts], now: Timestamp) async throws(StoreError)
    /// Newest first by their first attempt; `before` is the number of the last one of the previous page.
    func refusals(before number: Int64?, limit: Int) async throws(StoreError) -> [RefusalItem]
    /// Returns false when nothing was refused about it.
    func allow(_ opportunity: GUID) async throws(StoreError) -> Bool

    /// A small value to remember, such as the pause.
    func note(_ name: String) async throws(StoreError) -> [UInt8]?
    /// Nil removes it.
    func setNote(_ name: String, _ value: [UInt8]?) async throws(StoreError)

    /// Describes any damage, without showing data; empty when all is well. Reads everything.
    func problems() async throws(StoreError) -> [String]

    /// Performs the queued writes, then closes. Every later call throws `closed`.
    func close() async
}
