import Configuration
import Coordination
import OnewayCore
import Store
import Telemetry
import Threads

/// Leads when it is this replica's turn: builds the workers of each term, runs them, and ends them with it.
final class Leadership: Running {
    private struct State {
        /// Those of the present term; nil: another replica leads.
        var workers: Workers?
        var isLeading = false
        var isStopped = false
        /// Opens with the end of the present term.
        var turn = Latch()
    }

    private let state = Locked(State())
    private let ended = Latch()
    private let store: any Store
    /// As of the last reload: a later term begins with the newest secrets.
    private let settings: Locked<Configuration>
    private let build: @Sendable (Configuration, any StoreLeader) -> Workers
    private let log: Log

    init(
        _ settings: Configuration,
        store: any Store,
        log: Log,
        build: @escaping @Sendable (Configuration, any StoreLeader) -> Workers
    ) {
        self.settings = Locked(settings)
        (self.store, self.log, self.build) = (store, log, build)
    }

    /// Returns the workers of the present term, which are to be told.
    func reload(_ fresh: Configuration) -> Workers? {
        settings.withLock { $0 = fresh }
        return workers
    }

    var workers: Workers? { state.withLock { $0.workers } }

    /// The first term of a store that no other process has open: everything works when this returns.
    func beginAlone() async throws {
        let leader = try await store.lead()
        let workers = build(settings.withLock(\.self), leader)
        try await workers.begin()
        state.withLock { ($0.workers, $0.isLeading) = (workers, true) }
    }

    func run() async throws {
        defer { ended.open() }
        while true {
            do {
                if let workers = workers { try await work(workers) } else { try await takeTurn() }
            } catch let error as StoreError where error.kind == .closed {
                return
            } catch let error as StoreError {
                log.warning("cannot lead now, trying again", [.error: .text("\(error)")])
                state.withLock { $0.isLeading = false }
                try? await Task.sleep(for: .seconds(1))
            }
            if state.withLock({ $0.isStopped }) { return }
        }
    }

    /// Waits for the workers, but not for a turn that may never come.
    func stop() async {
        let (turn, isLeading) = state.withLock { state in
            state.isStopped = true
            return (state.turn, state.isLeading)
        }
        turn.open()
        if isLeading { await ended.wait() }
    }

    private func takeTurn() async throws {
        let leader = try await store.lead()
        let mayLead = state.withLock { state in
            state.isLeading = !state.isStopped
            return state.isLeading
        }
        guard mayLead else { return }
        let workers = build(settings.withLock(\.self), leader)
        try await workers.begin()
        log.info("this replica leads")
        state.withLock { $0.workers = workers }
    }

    private func work(_ workers: Workers) async throws {
        let turn = Latch()
        let isStopped = state.withLock { state in
            state.turn = turn
            return state.isStopped
        }
        if isStopped { turn.open() }
        // Ends with the term, or when the store is closed.
        Task {
            await workers.leader.over()
            turn.open()
        }
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await Lifecycle(parts: workers.parts).run { await turn.wait() })
        } catch {
            outcome = .failure(error)
        }
        if state.withLock({ $0.isStopped }) { return try outcome.get() }
        state.withLock { ($0.workers, $0.isLeading) = (nil, false) }
        do throws(StoreError) {
            // Changes nothing, but fails if the term is over, which a worker may have noticed first.
            try await workers.leader.forgetLeads([])
        } catch {
            guard error.kind == .notLeader else { throw error }
            return log.warning("another replica leads now")
        }
        try outcome.get()
    }
}
