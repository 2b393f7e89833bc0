import OnewayCore
import Testing

@testable import Store

/// A step costs as many round trips for a hundred rows as for one.
@Suite struct RoundTripTests {
    private static func withStore(_ body: @escaping (PostgreSQLStore) async throws -> Void) async throws {
        try await withFixture(.postgreSQL) { fixture in
            let store = try PostgreSQLStore(fixture.address, limits: fixture.limits, appenders: 1)
            try await body(store)
            #expect(try await store.problems() == [])
            await store.close()
        }
    }

    /// Of the session that makes steps.
    private static func trips(_ store: PostgreSQLStore, _ work: () async throws -> Void) async throws -> Int {
        let before = try await store.write { $0.db.roundTrips }
        try await work()
        let after = try await store.write { $0.db.roundTrips }
        // Between the two readings there are the end of the first and the beginning of the second.
        return after - before - 2
    }

    @Test(arguments: [(rows: 1, number: 0), (rows: 100, number: 1_000)])
    func applyingClaimingAndSettling(rows: Int, number: Int) async throws {
        try await Self.withStore { store in
            let leader = try await store.lead()
            var ids: [InboxID] = []
            for row in 0..<rows { ids.append(try await store.store(.sample(number + row, opportunity: .sample(row)))) }
            var application = Application(basis: try await store.mirrorVersion())
            application.applied = ids
            for row in 0..<rows {
                let account = RecordKey(.account, .sample(row % 3))
                application.records.append(
                    (.sample(.opportunity, row, name: "name \(row)"), [Reference("parentaccountid", to: account)])
                )
                application.desired.append(.sample(row, "text \(row)"))
                application.questions[account] = .unknown
            }
            let chosen = application
            let applying = try await Self.trips(store) { try await leader.apply(chosen, now: 1) }
            // Begin, references, outbox, inbox, questions, and the commit with what is saved.
            #expect(applying == 6)
            var items: [OutboxItem] = []
            let claiming = try await Self.trips(store) {
                items = try await leader.claim(.opportunity, limit: rows, now: 2_000, until: 9_000)
            }
            // Begin, due, commit.
            #expect(items.count == rows && claiming == 3)
            let settlements = items.map { Settlement($0, .confirmed(requestID: "r")) }
            let settling = try await Self.trips(store) { try await leader.settle(settlements, now: 3_000) }
            // Begin, outbox, those that wait, commit.
            #expect(settling == 4)
            #expect(try await store.status().outbox(.settled) == Int64(rows))
        }
    }

    @Test(arguments: [1, 100])
    func readingByKeys(rows: Int) async throws {
        try await Self.withStore { store in
            try await store.apply { application in
                for row in 0..<rows {
                    let account = RecordKey(.account, .sample(row % 3))
                    application.records.append(
                        (.sample(.opportunity, row, name: "n"), [Reference("parentaccountid", to: account)])
                    )
                    application.desired.append(.sample(row, "text"))
                }
            }
            let ids = (0..<rows).map { GUID.sample($0) }
            let (trips, found) = try await store.read(.step) { db throws(StoreError) in
                let before = db.roundTrips
                let records = try db.records(ids.map { RecordKey(.opportunity, $0) })
                let referrers = try db.referrers(
                    to: (0..<3).map { RecordKey(.account, .sample($0)) },
                    from: .opportunity
                )
                let items = try db.outbox(of: ids)
                return (
                    db.roundTrips - before,
                    [records.count, referrers.values.joined().count, items.values.joined().count]
                )
            }
            #expect(trips == 3 && found == [rows, rows, rows])
        }
    }

    @Test(arguments: [1, 100])
    func accepting(rows: Int) async throws {
        try await withFixture(.postgreSQL) { fixture in
            let store = try PostgreSQLStore(fixture.address, limits: fixture.limits, appenders: 1)
            await store.close()
            let session = try DatabaseSession(DatabaseConnection(fixture.address, name: "test"), limits: fixture.limits)
            let entries = try (0..<rows).map { try PackedEntry(.sample($0), receivedAt: 1_000) }
            let before = session.db.roundTrips
            let answers = try session.persistently(.append) { session throws(StoreError) in
                try session.append(entries)
            }
            // Begin, identities, commit.
            #expect(session.db.roundTrips - before == 3 && answers.count == rows)
        }
    }
}
