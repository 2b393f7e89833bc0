package import Alerting
package import Completing
import Coordination
package import Forwarding
package import Intake
package import OnewayCore
package import Store
package import Telemetry
import Threads

/// Looks again and again whether all is well, remembers since when what is wrong has been wrong, and has it told.
/// Pages and the API look for themselves, so that they show what is true now.
package final class HealthWatch: Running {
    static let secondsBetween = 5
    private static let note = "health"

    /// What is looked at. A part that does not exist is nil.
    package struct Subjects: Sendable {
        package var store: any Store
        package var readiness: Readiness?
        package var forwarding: Forwarding?
        package var completer: Completer?
        package var metrics: ServiceMetrics?
        package var alerter: Alerter?
        package var leadField: String

        package init(
            store: any Store,
            readiness: Readiness? = nil,
            forwarding: Forwarding? = nil,
            completer: Completer? = nil,
            metrics: ServiceMetrics? = nil,
            alerter: Alerter? = nil,
            leadField: String = ""
        ) {
            (self.store, self.readiness, self.forwarding, self.completer) = (store, readiness, forwarding, completer)
            (self.metrics, self.alerter, self.leadField) = (metrics, alerter, leadField)
        }
    }

    private struct State {
        var memory = HealthMemory()
        var trends: HealthTrends
        var isStopped = false
    }

    let subjects: Subjects
    private let state: Locked<State>
    /// Nil: somebody else's, and only looked at.
    private let leader: (any StoreLeader)?
    private let now: @Sendable () -> Timestamp
    private let ended = Signal()
    private let log: Log?

    package init(
        _ subjects: Subjects,
        leader: (any StoreLeader)? = nil,
        now: @escaping @Sendable () -> Timestamp,
        log: Log? = nil
    ) {
        self.subjects = subjects
        state = Locked(State(trends: HealthTrends(now())))
        (self.leader, self.now, self.log) = (leader, now, log)
    }

    /// How it is now.
    func look() async -> Verdict {
        var facts = await subjects.facts(now())
        return state.withLock { state in
            state.trends.add(subjects, to: &facts)
            return state.memory.verdict(on: facts)
        }
    }

    package func run() async {
        await load()
        while !state.withLock({ $0.isStopped }), !Task.isCancelled {
            let seen = ended.count
            let verdict = await look()
            subjects.alerter?.look(verdict, now())
            await keep()
            await ended.wait(after: seen, until: now().adding(seconds: Self.secondsBetween), .system)
        }
    }

    package func stop() async {
        state.withLock { $0.isStopped = true }
        ended.fire()
    }

    /// Since when something has been wrong is remembered as far as the store can tell.
    private func load() async {
        guard let kept = try? await subjects.store.note(Self.note) else { return }
        state.withLock { $0.memory = HealthMemory(kept: kept) }
    }

    private func keep() async {
        guard let leader else { return }
        let kept = state.withLock { $0.memory.kept }
        do throws(StoreError) {
            if try await leader.note(Self.note) != kept { try await leader.setNote(Self.note, kept) }
        } catch {
            log?.debug("the verdict could not be stored", [.error: .text("\(error)")])
        }
    }
}
