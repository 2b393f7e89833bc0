import Coordination
import MarketoClient
package import OnewayCore
import Telemetry
import Threads

/// Finds out whether Marketo lets us in before anything is sent: at the start with every permission, and while nothing
/// is sent one after the other. Changes nothing, neither in Marketo nor in how records are sent.
package final class MarketoProbe: Running {
    /// One call as long as all is well and nothing else is sent; sooner after a failure.
    static let idleSeconds = 600
    static let againSeconds = 60

    private struct State {
        /// The calls to make, the next one first.
        var calls: [MarketoCall]
        /// What is known of each.
        var told: [MarketoCallName: HealthFacts.Probe] = [:]
        var lookedAt: Timestamp?
        var isStopped = false
    }

    private let calls: [MarketoCall]
    private let context: DeliveryContext
    private let state: Locked<State>
    private let woken = Signal()

    init(_ context: DeliveryContext) {
        self.context = context
        // A right that is missing for sales persons alone stops nothing: they are parked, and that is told.
        calls = RecordKind.allCases.filter { $0 != .salesPerson }.map { .describe($0) }
        state = Locked(State(calls: calls))
    }

    /// What is known now. A record that was sent since proves more than a look that did not reach Marketo.
    package var outcome: HealthFacts.Probe {
        let fineAt = context.gate.fineAt
        return state.withLock { state in
            let told = calls.compactMap { state.told[$0.name] }
            let isOvertaken = fineAt.map { $0 > state.lookedAt ?? $0 } ?? false
            if let denied = told.first(where: { $0.isOfOneKind || $0.isDenied && !isOvertaken }) { return denied }
            if isOvertaken { return .passed }
            if let away = told.first(where: { $0 != .passed }) { return away }
            return fineAt != nil || told.count == calls.count ? .passed : .none
        }
    }

    /// An operator has mended something.
    package func retryNow() {
        state.withLock { $0.lookedAt = nil }
        woken.fire()
    }

    package func run() async {
        while true {
            let seen = woken.count
            let (isStopped, next) = state.withLock { ($0.isStopped, self.next($0)) }
            if isStopped || Task.isCancelled { return }
            if let next, next > context.time.now() {
                await woken.wait(after: seen, until: next, context.time)
            } else if mayCall {
                await look()
            } else {
                let later = context.time.now().adding(seconds: Self.againSeconds)
                await woken.wait(after: seen, until: later, context.time)
            }
        }
    }

    package func stop() async {
        state.withLock { $0.isStopped = true }
        woken.fire()
    }

    /// A paused service makes no call, and one that Marketo has stopped tries with the records that wait.
    private var mayCall: Bool {
        let status = context.gate.status
        return status.pausedSince == nil && status.condition == .ok && status.leftToday > 0
    }

    /// Nil: now.
    private func next(_ state: State) -> Timestamp? {
        guard let lookedAt = state.lookedAt else { return nil }
        let isWell = state.told.count == calls.count && state.told.values.allSatisfy { $0 == .passed }
        if !isWell { return lookedAt.adding(seconds: Self.againSeconds) }
        return max(lookedAt, context.gate.fineAt ?? lookedAt).adding(seconds: Self.idleSeconds)
    }

    /// All that are not known to be well; if all are, the one that was not looked at for longest.
    private func look() async {
        var calls = state.withLock { state in state.calls.filter { state.told[$0.name] != .passed } }
        if calls.isEmpty { calls = state.withLock { [$0.calls[0]] } }
        for call in calls {
            guard let slot = await context.gate.acquire() else { return await stop() }
            let begun = context.time.now()
            let reading = CallReading(await context.call(call), .read, .opportunity, count: 0)
            context.report(call, reading, begun)
            // It says nothing about records that are sent.
            context.gate.answer(.unsure, slot)
            let outcome = HealthFacts.Probe(reading, call)
            state.withLock { state in
                state.told[call.name] = outcome
                state.calls = state.calls.filter { $0.name != call.name } + [call]
                state.lookedAt = context.time.now()
            }
            // The others would say the same.
            if case .away = outcome { break }
            if case .denied(let trouble, _) = outcome, trouble.code == "credentials" { break }
        }
        context.log.debug("looked whether Marketo lets us in", [.code: .text(self.outcome.code)])
    }
}

extension HealthFacts.Probe {
    fileprivate init(_ reading: CallReading, _ call: MarketoCall) {
        switch reading.whole {
        case nil: self = .passed
        case .refused(.stop, let trouble): self = .denied(trouble, what: call.subject)
        case .notSent(let trouble) where trouble.code == "credentials": self = .denied(trouble, what: nil)
        case .refused(_, let trouble), .notSent(let trouble), .unknown(let trouble), .unclear(let trouble):
            self = .away(trouble)
        }
    }

    fileprivate var isDenied: Bool { if case .denied = self { true } else { false } }

    /// That other kinds of records are sent says nothing about it.
    fileprivate var isOfOneKind: Bool { if case .denied(_, .some) = self { true } else { false } }

    fileprivate var code: String {
        switch self {
        case .none: "none"
        case .passed: "ok"
        case .denied(let trouble, _), .away(let trouble): trouble.code
        }
    }
}

extension MarketoCall {
    /// What a describing call asks about.
    fileprivate var subject: String {
        switch name {
        case .companiesDescribe: "companies"
        case .opportunitiesDescribe: "opportunities"
        case .rolesDescribe: "opportunity roles"
        default: "people"
        }
    }
}
