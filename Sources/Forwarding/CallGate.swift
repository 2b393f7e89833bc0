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
        /// The latest that were read; nil: none yet, and whatever calls an earlier run made are not known either.
        var orders: Orders?
        /// When Marketo last did what was asked.
        var fineAt: Timestamp?
        var isClosed = false
        /// What the next calls need in the store is being written: nobody calls before it is.
        var isStoring = false
        /// It could not be stored: no calls until then.
        var heldUntil: Timestamp?

        mutating func admit(_ now: Timestamp, evenIfPaused: Bool) -> CallBudget.Admission {
            guard let orders, !isStoring, evenIfPaused || orders.pausedSince == nil else { return .wait(until: nil) }
            if let heldUntil, heldUntil > now { return .wait(until: heldUntil) }
            return budget.admit(now)
        }
    }

    private static let retryMilliseconds: Int64 = 1_000
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

    /// Resumes where the last run ended. Until then nobody gets a slot, whoever asks: forwarder, probe, or comparison.
    func resumeFromStore() async throws(StoreError) {
        let kept = try await store.note(Self.budgetNote)
        let orders = try await store.orders()
        let now = time.now()
        state.withLock { state in
            if let kept { state.budget.resume(kept, now: now) }
            state.orders = orders
        }
        wakeSignal.fire()
    }

    /// Returns nil when there will be no more slots. Only sending is paused: whoever reads need not wait for that.
    func acquire(evenIfPaused: Bool = false) async -> CallSlot? {
        while true {
            let seen = wakeSignal.count
            // A cancelled task does not wait any more: it would turn round and round here.
            if Task.isCancelled { return nil }
            let now = time.now()
            let (admission, slot, kept) = state.withLock { state -> (CallBudget.Admission?, CallSlot, [UInt8]?) in
                let slot = CallSlot(round: state.budget.round)
                if state.isClosed { return (nil, slot, nil) }
                let admission = state.admit(now, evenIfPaused: evenIfPaused)
                let kept = admission == .go ? state.budget.reserve() : nil
                state.isStoring = state.isStoring || kept != nil
                return (admission, slot, kept)
            }
            switch admission {
            case nil: return nil
            case .go:
                guard let kept else { return slot }
                if await store(kept) { return slot }
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

    /// Stores what is known exactly, after the last call.
    func writeDown() async {
        let kept = state.withLock { $0.budget.kept }
        do { try await store.setNote(Self.budgetNote, kept) } catch { complain(error) }
    }

    /// False where the call must not be made: after a crash it would not be known. Its slot is given back.
    private func store(_ kept: [UInt8]) async -> Bool {
        var isStored = true
        do { try await store.setNote(Self.budgetNote, kept) } catch {
            complain(error)
            isStored = false
        }
        let retry = time.now().adding(milliseconds: Self.retryMilliseconds)
        state.withLock { state in
            state.isStoring = false
            if isStored { return }
            state.heldUntil = retry
            state.budget.giveBack()
            state.budget.forgetReserved()
        }
        wakeSignal.fire()
        return isStored
    }

    private func complain(_ error: StoreError) {
        log.warning("the calls to Marketo could not be counted in the store", [.error: .text("\(error)")])
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

    /// As configured.
    package var callsPer20Seconds: Int { state.withLock { $0.budget.limits.callsPer20Seconds } }
    package var callsPerDay: Int { state.withLock { $0.budget.limits.callsPerDay } }

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
