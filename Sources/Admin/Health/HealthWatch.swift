import Alerting
import Coordination
package import Intake
import OnewayCore
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
        let leader: LeaderView
        let readiness: Readiness?
        let metrics: ServiceMetrics?
        let leadField: String

        package init(
            _ leader: LeaderView,
            readiness: Readiness? = nil,
            metrics: ServiceMetrics? = nil,
            leadField: String = ""
        ) {
            (self.leader, self.readiness, self.metrics, self.leadField) = (leader, readiness, metrics, leadField)
        }

        var store: any Store { leader.store }
    }

    private struct State {
        var memory = HealthMemory()
        var trends: HealthTrends
        var isStopped = false
    }

    let subjects: Subjects
    private let state: Locked<State>
    /// Nil: another replica leads, and keeps what is to be remembered.
    private let keeper: @Sendable () -> (any StoreLeader)?
    private let ended = Signal()
    private let log: Log?

    package init(
        _ subjects: Subjects,
        keeper: @escaping @Sendable () -> (any StoreLeader)? = { nil },
        log: Log? = nil
    ) {
        self.subjects = subjects
        state = Locked(State(trends: HealthTrends(subjects.leader.now())))
        (self.keeper, self.log) = (keeper, log)
    }

    private func now() -> Timestamp { subjects.leader.now() }

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
            subjects.leader.leading()?.alerter?.look(verdict, now())
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
        guard let leader = keeper() else { return }
        let kept = state.withLock { $0.memory.kept }
        do throws(StoreError) {
            if try await leader.note(Self.note) != kept { try await leader.setNote(Self.note, kept) }
        } catch {
            log?.debug("the verdict could not be stored", [.error: .text("\(error)")])
        }
    }
}
