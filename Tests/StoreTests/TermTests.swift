import Coordination
import OnewayCore
import Testing

@testable import Store

/// Who may change what, and who is woken.
@Suite struct TermTests {
    @Test(arguments: StoreKind.allCases)
    func anEarlierTermChangesNothing(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let first = try await store.lead()
            _ = try await store.store(.sample(1))
            try await first.setNote("a", [1])
            let second = try await store.lead()
            let basis = try await store.mirrorVersion()
            let changes: [@Sendable () async throws -> Void] = [
                { try await first.apply(Application(basis: basis), now: 1) },
                { _ = try await first.erase(Erasure(basis: basis), now: 2) },
                { _ = try await first.claim(.role, limit: 1, now: 1, until: 2) },
                { try await first.settle([], now: 1) },
                { _ = try await first.releaseClaims(next: 1) },
                { try await first.doubt([DeliveryKey(.company, "a")], now: 1) },
                { _ = try await first.prune(olderThan: 1, rowsMax: 1) },
                { try await first.remember([RememberedLead("a", id: 1, askedAt: 1)]) },
                { try await first.forgetLeads(["a"]) },
                { try await first.setNote("a", [2]) },
                { _ = try await first.replay([], as: Job(Job.Key(.replay, "1"), startedAt: 1), now: 1) },
                { try await first.save(Job(Job.Key(.replay, "1"), startedAt: 1)) },
            ]
            for (number, change) in changes.enumerated() {
                let error = await #expect(throws: StoreError.self) { try await change() }
                #expect(error?.kind == .notLeader && error?.endsWork == true, "change \(number)")
            }
            #expect(try await first.note("a") == [1], "anybody may read")
            #expect(!first.isSure && second.isSure)
            #expect(try await store.job(Job.Key(.replay, "1")) == nil)
            try await second.setNote("a", [3])
            #expect(try await store.note("a") == [3])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func whoWaitsIsWokenByTheCommit(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let leader = try await store.lead()
            func fired(_ work: () async throws -> Void) async throws -> Set<Topic> {
                let before = Topic.allCases.map { store.signal($0).count }
                try await work()
                // The commit is answered before it fires; a second one comes after that.
                _ = try await leader.releaseClaims(next: 1)
                let after = Topic.allCases.map { store.signal($0).count }
                return Set(Topic.allCases.filter { after[$0.rawValue] > before[$0.rawValue] })
            }
            #expect(try await fired { _ = try await store.store(.sample(1)) } == [.inbox])
            #expect(try await fired { _ = try await store.append(.sample(1), now: 2) } == [], "a repetition")
            #expect(try await fired { _ = try await store.store(.sample(2, .ignored)) } == [])
            let waiting = try await store.unapplied(limit: 9, bytesMax: 9_999).map(\.id)
            #expect(try await fired { try await store.apply { $0.applied = waiting } } == [])
            #expect(try await fired { _ = try await store.replay(waiting, now: 3) } == [.inbox])
            #expect(try await fired { try await store.desired(.sample(1, "a")) } == [.outbox])
            let stale = StaleRecord(RecordKey(.contact, .sample(1)))
            #expect(try await fired { try await store.apply { $0.stale = [stale] } } == [.inbox])
            #expect(try await fired { try await store.setPause(since: 5) } == [.orders])
            #expect(try await store.orders().pausedSince == 5)
            #expect(try await fired { _ = try await store.retry(.code("none"), now: 6) } == [.orders])
            #expect(try await store.orders() == Orders(pausedSince: 5, retriedAt: 6))
            var job = Job(Job.Key(.sweep, "a"), startedAt: 1)
            #expect(try await fired { _ = try await store.begin(job) } == [.jobs, .inbox])
            job.cursor = "1"
            #expect(try await fired { try await leader.save(job) } == [], "a cursor alone is of no interest")
            job.end(.done, at: 7)
            #expect(try await fired { try await leader.save(job) } == [.jobs, .inbox])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func whatFailsWakesNobody(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let leader = try await store.lead()
            let before = store.signal(.outbox).count
            await #expect(throws: StoreError.self) {
                var application = Application(basis: MirrorVersion(number: 77))
                application.desired = [.sample(1, "a")]
                try await leader.apply(application, now: 1)
            }
            _ = try await leader.releaseClaims(next: 1)
            #expect(store.signal(.outbox).count == before)
        }
    }
}
