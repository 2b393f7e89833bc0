import Coordination
package import OnewayCore
package import Store
import Synchronization
package import Telemetry
import Threads

/// Replays that are too long for one answer: one at a time, in steps, kept in the store, so that after a restart it
/// resumes where the last step ended.
package final class ReplayJobs: Running {
    static let rowsPerStep = 200
    /// Replayed notifications are applied before new ones, and take up room in the inbox: so never more than these
    /// wait.
    static let unappliedMax = 1_000
    static let pause = Duration.milliseconds(50)
    static let recovery = Duration.seconds(1)
    private static let (jobNote, workNote) = ("replay", "replay-work")

    private let store: any Store
    private let applier: Applier
    private let now: @Sendable () -> Timestamp
    private let log: Log
    private let isBeginning = Locked(false)
    private let isStopped = Atomic(false)
    private let wakes = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

    package init(store: any Store, applier: Applier, now: @escaping @Sendable () -> Timestamp, log: Log) {
        self.store = store
        self.applier = applier
        self.now = now
        self.log = log
    }

    /// Returns the running replay, or the last one.
    package func latest() async throws(StoreError) -> ReplayJob? {
        try await store.note(Self.jobNote).flatMap(ReplayJob.init)
    }

    /// Returns nil while another one runs.
    package func begin(_ work: ReplayWork, before: InboxID) async throws(StoreError) -> ReplayJob? {
        let isFirst = isBeginning.withLock { isBeginning in
            defer { isBeginning = true }
            return !isBeginning
        }
        guard isFirst else { return nil }
        defer { isBeginning.withLock { $0 = false } }
        if try await latest()?.state == .running { return nil }
        let job = ReplayJob(startedAt: now(), before: before)
        // In this order: a job stored as running always has its work stored too.
        try await store.setNote(Self.workNote, work.json.encoded)
        try await store.setNote(Self.jobNote, job.json.encoded)
        wakes.continuation.yield()
        return job
    }

    func stop() async {
        isStopped.store(true, ordering: .relaxed)
        wakes.continuation.finish()
    }

    func run() async {
        // Picks up what an earlier run left.
        wakes.continuation.yield()
        for await _ in wakes.stream {
            var isLeft = true
            while isLeft, !isStopped.load(ordering: .relaxed) {
                do throws(StoreError) {
                    try await workOff()
                    isLeft = false
                } catch {
                    if error.kind == .closed { return }
                    log.error("a replay waits", [.error: .text("\(error)")])
                    try? await Task.sleep(for: Self.recovery)
                }
            }
        }
    }

    /// Completes the replay that was begun.
    func workOff() async throws(StoreError) {
        guard var job = try await latest(), job.state == .running else { return }
        guard let work = try await store.note(Self.workNote).flatMap(ReplayWork.init) else {
            return try await end(&job, .failed, "the notifications to replay are no longer recorded")
        }
        while !isStopped.load(ordering: .relaxed) {
            guard try await step(&job, work) else { return try await end(&job, .done, nil) }
        }
    }

    /// Returns false when nothing is left. Pauses while earlier steps are still being applied.
    func step(_ job: inout ReplayJob, _ work: ReplayWork) async throws(StoreError) -> Bool {
        guard try await store.status().unapplied < Self.unappliedMax else {
            applier.wake()
            try? await Task.sleep(for: Self.pause)
            return true
        }
        let ids = try await next(of: work, before: job.before)
        guard let last = ids.last else { return false }
        let replayed = try await store.replay(ids, now: now()).count
        applier.wake()
        job.replayed += replayed
        job.skipped += ids.count - replayed
        job.before = last
        try await store.setNote(Self.jobNote, job.json.encoded)
        return true
    }

    private func next(of work: ReplayWork, before: InboxID) async throws(StoreError) -> [InboxID] {
        switch work {
        case .range(let filter):
            return try await store.inbox(filter, before: before, limit: Self.rowsPerStep).map(\.id)
        case .notifications(let ids):
            return Array(ids.drop { $0 >= before }.prefix(Self.rowsPerStep))
        }
    }

    private func end(_ job: inout ReplayJob, _ state: ReplayJob.State, _ message: String?) async throws(StoreError) {
        (job.state, job.message, job.endedAt) = (state, message, now())
        try await store.setNote(Self.jobNote, job.json.encoded)
        try await store.setNote(Self.workNote, nil)
        log.info("a replay ended", [.state: .text(state.rawValue), .count: .int(job.replayed)])
    }
}
