import Coordination
package import OnewayCore
package import Store
import Synchronization
package import Telemetry
import Threads

/// Works off replays that are too long for one answer, as the leader.
package final class ReplayJobs: Running {
    static let rowsPerStep = 200
    /// Replayed notifications are applied before new ones, and take up room in the inbox: so never more than these
    /// wait.
    static let unappliedMax = 1_000
    static let pause = Duration.milliseconds(50)
    static let recovery = Duration.seconds(1)

    private let store: any StoreLeader
    private let now: @Sendable () -> Timestamp
    private let log: Log
    private let isStopped = Atomic(false)

    package init(store: any StoreLeader, now: @escaping @Sendable () -> Timestamp, log: Log) {
        self.store = store
        self.now = now
        self.log = log
    }

    package func stop() async {
        isStopped.store(true, ordering: .relaxed)
        store.signal(.jobs).fire()
    }

    package func run() async {
        let begun = store.signal(.jobs)
        while true {
            // In this order: `stop` sets the flag before it fires the signal.
            let seen = begun.count
            if isStopped.load(ordering: .relaxed) || Task.isCancelled { return }
            do throws(StoreError) {
                try await workOff()
                await begun.wait(after: seen, .system)
            } catch {
                if error.endsWork { return }
                log.error("a replay waits", [.error: .text("\(error)")])
                try? await Task.sleep(for: Self.recovery)
            }
        }
    }

    /// All that is left of the one that was begun.
    func workOff() async throws(StoreError) {
        guard var replay = try await ReplayJob.latest(in: store), replay.job.state == .running else { return }
        guard let work = ReplayWork(replay.job.work) else {
            return try await end(&replay, .failed, "its task cannot be read any more")
        }
        while !isStopped.load(ordering: .relaxed) {
            guard try await step(&replay, work) else { return try await end(&replay, .done, nil) }
        }
    }

    /// False when nothing is left. Pauses while earlier steps are still being applied.
    func step(_ replay: inout ReplayJob, _ work: ReplayWork) async throws(StoreError) -> Bool {
        guard try await store.unappliedCount() < Self.unappliedMax else {
            try? await Task.sleep(for: Self.pause)
            return true
        }
        let ids = try await next(of: work, before: replay.before)
        guard let last = ids.last else { return false }
        replay.before = last
        let replayed = try await store.replay(ids, as: replay.job, now: now())
        replay.job = replay.job.adding(replayed: replayed.count, of: ids.count)
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

    private func end(_ replay: inout ReplayJob, _ state: Job.State, _ message: String?) async throws(StoreError) {
        replay.job.end(state, message, at: now())
        try await store.save(replay.job)
        log.info("a replay ended", [.state: .text(state.rawValue), .count: .int(replay.replayed)])
    }
}
