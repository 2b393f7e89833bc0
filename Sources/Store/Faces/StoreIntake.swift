public import OnewayCore

/// Takes in what arrives and what operators order. Any replica may.
public protocol StoreIntake: Sendable {
    /// Why nothing can be appended now; nil when all is well. Asks the disk, not the tables.
    var failure: StoreError? { get }
    /// The room that the store takes on the disk, and what is free there; nil for a store without a file. Asks the disk.
    var room: StoreRoom? { get }

    /// Stores a notification once, however often and from however many callers it comes.
    func append(_ entry: InboxEntry, now: Timestamp) async throws(StoreError) -> Appended
    func record(_ attempts: [RefusedAttempts], now: Timestamp) async throws(StoreError)

    // MARK: Orders: rows that the leader picks up

    /// Has notifications applied again. Returns those that will be: not the ones that are gone or were ignored.
    func replay(_ ids: [InboxID], now: Timestamp) async throws(StoreError) -> [InboxID]
    /// Makes records due that wait or are parked, and tells the forwarder that something was repaired. Returns their number.
    func retry(_ scope: RetryScope, now: Timestamp) async throws(StoreError) -> Int
    /// Marks refusals of this opportunity as allowed; false when nothing was refused about it.
    func allow(_ opportunity: GUID) async throws(StoreError) -> Bool
    /// Pauses forwarding, or resumes it with nil.
    func setPause(since: Timestamp?) async throws(StoreError)
    /// Has records read from Dynamics.
    func ask(_ questions: [RecordKey: QuestionReason], now: Timestamp) async throws(StoreError)
    /// Returns false where it is running already, or another one of a kind that runs alone.
    func begin(_ job: Job) async throws(StoreError) -> Bool
    /// To whoever works on this job; nil: go on.
    func give(_ order: JobOrder?, to job: Job.Key) async throws(StoreError)
}
