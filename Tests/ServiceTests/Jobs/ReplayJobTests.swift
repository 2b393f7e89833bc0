import Configuration
import OnewayCore
import Store
import Telemetry
import Testing

@testable import Applying
@testable import Forwarding
@testable import Intake
@testable import Service

/// Replays of more notifications than fit one answer.
@Suite struct ReplayJobTests {
    static let count = 1_300
    let log = Log(level: .error, format: .json, sink: { _ in })

    private func jobs(_ store: any Store) -> ReplayJobs {
        ReplayJobs(store: store.leader, now: { ProjectorTests.now }, log: log)
    }

    /// A store with the given number of notifications, every tenth of them ignored.
    private static func withStore(_ body: (SQLiteStore, _ ids: [InboxID]) async throws -> Void) async throws {
        let path = AppTests.file()
        defer { AppTests.remove(path) }
        let limits = StoreLimits(diskFreeBytesMin: 0, quarantinedRowsMax: 10_000)
        let store = try SQLiteStore(path: path, limits: limits)
        let ids = try await withThrowingTaskGroup(of: Appended.self) { group in
            for number in 0..<count {
                group.addTask {
                    let outcome: Outcome = number % 10 == 0 ? .ignored : .quarantined
                    let entry = InboxEntry(identity: Array("\(number)".utf8), InboxLabels(outcome), body: [0x7B])
                    return try await store.append(entry, now: ProjectorTests.now)
                }
            }
            return try await group.reduce(into: [InboxID]()) { ids, appended in
                if case .stored(let id) = appended { ids.append(id) }
            }
        }
        try await body(store, ids.sorted())
        await store.close()
    }

    /// Runs a job to its end, applying the replayed notifications, as the service does.
    private func finish(_ store: any Store, _ jobs: ReplayJobs) async throws -> ReplayJob {
        let applier = ApplyingRig(store).applier()
        async let applying: Void = applier.run()
        try await jobs.workOff()
        await applier.stop()
        await applying
        return try #require(try await ReplayJob.latest(in: store))
    }

    @Test func aRangeIsWorkedOffInSteps() async throws {
        try await Self.withStore { store, ids in
            let jobs = jobs(store)
            let work = ReplayWork.range(InboxFilter(from: Timestamp(second: 0)))
            let begun = try #require(try await ReplayJob.begin(work, in: store, now: ProjectorTests.now))
            #expect(begun.job.state == .running)
            #expect(try await ReplayJob.begin(work, in: store, now: ProjectorTests.now) == nil, "one at a time")
            let job = try await finish(store, jobs)
            let (replayed, skipped) = (ids.count * 9 / 10, ids.count / 10)
            #expect(
                (job.job.key, job.job.state, job.replayed, job.skipped) == (begun.job.key, .done, replayed, skipped)
            )
            #expect(job.job.endedAt != nil)
            #expect(try await ReplayJob.begin(work, in: store, now: ProjectorTests.now) != nil, "the next may begin")
        }
    }

    /// Notifications that arrive meanwhile wait no longer than this.
    @Test func itWaitsForWhatItReplayedToBeApplied() async throws {
        try await Self.withStore { store, _ in
            let (jobs, work) = (jobs(store), ReplayWork.range(InboxFilter(outcome: .quarantined)))
            var job = try #require(try await ReplayJob.begin(work, in: store, now: ProjectorTests.now))
            for _ in 0..<20 { #expect(try await jobs.step(&job, work)) }
            #expect(job.replayed == ReplayJobs.unappliedMax)
            try await ApplyingRig(store).drain()
            #expect(try await jobs.step(&job, work))
            #expect(job.replayed > ReplayJobs.unappliedMax)
        }
    }

    @Test func aListIsWorkedOffAndWhatIsGoneIsSkipped() async throws {
        try await Self.withStore { store, ids in
            let gone = InboxID(earliestAt: Timestamp(second: 1))
            let jobs = jobs(store)
            _ = try await ReplayJob.begin(.notifications(ids.reversed() + [gone]), in: store, now: ProjectorTests.now)
            let job = try await finish(store, jobs)
            #expect((job.job.state, job.replayed) == (.done, ids.count * 9 / 10))
            #expect(job.skipped == ids.count / 10 + 1)
        }
    }

    /// Another process resumes the job from the store.
    @Test func aRestartGoesOn() async throws {
        try await Self.withStore { store, ids in
            let work = ReplayWork.range(InboxFilter(outcome: .quarantined))
            let begun = try await ReplayJob.begin(work, before: ids[1_000], in: store, now: ProjectorTests.now)
            #expect(begun != nil)
            let job = try await finish(store, jobs(store))
            let expected = try await store.inbox(InboxFilter(outcome: .quarantined), before: ids[1_000], limit: .max)
                .count
            #expect((job.job.key, job.job.state, job.replayed) == (begun?.job.key, .done, expected))
        }
    }

    @Test func workThatIsLostFails() async throws {
        let store = MemoryStore()
        let jobs = jobs(store)
        #expect(try await store.begin(Job(Job.Key(.replay, "1"), startedAt: ProjectorTests.now)))
        try await jobs.workOff()
        let job = try await ReplayJob.latest(in: store)
        #expect(job?.job.state == .failed && job?.job.message != nil)
    }

    @Test func whatIsRememberedIsReadAgain() {
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
