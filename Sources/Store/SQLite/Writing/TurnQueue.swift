import OnewayCore

/// The queued writes; decides which of them go next.
///
/// A turn is one transaction with one fsync: all queued appends and at most one job, a few milliseconds of applying,
/// settling or pruning. Jobs let appends go first, but ride along once they have waited `jobWaitMillisecondsMax`, so
/// that neither starves the other.
struct TurnQueue {
    struct Append: Sendable {
        let entry: PackedEntry
        let done: @Sendable (Result<Appended, StoreError>) -> Void
    }

    struct Job: Sendable {
        /// Does the work and returns a closure that hands over the result, called once it is committed.
        let work: @Sendable (WriteSession) throws(StoreError) -> @Sendable () -> Void
        let failed: @Sendable (StoreError) -> Void
        var waitingSince: Int64 = 0
    }

    enum Turn: Sendable {
        case write(appends: [Append], job: Job?)
        case close
    }

    static let appendsPerTurnMax = 512
    static let jobWaitMillisecondsMax: Int64 = 20

    private var appends: [Append] = []
    private var jobs: [Job] = []
    private(set) var isClosed = false

    /// Returns false when the store is closed.
    mutating func add(_ append: Append) -> Bool {
        if !isClosed { appends.append(append) }
        return !isClosed
    }

    mutating func add(_ job: Job, now: Int64) -> Bool {
        guard !isClosed else { return false }
        var job = job
        job.waitingSince = now
        jobs.append(job)
        return true
    }

    /// Queued writes are still performed; nothing more is accepted.
    mutating func close() { isClosed = true }

    mutating func next(now: Int64) -> Turn? {
        if appends.isEmpty && jobs.isEmpty { return isClosed ? .close : nil }
        let taken = Array(appends.prefix(Self.appendsPerTurnMax))
        appends.removeFirst(taken.count)
        let jobIsDue = jobs.first.map { taken.isEmpty || now - $0.waitingSince >= Self.jobWaitMillisecondsMax }
        return .write(appends: taken, job: jobIsDue == true ? jobs.removeFirst() : nil)
    }
}
