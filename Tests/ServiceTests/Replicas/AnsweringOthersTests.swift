import OnewayCore
import Telemetry
import TestSupport
import Testing

@testable import Admin
@testable import Coordination
@testable import Store

/// What the leader makes of the questions of other replicas. `ReplicaProgramTests` asks them over real sockets.
@Suite struct AnsweringOthersTests {
    private static func asked(_ age: Int, work: String, in store: any Store) async throws -> Job.Key {
        let now = ProjectorTests.now
        let job = Job(Job.Key(.ask, "\(age)"), work: Array(work.utf8), startedAt: now.adding(seconds: -age))
        #expect(try await store.begin(job))
        return job.key
    }

    private static func run(_ store: any Store, until isSo: () async throws -> Bool) async throws {
        let rig = ApplyingRig(store)
        let answering = AnsweringOthers(
            rig.api(),
            leader: { store.leader },
            log: Log(level: .error, format: .json, sink: { _ in })
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await answering.run() }
            let isDone = try await eventually(isSo)
            #expect(isDone)
            await answering.stop()
            try await group.waitForAll()
        }
    }

    @Test func aQuestionIsAnsweredUnlessNobodyWaitsAnyMore() async throws {
        let store = MemoryStore()
        let late = try await Self.asked(60, work: "{}", in: store)
        let path = #"{"method":"POST","path":"/api/load","query":"","body":"{}"}"#
        let new = try await Self.asked(0, work: path, in: store)
        try await Self.run(store) { try await store.jobs(.ask, .running, limit: 9).isEmpty }
        let (first, second) = (try await store.job(late), try await store.job(new))
        #expect(first?.state == .cancelled && first?.cursor == nil)
        #expect(
            second?.state == .done && second?.cursor?.contains("dynamics.webApi is not set") == true,
            "\(second?.cursor ?? "")"
        )
    }

    /// It may hold values of records.
    @Test func anAnswerIsForgottenOnceItMayHaveBeenRead() async throws {
        let store = MemoryStore()
        for age in [0, 60] {
            let key = try await Self.asked(age, work: "{}", in: store)
            var job = try #require(try await store.job(key))
            job.cursor = "{}"
            job.end(.done, at: ProjectorTests.now.adding(seconds: -age))
            try await store.leader.save(job)
        }
        let old = Job.Key(.ask, "60")
        try await Self.run(store) { try await store.job(old)?.cursor == nil }
    }
}
