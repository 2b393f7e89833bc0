import Configuration
import OnewayCore
import Store
import Telemetry
import Testing

@testable import Coordination
@testable import Forwarding

@Suite struct CallGateTests {
    /// Whoever asks first, such as the probe at the start of a term: the calls of the run before count, and are not forgotten.
    @Test func nobodyCallsBeforeEarlierCallsAreKnown() async throws {
        for _ in 0..<50 {
            let store = MemoryStore()
            let leader = try await store.lead()
            // It stands still, so that no day ends.
            let now = TimeSource.systemNow()
            let time = TimeSource(now: { now }, sleep: TimeSource.system.sleep)
            var budget = CallBudget(CallBudget.Limits(), now: now)
            for _ in 0..<5 { #expect(budget.admit(now) == .go) }
            try await leader.setNote("budget", budget.kept)
            let log = Log(level: .error, format: .json, sink: { _ in })
            let gate = CallGate(CallBudget.Limits(), store: leader, time: time, log: log)
            let first = Task { await gate.acquire() }
            for _ in 0..<10 { await Task.yield() }
            try await gate.resumeFromStore()
            #expect(await first.value != nil)
            #expect(gate.status.usedToday == 6)
        }
    }
}
