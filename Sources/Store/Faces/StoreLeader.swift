public import OnewayCore

/// One stretch of leading: from when a process begins to apply and forward until another one does. Numbers only grow.
public struct Term: Hashable, Sendable {
    public let number: Int64

    public init(number: Int64) { self.number = number }
}

/// The store as whoever changes the mirror sees it: the leader, and any replica on behalf of an operator.
public protocol StoreApplying: StoreQueries {
    /// Throws `outdated` when the mirror is not what this was computed from.
    /// Answers for how long it kept others from writing.
    @discardableResult
    func apply(_ application: Application, now: Timestamp) async throws(StoreError) -> Duration
}

/// The store as the leader sees it: every change carries the term, and throws `notLeader` once another has begun.
public protocol StoreLeader: StoreApplying {
    /// Returns once the term is over: another has begun, or the store is closed.
    func over() async
    /// False once another may lead without this process knowing it: it was paused, or is cut off. The store refuses what
    /// it writes then; what it does elsewhere, nobody can refuse.
    var isSure: Bool { get }
    /// One bounded step of retention.
    func prune(olderThan oldest: Timestamp, rowsMax: Int) async throws(StoreError) -> Pruned
    /// One bounded step of forgetting events.
    func forgetEvents(olderThan oldest: Timestamp, rowsMax: Int) async throws(StoreError) -> Pruned
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
    /// To be said before claimed roles are sent to leads for the first time.
    func aim(_ aims: [RoleAim], now: Timestamp) async throws(StoreError)
    /// To be said before what they stand for is taken out of Marketo on behalf of another record, and when Marketo says
    /// that it is gone: what is settled is sent again.
    func doubt(_ keys: [DeliveryKey], now: Timestamp) async throws(StoreError)
    func remember(_ leads: [RememberedLead]) async throws(StoreError)
    func forgetLeads(_ values: [String]) async throws(StoreError)
    /// Throws `outdated` when the mirror is not what this was computed from.
    func erase(_ erasure: Erasure, now: Timestamp) async throws(StoreError) -> Erased
    /// Nil forgets it.
    func setNote(_ name: String, _ value: [UInt8]?) async throws(StoreError)
    /// The same as `StoreIntake.replay`, as a step of a job: both are one transaction.
    func replay(_ ids: [InboxID], as job: Job, now: Timestamp) async throws(StoreError) -> [InboxID]
    /// Stores how far a job has come.
    func save(_ job: Job) async throws(StoreError)
}
