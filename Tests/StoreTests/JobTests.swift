import OnewayCore
import Testing

@testable import Store

/// Long work, in every store.
@Suite struct JobTests {
    private static func job(_ kind: Job.Kind, _ name: String, at time: Timestamp = 1_000) -> Job {
        Job(Job.Key(kind, name), work: Array(#"{"a":1}"#.utf8), startedAt: time)
    }

    @Test(arguments: StoreKind.allCases)
    func isKeptWithAllItSays(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            var job = Self.job(.erasure, "a")
            #expect(try await store.begin(job))
            #expect(try await !store.begin(job), "it is running")
            (job.cursor, job.counts) = ("0d11518d44e00000", ["left": 2, "searched": 0])
            try await store.leader.save(job)
            #expect(try await store.job(job.key) == job)
            #expect(try await store.jobs(.erasure, .running, limit: 9) == [job])
            job.end(.failed, "why", at: 2_000)
            try await store.leader.save(job)
            #expect(try await store.job(job.key) == job)
            #expect(try await store.jobs(.erasure, .running, limit: 9) == [])
            #expect(try await store.begin(Self.job(.erasure, "a", at: 3_000)), "it ended")
            #expect(try await store.job(job.key)?.counts == [:])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func areListedNewestFirstAndOnlyOneReplayRuns(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            for (number, name) in ["a", "b", "c"].enumerated() {
                _ = try await store.begin(Self.job(.sweep, name, at: Timestamp(milliseconds: Int64(number / 2))))
            }
            #expect(try await store.jobs(.sweep, nil, limit: 2).map(\.key.name) == ["c", "b"])
            #expect(try await store.jobs(.replay, nil, limit: 9) == [])
            #expect(try await store.begin(Self.job(.replay, "1")))
            #expect(try await !store.begin(Self.job(.replay, "2")))
        }
    }

    @Test(arguments: StoreKind.allCases)
    func endedOnesBeyondSomeAreForgotten(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let count = Ledger.endedJobsMax + 5
            let jobs = (0..<count).map { number in
                var job = Self.job(.replay, "\(number)", at: Timestamp(milliseconds: Int64(number)))
                job.end(.done, at: 9_999)
                return job
            }
            try await store.put(Array(jobs.dropLast(2)))
            for job in jobs.suffix(2) {
                #expect(try await store.begin(Self.job(.replay, job.key.name, at: job.startedAt)))
                try await store.leader.save(job)
            }
            let left = try await store.jobs(.replay, nil, limit: count)
            #expect(left.count == Ledger.endedJobsMax + 1 && left.first?.key.name == "\(count - 1)")
        }
    }

    /// A step and how far it has come are one transaction: neither without the other.
    @Test(arguments: StoreKind.allCases)
    func aStepCountsItself(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            var job = Self.job(.replay, "1")
            #expect(try await store.begin(job))
            let ids = [try await store.store(.sample(1)), try await store.store(.sample(2, .ignored))]
            try await store.apply { $0.applied = ids }
            job.cursor = "x"
            let replayed = try await store.leader.replay(ids, as: job, now: 2_000)
            #expect(replayed == [ids[0]])
            let kept = try #require(try await store.job(job.key))
            #expect(kept.cursor == "x" && kept.counts == ["replayed": 1, "skipped": 1])

            var sweep = Self.job(.sweep, "a")
            sweep.end(.done, at: 2_000)
            let refused = Application(basis: MirrorVersion(number: 99))
            await #expect(throws: StoreError.self) {
                var refused = refused
                refused.jobs = [sweep]
                refused.notes = ["rules": [1]]
                try await store.leader.apply(refused, now: 2_000)
            }
            #expect(try await store.job(sweep.key) == nil)
            #expect(try await store.note("rules") == nil)
            try await store.apply {
                $0.jobs = [sweep]
                $0.notes = ["rules": [1]]
            }
            #expect(try await store.job(sweep.key) == sweep)
            #expect(try await store.note("rules") == [1])
        }
    }

    @Test func surviveARestart() async throws {
        try await withFixture(.sqlite) { fixture in
            let job = Self.job(.erasure, "a")
            let store = try fixture.open()
            #expect(try await store.begin(job))
            let crashed = try fixture.afterCrash()
            #expect(try await crashed.jobs(.erasure, .running, limit: 9) == [job])
            await crashed.close()
            await store.close()
        }
    }
}
