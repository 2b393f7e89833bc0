import OnewayCore
import Testing

@testable import Store

/// A notification that is repeated after it could not be used, or is to be read again, is not removed by the bounds.
@Suite struct RepeatedTests {
    @Test(arguments: StoreKind.allCases, [Outcome.ignored, .quarantined])
    func whatCanBeUsedByNowIsTakenUp(kind: StoreKind, first: Outcome) async throws {
        try await withStore(kind) { store in
            for (number, second) in [Outcome.accepted, .refused].enumerated() {
                let id = try await store.store(.sample(number, first))
                let opportunity = GUID.sample(number)
                let again = try await store.append(.sample(number, second, opportunity: opportunity), now: 2_000)
                #expect(again == .duplicate(of: id, outcome: first))
                let item = try #require(try await store.inboxItem(id))
                #expect(item.outcome == second && item.opportunity == opportunity && item.receivedAt == 1_000)
                #expect(item.bodyBytes > 0)
                let waiting = try await store.unapplied(limit: 10, bytesMax: 1_000)
                #expect(waiting.last?.id == id)
                #expect(waiting.last?.body == Array("{\"number\":\(number)}".utf8))
            }
            let third = try await store.append(.sample(0, first), now: 3_000)
            guard case .duplicate(_, .accepted) = third else {
                Issue.record("what is accepted stays accepted: \(third)")
                return
            }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func whatIsToBeReadAgainGivesWayToNothing(kind: StoreKind) async throws {
        let limits = StoreLimits(diskFreeBytesMin: 0, quarantinedRowsMax: 2)
        try await withStore(kind, limits: limits) { store in
            let id = try await store.store(.sample(0, .quarantined))
            #expect(try await store.replay([id], now: 2_000) == [id])
            for number in 1..<6 { _ = try await store.store(.sample(number, .quarantined)) }
            #expect(try await store.unapplied(limit: 10, bytesMax: 1_000).map(\.id) == [id])
            #expect(try await store.status().inbox[.quarantined] == 3)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aDamagedBodyIsAnEmptyOneAndStopsNobody(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let body = String(repeating: "x", count: 1_000)
            for number in 0..<3 { _ = try await store.store(.sample(number, body: body)) }
            let first = try #require(try await store.unapplied(limit: 1, bytesMax: 1).first)
            try await store.damageBody(of: first.id)
            let waiting = try await store.unapplied(limit: 10, bytesMax: 100_000)
            #expect(waiting.map(\.body.count) == [0, 1_000, 1_000])
            await #expect { try await store.body(of: first.id) } throws: { ($0 as? StoreError)?.kind == .corrupt }
            try await store.apply(now: 1) { $0.applied = waiting.map(\.id) }
            let applied = try await store.applied(before: nil, limit: 9, rowsMax: 9, bytesMax: 9_999)
            #expect(applied.entries.map(\.body.count) == [1_000, 1_000, 0])
            let mentions = try await store.mentions(of: [.sample(77)], after: nil, limit: 10)
            #expect(mentions.found == [first.id] && mentions.count == 3, "it may be about any record")
            var erasure = Erasure(basis: try await store.mirrorVersion())
            erasure.inbox = mentions.found
            #expect(try await store.leader.erase(erasure, now: 2).inbox == 1)
            #expect(try await store.body(of: first.id) == nil)
        }
    }

    @Test func aRefusedCreationIsWrittenDownWithoutRoom() async throws {
        try await withStore(.sqlite, limits: StoreLimits(diskFreeBytesMin: .max)) { store in
            await #expect { _ = try await store.append(.sample(1), now: 1_000) } throws: {
                ($0 as? StoreError)?.kind == .diskFull
            }
            _ = try await store.store(.sample(2, .refused))
        }
    }
}

/// Frequent queries use an index, without a scan, and without sorting unrelated rows.
@Suite struct PlanTests {
    @Test(arguments: [SQL.staleNext, SQL.outboxDue, SQL.inboxBefore, SQL.unappliedNext])
    func nothingIsSorted(sql: String) async throws {
        try await withFixture(.sqlite) { fixture in
            await (try fixture.open()).close()
            let plan = try Connection(path: fixture.path, .read).snapshot { db throws(StoreError) in
                try db.prepare("EXPLAIN QUERY PLAN " + sql).rows { row in row.text(3) }
            }
            #expect(!plan.isEmpty && !plan.contains { $0.contains("TEMP B-TREE") }, "\(plan)")
        }
    }
}
