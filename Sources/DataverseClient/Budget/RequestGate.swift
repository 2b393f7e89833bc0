import Coordination
import OnewayCore
import Threads

/// The only way to Dynamics: every request waits here for a place in the budget.
final class RequestGate: Sendable {
    enum Entry: Hashable, Sendable {
        case entered
        /// There will be no place before the deadline, but perhaps at this time.
        case late(until: Timestamp)
    }

    private let budget: Locked<RequestBudget>
    private let wakeSignal = Signal()
    private let time: TimeSource

    init(_ limits: RequestBudget.Limits, _ time: TimeSource) {
        budget = Locked(RequestBudget(limits))
        self.time = time
    }

    func enter(by deadline: Timestamp) async -> Entry {
        while true {
            let seen = wakeSignal.count
            let now = time.now()
            switch budget.withLock({ $0.admit(now) }) {
            case .go: return .entered
            case .wait(let until):
                // A wait that is certain to be too long is not begun.
                if let until, until > deadline { return .late(until: until) }
                if now >= deadline || Task.isCancelled { return .late(until: until ?? now) }
                await wakeSignal.wait(after: seen, until: min(until ?? deadline, deadline), time)
            }
        }
    }

    func leave(_ remaining: RequestBudget.Remaining, holdUntil: Timestamp?) {
        let now = time.now()
        budget.withLock { budget in
            budget.answer(remaining, now: now)
            if let holdUntil { budget.hold(until: holdUntil) }
        }
        wakeSignal.fire()
    }

    func giveBack() {
        budget.withLock { $0.giveBack() }
        wakeSignal.fire()
    }
}
