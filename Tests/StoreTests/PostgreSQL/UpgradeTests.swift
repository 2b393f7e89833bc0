import OnewayCore
import TestSupport
import Testing
import Threads

@testable import Store

/// Programs of two versions on one database. The older one is this one; what a newer one does to the tables is made up.
@Suite struct UpgradeTests {
    private static func migrate(_ fixture: Fixture, _ step: String, oldest: Int64) async throws {
        try await onOwnThread {
            Result { () throws(StoreError) in
                let connection = try DatabaseConnection(fixture.address, name: "newer")
                try DatabaseSchema.migrate(connection, steps: DatabaseSchema.steps + [step], oldest: oldest)
            }
        }.get()
    }

    @Test func anOlderProgramGoesOnWithWhatWasAdded() async throws {
        try await withFixture(.postgreSQL) { fixture in
            let older = try PostgreSQLStore(fixture.address, limits: fixture.limits)
            let leader = try await older.lead()
            let before = try await older.store(.sample(1, opportunity: .sample(1)))
            let addition = """
                DO $$ DECLARE name text; BEGIN
                    FOR name IN SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() LOOP
                        EXECUTE format('ALTER TABLE %I ADD COLUMN later bigint NOT NULL DEFAULT 7', name);
                    END LOOP;
                END $$;
                CREATE TABLE later (a bigint)
                """
            try await Self.migrate(fixture, addition, oldest: DatabaseSchema.oldest)

            let after = try await older.store(.sample(2, opportunity: .sample(2)))
            // Two appenders may number them the other way round within a millisecond.
            #expect(try await Set(older.unapplied(limit: 9, bytesMax: 9_999).map(\.id)) == [before, after])
            var application = Application(basis: try await older.mirrorVersion())
            application.applied = [before, after]
            application.desired = [.sample(1, "a"), .sample(2, "b")]
            application.records = [(.sample(.opportunity, 1, name: "n"), [])]
            try await leader.apply(application, now: 1)
            let items = try await leader.claim(.opportunity, limit: 9, now: 2_000, until: 9_000)
            try await leader.settle(items.map { Settlement($0, .confirmed(requestID: "r")) }, now: 3_000)
            #expect(try await older.status().outbox(.settled) == 2 && leader.isSure && older.failure == nil)
            await older.close()

            // It may even start again: the newer one is taken back.
            let again = try PostgreSQLStore(fixture.address, limits: fixture.limits)
            #expect(try await again.lead().isSure)
            #expect(try await again.inboxItem(after)?.id == after)
            #expect(try await again.problems() == [])
            let reader = try PostgreSQLStore(reading: fixture.address)
            #expect(try await reader.inboxItem(after)?.id == after)
            for each in [reader, again] { await each.close() }
        }
    }

    @Test func anOlderProgramThatCannotGoOnIsToldSo() async throws {
        try await withFixture(.postgreSQL) { fixture in
            let stores = try ["leads", "follows"].map {
                try PostgreSQLStore(fixture.address, replica: $0, limits: fixture.limits)
            }
            let leader = try await stores[0].lead()
            for store in stores { _ = try await store.append(.sample(1), now: 1_000) }
            let newer = DatabaseSchema.version + 1
            try await Self.migrate(fixture, "ALTER TABLE outbox RENAME COLUMN place TO position", oldest: newer)

            // Each of them is unready, says why, accepts nothing, and leads no more.
            for store in stores {
                let error = await #expect(throws: StoreError.self) {
                    while true { _ = try await store.append(.sample(2), now: 2_000) }
                }
                #expect(error?.kind == .newerSchema || error?.kind == .unavailable, "\(String(describing: error))")
                #expect(await eventually { store.failure?.kind == .newerSchema })
                #expect(store.failure?.detail.contains("needs a newer Oneway") == true)
            }
            await leader.over()
            #expect(!leader.isSure)
            let lock = try DatabaseConnection(fixture.address, name: "newer")
            // The server ends a session a moment after it was left.
            let locked = "SELECT pg_try_advisory_lock(\(DatabaseLock.leader))"
            #expect(try await eventually { try lock.execute(locked) == ["t"] })

            let later = #expect(throws: StoreError.self) { _ = try PostgreSQLStore(fixture.address, isPatient: true) }
            #expect(later?.kind == .newerSchema)
            let reading = #expect(throws: StoreError.self) { _ = try PostgreSQLStore(reading: fixture.address) }
            #expect(reading?.kind == .newerSchema)
            #expect(try lock.execute("SELECT count(*) FROM inbox") == ["1"])
            for store in stores { await store.close() }
        }
    }

    /// The step would fail if it were taken twice.
    @Test func ofSeveralThatStartAtOnceOneMigrates() async throws {
        try await withFixture(.postgreSQL) { fixture in
            await (try PostgreSQLStore(fixture.address)).close()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<3 {
                    group.addTask { try await Self.migrate(fixture, "CREATE TABLE later (a bigint)", oldest: 1) }
                }
                try await group.waitForAll()
            }
            let database = try DatabaseConnection(fixture.address, name: "test")
            let found = try DatabaseSchema.found(in: database)
            #expect(found.version == DatabaseSchema.version + 1 && found.oldest == 1)
        }
    }
}
