import Coordination
import OnewayCore
import TestSupport
import Testing

@testable import Store

/// Several stores on one database, as replicas have them.
@Suite struct ReplicaTests {
    private static func with(_ count: Int, _ body: ([PostgreSQLStore], Fixture) async throws -> Void) async throws {
        try await withFixture(.postgreSQL) { fixture in
            let stores = try await withThrowingTaskGroup(of: PostgreSQLStore.self) { group in
                // All at once: one of them makes the tables.
                for number in 0..<count {
                    group.addTask { try PostgreSQLStore(fixture.address, replica: "\(number)", limits: fixture.limits) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            try await body(stores, fixture)
            #expect(try await stores[0].problems() == [])
            for store in stores { await store.close() }
        }
    }

    @Test func whatArrivesEverywhereIsStoredOnce() async throws {
        try await Self.with(3) { stores, _ in
            let (count, times) = (60, 6)
            let answers = try await withThrowingTaskGroup(of: (Int, Appended).self) { group in
                for number in 0..<count {
                    for time in 0..<times {
                        let entry = InboxEntry.sample((number * 7 + time) % count)
                        group.addTask {
                            (
                                (number * 7 + time) % count,
                                try await stores[time % stores.count].append(entry, now: 1_000)
                            )
                        }
                    }
                }
                return try await group.reduce(into: [(Int, Appended)]()) { $0.append($1) }
            }
            var stored: [Int: InboxID] = [:]
            for case (let number, .stored(let id)) in answers { #expect(stored.updateValue(id, forKey: number) == nil) }
            #expect(stored.count == count && Set(stored.values).count == count)
            for case (let number, .duplicate(let id, _)) in answers { #expect(stored[number] == id) }
        }
    }

    @Test func oneLeadsAndTheNextWhenItLeaves() async throws {
        try await Self.with(2) { stores, _ in
            let first = try await stores[0].lead()
            let second = Task { try await stores[1].lead() }
            try await first.setNote("a", [1])
            await stores[0].close()
            await first.over()
            let leader = try await second.value
            try await leader.setNote("a", [2])
            #expect(try await stores[1].note("a") == [2])
            await #expect(throws: StoreError.self) { try await first.setNote("a", [3]) }
        }
    }

    /// Its process is paused, or cut off: it keeps its lock.
    @Test func theSessionOfALeaderThatIsSilentIsEnded() async throws {
        try await Self.with(1) { stores, fixture in
            let silent = try DatabaseConnection(fixture.address, name: "test")
            try silent.execute(
                """
                SELECT pg_advisory_lock(\(DatabaseLock.leader));
                INSERT INTO replica (id, name, version, process, started_at, heard_at)
                VALUES ('silent', 'silent', '0', pg_backend_pid(), now(), now() - interval '60.5 s');
                UPDATE term SET number = number + 1, replica = 'silent'
                """
            )
            #expect(try await stores[0].lead().isSure)
            #expect(throws: StoreError.self) { try silent.execute("SELECT 1") }
        }
    }

    /// As after a pause of the process: the database refuses, whatever the earlier leader believes.
    @Test func anEarlierLeaderIsRefusedByTheDatabase() async throws {
        try await Self.with(2) { stores, fixture in
            let first = try await stores[0].lead()
            try DatabaseConnection(fixture.address, name: "test").execute("UPDATE term SET number = number + 1")
            let error = await #expect(throws: StoreError.self) { try await first.setNote("a", [1]) }
            #expect(error?.kind == .notLeader)
            await first.over()
        }
    }

    @Test func whatOneChangesWakesTheOthers() async throws {
        try await Self.with(2) { stores, _ in
            let arrivals = stores[1].signal(.inbox)
            let seen = arrivals.count
            let id = try await stores[0].store(.sample(1))
            await arrivals.wait(after: seen, .system)
            #expect(try await stores[1].unapplied(limit: 9, bytesMax: 9_999).map(\.id) == [id])
            #expect(try await eventually { try await stores[1].unappliedCount() == 1 })
            let orders = stores[0].signal(.orders)
            let given = orders.count
            try await stores[1].setPause(since: 7)
            await orders.wait(after: given, .system)
            #expect(try await stores[0].orders().pausedSince == 7)
        }
    }

    /// Any replica applies what an operator states, and the leader's next step knows of it.
    @Test func anyReplicaChangesTheMirror() async throws {
        try await Self.with(2) { stores, _ in
            let leader = try await stores[0].lead()
            for number in 1...3 {
                var application = Application(basis: try await stores[1].mirrorVersion())
                application.records = [(.sample(.account, number, name: "n"), [])]
                application.desired = [.sample(number, "a", kind: .company)]
                try await stores[1].apply(application, now: 1)
                let items = try await leader.claim(.company, limit: 5, now: 2_000, until: 3_000)
                #expect(items.map(\.key.text) == ["\(GUID.sample(number))"])
            }
            let key = RecordKey(.account, .sample(3))
            #expect(try await leader.records([key]).count == 1)
        }
    }

    @Test func aLostConnectionIsMadeAgain() async throws {
        try await Self.with(1) { stores, fixture in
            let leader = try await stores[0].lead()
            _ = try await stores[0].store(.sample(1))
            let other = try DatabaseConnection(fixture.address, name: "test")
            // Only the sessions of this test, by the locks that they have.
            try other.execute(
                """
                SELECT pg_terminate_backend(pid) FROM pg_locks
                WHERE locktype = 'advisory' AND pid <> pg_backend_pid()
                    AND (classid::bigint << 32 | objid::bigint) >> 16 = 'term'::regclass::oid::bigint
                """
            )
            #expect(await eventually { (try? await stores[0].append(.sample(2), now: 2_000)) != nil })
            #expect(await eventually { (try? await leader.setNote("a", [1])) != nil })
            #expect(try await stores[0].unapplied(limit: 9, bytesMax: 9_999).count == 2)
        }
    }
}
