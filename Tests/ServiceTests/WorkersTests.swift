import Admin
import Applying
import Configuration
import OnewayCore
import Store
import Telemetry
import Testing

@testable import Coordination
@testable import Intake
@testable import Service

/// Everything that leads is built for one term, ends with it, and can be built again.
@Suite struct WorkersTests {
    private static func workers(_ store: any Store) async throws -> Workers {
        let workers = Workers(
            Configuration(),
            try await store.lead(),
            intake: store,
            metrics: ServiceMetrics(),
            traffic: Traffic(),
            graceMilliseconds: 0,
            log: Log(level: .error, format: .json, sink: { _ in })
        )
        try await workers.begin()
        return workers
    }

    private static func applied(_ store: any Store) async throws {
        let changes = store.signal(.outbox)
        while try await store.unappliedCount() > 0 {
            await changes.wait(after: changes.count, until: TimeSource.systemNow().adding(milliseconds: 20), .system)
        }
    }

    @Test func theNextTermContinuesInTheSameProcess() async throws {
        let store = MemoryStore()
        for number in 1...2 {
            let workers = try await Self.workers(store)
            try await ApplyingRig(store).append(ProjectorTests.opportunity(number))
            try await Lifecycle(parts: workers.parts).run { try? await Self.applied(store) }
            #expect(try await store.outboxItem(ProjectorTests.key(number)) != nil)
        }
    }

    /// They end by themselves: nobody has to tell them.
    @Test func aTermThatIsOverEndsAtItsNextChange() async throws {
        let store = MemoryStore()
        let first = try await Self.workers(store)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await first.applier.run() }
            let second = try? await Self.workers(store)
            try? await ApplyingRig(store).append(ProjectorTests.opportunity(1))
            await group.waitForAll()
            #expect((try? await store.unappliedCount()) == 1, "the first did not apply it")
            #expect((try? await second?.applier.applyNext()) == true)
        }
        #expect(try await store.unappliedCount() == 0)
    }
}
