package import Applying
package import Coordination
import DataverseClient
import OnewayCore
package import Store
package import Telemetry
import Threads

/// Works off loads, as the leader: reads tables of Dynamics, and has merged what they say. A step is one answer of
/// Dynamics; its last transaction also says how far the load has come, so that it continues there after a crash.
package final class Loader: Running {
    static let recovery = Duration.seconds(1)
    /// Ids that are asked for in one step, a hundred with each request.
    static let idsPerStep = 1_000
    /// While the load waits for others to do their part, it looks this often.
    static let lookMilliseconds: Int64 = 500
    static let pause = Pause(first: 5_000, most: 600_000)

    let store: any StoreLeader
    let merger: BulkMerger
    let reader: TableReader
    let time: TimeSource
    /// False where Marketo is not configured: nothing will ever be sent.
    let isForwarding: Bool
    let log: Log
    private let stopped = Latch()
    private let failures = Locked(0)

    package init(
        store: any StoreLeader,
        merger: BulkMerger,
        reader: TableReader,
        isForwarding: Bool,
        time: TimeSource = .system,
        log: Log
    ) {
        self.store = store
        self.merger = merger
        self.reader = reader
        self.isForwarding = isForwarding
        self.time = time
        self.log = log
    }

    /// A pause that Dynamics asked for is not waited for.
    package func stop() async { stopped.open() }

    package func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.workOff() }
            await stopped.wait()
            group.cancelAll()
        }
    }

    private func workOff() async {
        let begun = store.signal(.jobs)
        while true {
            let seen = begun.count
            if Task.isCancelled { return }
            do throws(StoreError) {
                switch try await step() {
                case .more: continue
                case .nothing: await begun.wait(after: seen, time)
                case .wait(let until): await begun.wait(after: seen, until: until, time)
                }
            } catch {
                if error.endsWork { return }
                log.error("a load waits", [.error: .text("\(error)")])
                try? await Task.sleep(for: Self.recovery)
            }
        }
    }

    enum Next: Sendable {
        case more
        /// Until something is ordered or begun.
        case nothing
        case wait(until: Timestamp)
    }

    private func step() async throws(StoreError) -> Next {
        guard let job = try await store.jobs(.load, .running, limit: 1).first else { return .nothing }
        guard var load = LoadJob(job) else {
            var broken = job
            broken.end(.failed, "its task cannot be read any more", at: time.now())
            try await store.save(broken)
            return .more
        }
        switch try await store.order(to: job.key) {
        case .cancel:
            try await cancel(&load)
            return .more
        case .pause: return .nothing
        case nil: break
        }
        switch load.phase {
        case .opportunities, .connections: return try await readPage(&load)
        case .contacts, .accounts: return try await readNamed(&load)
        case .deciding: return try await decide(&load)
        case .sending: return try await send(&load)
        }
    }

    /// What was read stays, and is passed on.
    private func cancel(_ load: inout LoadJob) async throws(StoreError) {
        load.job.end(.cancelled, at: time.now())
        try await merger.passOn(load.job)
        log.info("a load was cancelled")
    }
}

// MARK: The phases after reading

extension Loader {
    /// To the next phase that this load has, at the end of a step.
    func advance(_ load: inout LoadJob) async throws(StoreError) {
        var phase = load.phase
        repeat { phase = phase.next ?? .sending } while phase.entity.map { !load.work.reads($0) } ?? false
        load.enter(phase, now: time.now())
        if phase == .deciding {
            try await merger.passOn(load.job)
        } else {
            try await store.save(load.job)
        }
        log.info("a load goes on", [.state: .text(phase.rawValue)])
    }

    private func decide(_ load: inout LoadJob) async throws(StoreError) -> Next {
        let (count, isDone) = try await merger.passedOn(store)
        let stale = try await store.status().stale
        if load.job.counts["decided"] != count {
            load.job.counts["decided"] = count
            try await store.save(load.job)
        }
        guard isDone, stale == 0 else { return look }
        if isForwarding {
            try await advance(&load)
        } else {
            try await end(&load)
        }
        return .more
    }

    /// Ends when nothing is on its way to Marketo any more: what waits or is parked then needs something else first.
    private func send(_ load: inout LoadJob) async throws(StoreError) -> Next {
        guard try await store.status().outbox(.pending) == 0 else { return look }
        try await end(&load)
        return .more
    }

    private var look: Next { .wait(until: time.now().adding(milliseconds: Self.lookMilliseconds)) }

    private func end(_ load: inout LoadJob) async throws(StoreError) {
        load.job.end(.done, at: time.now())
        try await store.save(load.job)
        log.info("a load ended", [.count: .int(load.read(.opportunity))])
    }
}

// MARK: When Dynamics does not answer

extension Loader {
    func answered() { failures.withLock { $0 = 0 } }

    /// Says why in the job, and when it is tried again.
    func wait(_ failure: DataverseFailure, _ load: inout LoadJob) async throws(StoreError) -> Next {
        if Task.isCancelled { return .nothing }
        let count = failures.withLock { failures in
            failures += 1
            return failures
        }
        var until = time.now().adding(milliseconds: Self.pause.milliseconds(after: count))
        if case .throttled(let end) = failure { until = max(time.now().adding(milliseconds: 1), end) }
        if load.job.message != failure.says {
            load.job.message = failure.says
            try await store.save(load.job)
        }
        log.warning("Dynamics did not answer a load", [.error: .text(failure.says)])
        return .wait(until: until)
    }
}
