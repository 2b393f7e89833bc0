package import Applying
package import Coordination
import DataverseClient
package import Loading
package import OnewayCore
package import Store
package import Telemetry
import Threads

/// Finds what no notification reported and puts it right, as the leader: on a schedule, and when an operator asks. A step
/// is one answer of Dynamics; its last transaction also says how far the reconciliation has come, so that it continues
/// there after a crash.
package final class Reconciler: Running {
    static let recovery = Duration.seconds(1)
    static let pause = Pause(first: 5_000, most: 600_000)
    /// While it waits for notifications to be applied, it looks this often.
    static let lookMilliseconds: Int64 = 200
    /// A table whose changes are not tracked is compared as a whole this often, because of what was deleted.
    static let allEverySeconds: Int64 = 86_400
    /// Clocks, and changes that were not committed yet when the table was last read.
    static let overlapSeconds: Int64 = 600
    package static let graceByDefault: Int64 = 60_000

    let store: any StoreLeader
    let intake: any StoreIntake
    let merger: BulkMerger
    let reader: TableReader
    let time: TimeSource
    let metrics: ReconcileMetrics
    /// A notification may still be on its way for so long after a change: before, the change does not count as lost.
    let graceMilliseconds: Int64
    private let everyMinutes: Int
    let log: Log
    private let begunAt: Timestamp
    private let stopped = Latch()
    private let failures = Locked(0)

    /// `everyMinutes` 0: only when an operator asks.
    package init(
        store: any StoreLeader,
        intake: any StoreIntake,
        merger: BulkMerger,
        reader: TableReader,
        everyMinutes: Int,
        graceMilliseconds: Int64 = Reconciler.graceByDefault,
        metrics: ReconcileMetrics,
        time: TimeSource = .system,
        log: Log
    ) {
        self.store = store
        self.intake = intake
        begunAt = time.now()
        self.merger = merger
        self.reader = reader
        self.everyMinutes = everyMinutes
        self.graceMilliseconds = graceMilliseconds
        self.metrics = metrics
        self.time = time
        self.log = log
    }

    package func stop() async { stopped.open() }

    package func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.workOff() }
            group.addTask { await Presence.keep(in: self.store, since: self.begunAt, self.time) }
            await stopped.wait()
            group.cancelAll()
        }
    }

    enum Next: Sendable {
        case more
        /// A nil time: until something is begun or ordered.
        case wait(until: Timestamp?)
    }

    private func workOff() async {
        let begun = store.signal(.jobs)
        while true {
            let seen = begun.count
            if Task.isCancelled { return }
            do throws(StoreError) {
                switch try await step() {
                case .more: continue
                case .wait(let until): await begun.wait(after: seen, until: until, time)
                }
            } catch {
                if error.endsWork { return }
                log.error("reconciliation waits", [.error: .text("\(error)")])
                try? await Task.sleep(for: Self.recovery)
            }
        }
    }

    private func step() async throws(StoreError) -> Next {
        // What is being loaded is read anyway.
        if let load = try await store.jobs(.load, .running, limit: 1).first.flatMap(LoadJob.init),
            load.phase != .sending
        {
            return .wait(until: nil)
        }
        guard let job = try await store.jobs(.reconcile, .running, limit: 1).first else { return try await schedule() }
        guard var reconciliation = ReconcileJob(job) else {
            var broken = job
            broken.end(.failed, "its task cannot be read any more", at: time.now())
            try await store.save(broken)
            return .more
        }
        if try await store.order(to: job.key) == .cancel {
            reconciliation.job.end(.cancelled, at: time.now())
            try await store.save(reconciliation.job)
            return .more
        }
        switch reconciliation.cursor.phase {
        case nil:
            if reconciliation.cursor.isBeginning { try await askForUsers() }
            return try await choose(&reconciliation)
        case .changes, .all: return try await readPage(&reconciliation)
        case .missing: return try await lookForMissing(&reconciliation)
        }
    }

    /// Begins the next one when it is time.
    private func schedule() async throws(StoreError) -> Next {
        guard let next = try await Self.nextTime(in: store, everyMinutes: everyMinutes) else {
            return .wait(until: nil)
        }
        if next > time.now() { return .wait(until: next) }
        _ = try await ReconcileJob.begin(in: intake, now: time.now())
        return .more
    }

    /// Nil: never. Before everything was loaded once, nothing is known to be kept in step: it would read everything
    /// without having been asked.
    package static func nextTime(
        in store: any StoreQueries,
        everyMinutes: Int
    ) async throws(StoreError) -> Timestamp? {
        guard everyMinutes > 0, let loaded = try await loaded(in: store) else { return nil }
        let last = try await ReconcileJob.latest(in: store)?.job.startedAt
        return max(last ?? loaded, loaded).adding(seconds: everyMinutes * 60)
    }

    /// When the last load began that has read everything; nil: none has.
    package static func loaded(in store: any StoreQueries) async throws(StoreError) -> Timestamp? {
        let loads = try await store.jobs(.load, nil, limit: loadsMax).compactMap(LoadJob.init)
        if let load = loads.first(where: { $0.work.isOfAllOpportunities && $0.hasReadAll }) {
            return load.job.startedAt
        }
        // Smaller loads may have followed, so many that it is not listed any more. What was reconciled was loaded before.
        let state = try await store.note(TableState.note(.opportunity)).flatMap(TableState.init)
        return state.map { Timestamp(second: $0.readAt) }
    }

    private static let loadsMax = 100
}

// MARK: Ending

extension Reconciler {
    /// To the next table, in the transaction of this table's last step.
    func advance(_ job: inout ReconcileJob) {
        if let next = job.cursor.next {
            job.cursor = ReconcileCursor(next)
            return
        }
        job.job.end((job.job.counts["skipped"] ?? 0) == 0 ? .done : .failed, job.job.message, at: time.now())
    }

    func ended(_ job: ReconcileJob) {
        if job.job.state == .done { metrics.ended(at: time.now()) }
        log.info("a reconciliation ended", [.state: .text(job.job.state.rawValue), .count: .int(job.found)])
    }
}

// MARK: When Dynamics does not answer

extension Reconciler {
    func answered() { failures.withLock { $0 = 0 } }

    /// A table that cannot be read does not keep the others waiting: it is said, and the reconciliation counts as failed.
    func pass(_ failure: DataverseFailure, _ job: inout ReconcileJob) async throws(StoreError) -> Next {
        guard failure.isOfOneTable else { return try await wait(failure, &job) }
        log.warning("a table could not be compared", [.kind: .text(job.entity.rawValue), .error: .text(failure.says)])
        job.count("skipped")
        job.job.message = "\(job.entity.rawValue): \(failure.says)"
        advance(&job)
        try await store.save(job.job)
        if !job.isRunning { ended(job) }
        return .more
    }

    private func wait(_ failure: DataverseFailure, _ job: inout ReconcileJob) async throws(StoreError) -> Next {
        if Task.isCancelled { return .wait(until: nil) }
        let count = failures.withLock { failures in
            failures += 1
            return failures
        }
        var until = time.now().adding(milliseconds: Self.pause.milliseconds(after: count))
        if case .throttled(let end) = failure { until = max(time.now().adding(milliseconds: 1), end) }
        log.warning("Dynamics did not answer a reconciliation", [.error: .text(failure.says)])
        return .wait(until: until)
    }
}

extension DataverseFailure {
    /// Whether other tables may still be readable.
    fileprivate var isOfOneTable: Bool {
        switch self {
        case .missingPrivilege, .unknownTable, .unreadable, .refused: true
        case .unauthorized, .throttled, .unavailable, .unknownColumn: false
        }
    }
}
