import OnewayCore
import Testing

@testable import Store

@Suite struct OperationsTests {
    @Test(arguments: StoreKind.allCases)
    func theStatusIsWhatTheRowsSay(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            #expect(try await store.status().unappliedSince == nil)
            for number in 0..<6 {
                _ = try await store.store(.sample(number, number < 2 ? .ignored : .accepted), now: 1_500)
            }
            let first = try #require(try await store.unapplied(limit: 1, bytesMax: 1).first)
            try await store.apply(now: 1_600) {
                $0.desired = [.sample(1, "x"), .sample(2, nil), .sample(3, "y", heldFor: .name)]
                $0.applied = [first.id]
            }
            let status = try await store.status()
            #expect(status.inbox == [.accepted: 4, .ignored: 2, .refused: 0, .quarantined: 0])
            #expect((status.unapplied, status.unappliedSince) == (3, 1_500))
            #expect((status.outbox(.pending), status.outbox(.settled), status.outbox(.waiting)) == (1, 1, 1))
            #expect(status.pendingSince == 1_600)
            #expect(status.inboxBytes > 0)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func pruningTakesWhatIsOldAndAppliedInSteps(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            var ids: [InboxID] = []
            for number in 0..<10 {
                ids.append(try await store.store(.sample(number), now: Timestamp(milliseconds: Int64(number))))
            }
            try await store.apply { $0.applied = ids.filter { $0 != ids[2] } }
            #expect(try await store.leader.prune(olderThan: 6, rowsMax: 4) == Pruned(rows: 3, isDone: false))
            #expect(try await store.leader.prune(olderThan: 6, rowsMax: 4) == Pruned(rows: 2, isDone: true))
            #expect(try await store.leader.prune(olderThan: 6, rowsMax: 4) == Pruned(rows: 0, isDone: true))
            let left = try await store.inbox(InboxFilter(), before: nil, limit: 50).map(\.id)
            #expect(left.reversed() == [ids[2]] + ids[6...])
            #expect(try await store.body(of: ids[0]) == nil)
            #expect(try await store.append(.sample(0), now: 90) != .duplicate(of: ids[0], outcome: .accepted))
        }
    }

    @Test(arguments: StoreKind.allCases)
    func tooManyBytesPruneWhatIsAppliedAndRefuseOnlyWhenTheRestAloneIsTooMuch(kind: StoreKind) async throws {
        var limits = StoreLimits.forTests
        limits.inboxBytesMax = 100
        try await withStore(kind, limits: limits) { store in
            var ids: [InboxID] = []
            for number in 0..<4 {
                ids.append(try await store.store(.sample(number, body: "{\"abcdefghijklmnopqrstu\":\(number)}")))
            }
            await #expect(throws: StoreError(.diskFull, "unapplied notifications fill the inbox")) {
                try await store.append(.sample(9), now: 1)
            }
            #expect(store.failure == nil || store.failure?.kind == .diskFull)
            try await store.apply { $0.applied = ids }
            _ = try await store.store(.sample(9))
            #expect(try await store.leader.prune(olderThan: 0, rowsMax: 50) == Pruned(rows: 1, isDone: true))
            #expect(try await store.status().inboxBytes <= 100)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func r2RefusalsAreCountedBoundedAndAllowed(kind: StoreKind) async throws {
        var limits = StoreLimits.forTests
        limits.refusalRowsMax = 3
        try await withStore(kind, limits: limits) { store in
            let hook = RefusedAttempts(.marketoWebhook, who: "192.0.2.1")
            try await store.record([hook, hook], now: 5)
            try await store.record([RefusedAttempts(.marketoWebhook, who: "192.0.2.1", count: 40)], now: 9)
            try await store.record([RefusedAttempts(.marketoUser, who: "user", opportunity: .sample(1))], now: 6)
            let items = try await store.refusals(before: nil, limit: 9)
            #expect(items.map(\.count) == [1, 42])
            #expect(items.map(\.at) == [6, 9])
            #expect(items.map(\.opportunity) == [.sample(1), nil])
            #expect(try await store.refusals(before: items[0].number, limit: 9) == [items[1]])
            #expect(try await store.allow(.sample(2)) == false)
            #expect(try await store.allow(.sample(1)))
            #expect(try await store.refusals(before: nil, limit: 1).map(\.isAllowed) == [true])
            for number in 0..<5 { try await store.record([RefusedAttempts(.marketoUser, who: "\(number)")], now: 7) }
            #expect(try await store.refusals(before: nil, limit: 9).map(\.who) == ["4", "3", "2"])
            #expect(try await store.status().refusals == 3)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func notesAreKeptAndForgotten(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            #expect(try await store.note("paused") == nil)
            try await store.leader.setNote("paused", [1, 2])
            try await store.leader.setNote("paused", [])
            #expect(try await store.note("paused") == [])
            try await store.leader.setNote("paused", nil)
            #expect(try await store.note("paused") == nil)
        }
    }
}
