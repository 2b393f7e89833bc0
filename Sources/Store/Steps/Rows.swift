import OnewayCore

/// The driver's part of the steps: it loads sets of rows and saves sets of changes, in a transaction, on a thread of
/// its own. It decides nothing.
///
/// Each function is one statement for the whole set where the database takes sets, so that a step costs as many round
/// trips for a thousand rows as for one. Rows that are not there are left out; a key that is given twice yields one
/// row.
protocol Rows: AnyObject {
    var limits: StoreLimits { get }
    /// As of the last `save`.
    var counters: Counters { get }
    /// The latest id assigned to an inbox row.
    var latest: InboxID { get }
    /// Where the last step of pruning ended. Need not outlive the process.
    var prunedTo: InboxID { get set }

    func inbox(identities: [[UInt8]]) throws(StoreError) -> [InboxRow]
    func inbox(_ ids: [InboxID]) throws(StoreError) -> [InboxRow]
    /// The oldest after this one.
    func inbox(after id: InboxID, limit: Int) throws(StoreError) -> [InboxRow]
    /// The oldest of those that give way, enough to cover the surplus.
    func givingWay(_ outcome: Outcome, covering surplus: Surplus) throws(StoreError) -> [InboxRow]

    /// Which of these records are mirrored.
    func mirrored(_ keys: [RecordKey]) throws(StoreError) -> Set<RecordKey>
    func references(of keys: [RecordKey]) throws(StoreError) -> [RecordKey: Set<Reference>]
    func stale(_ keys: [RecordKey]) throws(StoreError) -> [StaleRecord]

    func outbox(_ keys: [DeliveryKey]) throws(StoreError) -> [OutboxItem]
    /// The live lane first, then by when they became due, then by place.
    func due(_ kind: RecordKind, limit: Int, now: Timestamp) throws(StoreError) -> [OutboxItem]
    func claimed() throws(StoreError) -> [OutboxItem]
    func waiting(on keys: [DeliveryKey], limit: Int) throws(StoreError) -> [OutboxItem]

    func refusals(_ keys: [RefusalKey]) throws(StoreError) -> [RefusalItem]
    func refusals(of opportunity: GUID) throws(StoreError) -> [RefusalItem]
    func oldestRefusals(_ limit: Int) throws(StoreError) -> [RefusalItem]

    func jobs(_ keys: [Job.Key]) throws(StoreError) -> [Job]
    func runningJobs(_ kind: Job.Kind) throws(StoreError) -> [Job]
    /// Some of those that ended, without this many that began last.
    func endedJobs(_ kind: Job.Kind, after newest: Int) throws(StoreError) -> [Job]

    func questions(_ keys: [RecordKey]) throws(StoreError) -> [Question]

    /// By their numbers, which say in which order they came.
    func oldestEvents(_ limit: Int) throws(StoreError) -> [(number: Int64, at: Timestamp)]

    /// Throws `notLeader` unless this term is the latest.
    func check(_ term: Term) throws(StoreError)
    func save(_ changes: Changes) throws(StoreError)
}
