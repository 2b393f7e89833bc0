import Configuration
import OnewayCore
import Store
import Telemetry
import Testing

@testable import Service

/// Replays of more than fit one answer.
@Suite struct ReplayJobTests {
    static let count = 2_500
    let store = MemoryStore(limits: StoreLimits(quarantinedRowsMax: 10_000))
    let log = Log(level: .error, format: .json, sink: { _ in })

    private func jobs(_ store: any Store) -> ReplayJobs {
        ReplayJobs(store: store, applier: Desk(store).applier(), now: { ProjectorTests.now }, log: log)
    }

    /// As many as said, every tenth of them ignored.
    private func fill(_ store: any Store) async throws -> [InboxID] {
        var ids: [InboxID] = []
        for number in 0..<Self.count {
            let entry = InboxEntry(
                identity: Array("\(number)".utf8),
                outcome: number % 10 == 0 ? .ignored : .quarantined,
                body: Array("{".utf8)
            )
            if case .stored(let id) = try await store.append(entry, now: ProjectorTests.now) { ids.append(id) }
        }
        return ids
    }

    /// Runs a job to its end, applying what it replays, as the service does.
    private func finish(_ store: any Store, _ jobs: ReplayJobs) async throws -> ReplayJob {
        let applier = Desk(store).applier()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await jobs.run() }
            group.addTask { await applier.run() }
            var unappliedMost: Int64 = 0
            while try await jobs.latest()?.state == .running {
                unappliedMost = max(unappliedMost, try await store.status().unapplied)
                applier.wake()
                await Task.yield()
            }
            #expect(unappliedMost <= ReplayJobs.unappliedMax + ReplayJobs.rowsPerStep)
            await jobs.stop()
            await applier.stop()
            try await group.waitForAll()
            return try #require(try await jobs.latest())
        }
    }

    @Test func aRangeIsWorkedOffInSteps() async throws {
        let ids = try await fill(store)
        let jobs = jobs(store)
        let begun = try #require(try await jobs.begin(.range(InboxFilter(from: Timestamp(second: 0))), before: .last))
        #expect(begun.state == .running)
        #expect(try await jobs.begin(.range(InboxFilter()), before: .last) == nil, "one at a time")
        let job = try await finish(store, jobs)
        #expect((job.id, job.state, job.replayed, job.skipped) == (begun.id, .done, ids.count * 9 / 10, ids.count / 10))
        #expect(job.endedAt != nil)
        #expect(try await jobs.begin(.range(InboxFilter()), before: .last) != nil, "the next may begin")
    }

    @Test func aListIsWorkedOffAndWhatIsGoneIsSkipped() async throws {
        let ids = try await fill(store)
        let gone = InboxID(earliestAt: Timestamp(second: 1))
        let work = ReplayWork.notifications((ids.filter { $0.number % 2 == 0 } + [gone]).sorted(by: >))
        let jobs = jobs(store)
        _ = try await jobs.begin(work, before: .last)
        let job = try await finish(store, jobs)
        guard case .notifications(let asked) = work else { return }
        #expect(job.state == .done && job.replayed + job.skipped == asked.count)
    }

    /// Another process goes on with what the store remembers.
    @Test func aRestartGoesOn() async throws {
        let ids = try await fill(store)
        let first = jobs(store)
        let begun = try await first.begin(.range(InboxFilter(outcome: .quarantined)), before: ids[1_000])
        #expect(begun != nil)
        let job = try await finish(store, jobs(store))
        #expect((job.id, job.state, job.replayed) == (begun?.id, .done, 900))
    }

    @Test func workThatIsLostFails() async throws {
        let jobs = jobs(store)
        _ = try await jobs.begin(.range(InboxFilter()), before: .last)
        try await store.setNote("replay-work", nil)
        let job = try await finish(store, jobs)
        #expect(job.state == .failed && job.message != nil)
    }

    @Test func whatIsRememberedIsReadAgain() {
        var job = ReplayJob(startedAt: ProjectorTests.now, before: .last)
        job.replayed = 7
        #expect(ReplayJob(job.json.encoded) == job)
        (job.state, job.endedAt, job.message, job.skipped) = (.failed, ProjectorTests.now, "why", 3)
        #expect(ReplayJob(job.json.encoded) == job)
        for work in [
            ReplayWork.notifications([InboxID(number: 9), InboxID(number: 3)]),
            .range(InboxFilter(outcome: .refused, from: Timestamp(second: 5), to: ProjectorTests.now)),
        ] {
            #expect(ReplayWork(work.json.encoded) == work)
        }
    }

    /// Over the wire: 202, then GET until it is done.
    @Test func theAPIAnswersWithAJob() async throws {
        try await AppTests.withApp(store: .memory) { ports in
            let none = try await AppTests.ask("GET", ports.admin, "/api/inbox/replay")
            #expect(none.status == 404)
            let names = (1...1_001).map { #""\#(InboxID(number: Int64($0)))""# }.joined(separator: ",")
            let dry = #"{"notifications":[\#(names)],"dryRun":true}"#
            #expect(try await AppTests.ask("POST", ports.admin, "/api/inbox/replay", dry).status == 400)
            let begun = try await AppTests.ask(
                "POST",
                ports.admin,
                "/api/inbox/replay",
                #"{"notifications":[\#(names)]}"#
            )
            #expect(begun.status == 202)
            var state = begun
            while state.members["state"] as? String == "running" {
                state = try await AppTests.ask("GET", ports.admin, "/api/inbox/replay")
            }
            #expect(state.members["job"] as? String == begun.members["job"] as? String)
            #expect(state.members["state"] as? String == "done")
            #expect(state.members["skipped"] as? Int == 1_001)
        }
    }
}

extension InboxID {
    fileprivate static let last = InboxID(number: .max)
}
