import Coordination
package import OnewayCore
import Store
import Telemetry
import Threads

/// Permission for one call. It is answered or given back, exactly once.
struct CallSlot: Sendable {
    /// The budget's round when the call began.
    fileprivate let round: Int
}

/// The only way to Marketo: every call waits here for a slot of the budget.
package final class CallGate: Sendable {
    private struct State {
        var budget: CallBudget
        var random = SystemRandomNumberGenerator()
        /// The latest that were read; nil: none yet.
        var orders: Orders?
        /// When Marketo last did what was asked.
        var fineAt: Timestamp?
        var isClosed = false
        /// How many of today's calls the store already counts, in case of a crash.
        var reservedTo = 0
    }

    /// How many calls are counted in advance with one write.
    static let reservedCalls = 25
    private static let budgetNote = "budget"

    private let state: Locked<State>
    private let wakeSignal = Signal()
    private let store: any StoreLeader
    private let time: TimeSource
    private let log: Log

    init(_ limits: CallBudget.Limits, store: any StoreLeader, time: TimeSource, log: Log) {
        state = Locked(State(budget: CallBudget(limits, now: time.now())))
        self.store = store
        self.time = time
        self.log = log
    }

    /// Resumes where the last run ended. Call this once, before the first call.
    func resumeFromStore() async throws(StoreError) {
        let kept = try await store.note(Self.budgetNote)
        let orders = try await store.orders()
        let now = time.now()
        state.withLock { state in
            if let kept { state.budget.resume(kept, now: now) }
            state.orders = orders
        }
    }

    /// Returns nil when there will be no more slots.
    func acquire() async -> CallSlot? {
        while true {
            let seen = wakeSignal.count
            // A cancelled task does not wait any more: it would turn round and round here.
            if Task.isCancelled { return nil }
            let now = time.now()
            let (admission, slot, mustReserve) = state.withLock { state -> (CallBudget.Admission?, CallSlot, Bool) in
                let slot = CallSlot(round: state.budget.round)
                if state.isClosed { return (nil, slot, false) }
                if state.orders?.pausedSince != nil { return (.wait(until: nil), slot, false) }
                let admission = state.budget.admit(now)
                let used = state.budget.usedToday
                return (admission, slot, admission == .go && (used == 1 || used > state.reservedTo))
            }
            switch admission {
            case nil: return nil
            case .go:
                if mustReserve { await reserve() }
                return slot
            case .wait(let until): await wakeSignal.wait(after: seen, until: until, time)
            }
        }
    }

    func answer(_ signal: CallBudget.Signal, _ slot: CallSlot) {
        let now = time.now()
        let (before, after) = state.withLock { state in
            let before = state.budget.condition
            if signal == .fine { state.fineAt = now }
            state.budget.answer(signal, round: slot.round, now: now, using: &state.random)
            return (before, state.budget.condition)
        }
        if before != after { report(after) }
        wakeSignal.fire()
    }

    func giveBack(_: CallSlot) {
        state.withLock { $0.budget.giveBack() }
        wakeSignal.fire()
    }

    /// Ends every wait: there will be no more slots.
    func close() async {
        state.withLock { $0.isClosed = true }
        wakeSignal.fire()
    }

    /// Stores the exact count, after the last call.
    func writeDown() async {
        let kept = state.withLock { $0.budget.kept(reserved: nil) }
        do { try await store.setNote(Self.budgetNote, kept) } catch { complain(error) }
    }

    private func reserve() async {
        let kept = state.withLock { state in
            state.reservedTo = state.budget.usedToday + Self.reservedCalls
            return state.budget.kept(reserved: Self.reservedCalls)
        }
        do { try await store.setNote(Self.budgetNote, kept) } catch { complain(error) }
    }

    private func complain(_ error: StoreError) {
        log.warning("today's call count could not be stored", [.error: .text("\(error)")])
    }

    private func report(_ condition: CallBudget.Condition) {
        switch condition {
        case .ok: log.info("Marketo answers again")
        case .backingOff(let trouble):
            log.warning("calling Marketo less often", [.code: .text(trouble.code), .error: .text(trouble.message)])
        case .stopped(let trouble):
            log.error("delivery to Marketo is stopped", [.code: .text(trouble.code), .error: .text(trouble.message)])
        }
    }
}

// MARK: For operators

extension CallGate {
    package struct Status: Sendable {
        package let pausedSince: Timestamp?
        package let condition: CallBudget.Condition
        package let usedToday: Int
        package let leftToday: Int
        package let resetsAt: Timestamp
        package let inFlight: Int
        /// No call is made before this; nil when calls can be made at any time.
        package var heldUntil: Timestamp?
    }

    package var status: Status {
        let now = time.now()
        return state.withLock { state in
            Status(
                pausedSince: state.orders?.pausedSince,
                condition: state.budget.condition,
                usedToday: state.budget.used(now),
                leftToday: state.budget.leftToday(now),
                resetsAt: CallBudget.resetsAt(now),
                inFlight: state.budget.inFlight,
                heldUntil: state.budget.heldUntil
            )
        }
    }

    var isClosed: Bool { state.withLock { $0.isClosed } }
    var fineAt: Timestamp? { state.withLock { $0.fineAt } }

    /// Does what operators ordered. True where one has said since that something was repaired.
    func obey(_ orders: Orders) -> Bool {
        let isRepaired = state.withLock { state in
            let isRetried = state.orders.map { $0.retriedAt != orders.retriedAt } ?? false
            // Whoever resumes has repaired what there was to repair.
            if state.orders?.pausedSince != nil, orders.pausedSince == nil { state.budget.retryNow() }
            state.orders = orders
            return isRetried
        }
        wakeSignal.fire()
        return isRepaired
    }

    /// Lets calls that were held back be tried at once: an operator has fixed something.
    func retryNow() {
        state.withLock { $0.budget.retryNow() }
        wakeSignal.fire()
    }
}
