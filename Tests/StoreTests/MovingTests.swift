import Foundation
import OnewayCore
import TestSupport
import Testing
import Threads

@testable import Store

/// A store is copied to the other database, and back.
@Suite struct MovingTests {
    @Test(arguments: UInt64(0)..<4)
    func fromTheFileToTheDatabaseAndBack(seed: UInt64) async throws {
        try await withPair { file, database in
            let model = try await Self.fill(file, seed)
            let there = try await Self.move(file.path, database, .toDatabase)
            let store = try database.open()
            // Back with what the service has done meanwhile.
            for store in [store, model] { try await Self.work(store) }
            try await Self.compare(store, model, seed)
            let copy = Self.copy(of: file)
            let back = try await Self.move(copy, database, .toFile)
            #expect(back.map(\.table) == there.map(\.table))
            try await Self.compare(try SQLiteStore(path: copy, limits: file.limits), model, seed)
        }
    }

    @Test func everyRowOfEveryTableComesBackAsItWas() async throws {
        try await withPair { file, database in
            _ = try await Self.fill(file, 11)
            let there = try await Self.move(file.path, database, .toDatabase)
            #expect(there.filter { $0.moved.rows == 0 }.map(\.table) == [], "nothing is seen of an empty table")
            let copy = Self.copy(of: file)
            let back = try await Self.move(copy, database, .toFile)
            #expect(back.map(\.moved) == there.map(\.moved))
            // Read by other means.
            let (before, after) = (try Connection(path: file.path, .read), try Connection(path: copy, .read))
            for table in there.map(\.table) {
                func all(_ db: Connection) throws -> Set<[String]> {
                    let names = try db.rows("SELECT name FROM pragma_table_info('\(table)')", []) { $0.text(0) }
                    let texts = names.map { "quote(\($0))" }.joined(separator: ", ")
                    let rows = try db.rows("SELECT \(texts) FROM \(table)", []) { row in
                        names.indices.map { row.text(Int32($0)) }
                    }
                    return Set(rows)
                }
                #expect(try all(before) == all(after), "\(table)")
            }
        }
    }

    /// A table that one database has and the move does not know would be lost without a word.
    @Test func noTableIsForgotten() async throws {
        try await withPair { file, database in
            await (try file.open()).close()
            await (try database.open()).close()
            let tables = try FileEnd(source: file.path).tables()
            #expect(tables.allSatisfy { !$0.key.isEmpty })
            let sql = "SELECT table_name::text FROM information_schema.tables WHERE table_schema = current_schema()"
            let found = try DatabaseConnection(database.address, name: "test").rows(sql, []) { row in row.text(0) }
            #expect(Set(found) == Set(tables.map(\.name) + ["term", "replica", "schema_version"]))
        }
    }

    @Test(arguments: [StoreMove.Direction.toDatabase, .toFile])
    func interruptedAnywhereItGoesOn(direction: StoreMove.Direction) async throws {
        try await withPair { file, database in
            let model = try await Self.fill(file, 7)
            var path = file.path
            if direction == .toFile {
                _ = try await Self.move(path, database, .toDatabase)
                path = Self.copy(of: file)
            }
            func open() throws -> any Store {
                direction == .toDatabase ? try database.open() : try SQLiteStore(path: path, limits: file.limits)
            }
            var runs = 0
            while try await Self.isInterrupted(path, database, direction), runs < 200 {
                runs += 1
                for refused in [
                    #expect(throws: StoreError.self) { _ = try open() },
                    #expect(throws: StoreError.self) {
                        _ =
                            direction == .toDatabase
                            ? try PostgreSQLStore(reading: database.address) as any Store
                            : try SQLiteStore(reading: path)
                    },
                ] { #expect(refused?.detail.contains("migrate-store") == true) }
            }
            #expect(runs > 10 && runs < 200)
            try await Self.compare(try open(), model, 7)
        }
    }

    @Test func manyAndLargeRowsComeInPages() async throws {
        try await withPair { file, database in
            let store = try file.open()
            let noise = Self.noise(400_000)
            for number in 0..<1_200 {
                _ = try await store.store(.sample(number, body: number % 100 == 0 ? noise : "small"))
            }
            await store.close()
            for direction in [StoreMove.Direction.toDatabase, .toFile] {
                let pages = Locked(0)
                let path = direction == .toDatabase ? file.path : Self.copy(of: file)
                let moved = try await Self.move(path, database, direction) { table, _ in
                    if table == "body" { pages.withLock { $0 += 1 } }
                }
                #expect(moved.contains { $0.table == "body" && $0.moved.rows == 1_200 })
                #expect(pages.withLock(\.self) == 2, "of 12 large bodies, 250 KB each, and one of 1,000 rows at most")
            }
        }
    }

    @Test func aPageEndsWithTheRowThatIsTooMuch() async throws {
        try await withFixture(.sqlite) { file in
            let store = try file.open()
            for number in 0..<4 { _ = try await store.store(.sample(number, body: Self.noise(2_000_000))) }
            await store.close()
            let end = try FileEnd(source: file.path)
            let body = try #require(try end.tables().first { $0.name == "body" })
            let first = try end.page(of: body, after: nil)
            #expect(first.count == 3, "two are not quite 4 MB")
            #expect(try end.page(of: body, after: body.key(of: first[2])).count == 1)
        }
    }
}

// MARK: Helpers

extension MovingTests {
    /// Cannot be compressed.
    private static func noise(_ count: Int) -> String {
        var random = Seeded(3)
        return String(decoding: (0..<count).map { _ in UInt8(48 + random.next() % 64) }, as: UTF8.self)
    }

    func withPair(_ body: (Fixture, Fixture) async throws -> Void) async throws {
        try await withFixture(.sqlite) { file in
            try await withFixture(.postgreSQL) { database in try await body(file, database) }
        }
    }

    static func copy(of file: Fixture) -> String { file.folder.appendingPathComponent("copy.db").path }

    static func move(
        _ path: String,
        _ database: Fixture,
        _ direction: StoreMove.Direction,
        copied: @escaping @Sendable (String, Int) throws(StoreError) -> Void = { _, _ in }
    ) async throws(StoreError) -> [(table: String, moved: MovedRows)] {
        try await StoreMove(file: path, database: database.address, direction).run(copied: copied)
    }

    static func refusal(
        _ path: String,
        _ database: Fixture,
        _ direction: StoreMove.Direction
    ) async -> StoreError? {
        do throws(StoreError) {
            _ = try await move(path, database, direction)
            return nil
        } catch { return error }
    }

    /// Copies one page more, or all of some tables; false when the move ended before that.
    static func isInterrupted(
        _ path: String,
        _ database: Fixture,
        _ direction: StoreMove.Direction,
        after last: String = ""
    ) async throws -> Bool {
        do throws(StoreError) {
            _ = try await move(path, database, direction) { table, _ throws(StoreError) in
                if table >= last { throw StoreError(.unavailable, "interrupted") }
            }
            return false
        } catch {
            #expect(error.detail == "interrupted")
            return true
        }
    }

    /// With random steps, and something in every table; the model has gone the same way.
    static func fill(_ fixture: Fixture, _ seed: UInt64) async throws -> MemoryStore {
        let (store, model) = (try fixture.open(), MemoryStore(limits: fixture.limits))
        var (random, now) = (Seeded(seed), Int64(1_000))
        for _ in 0..<200 {
            now += Int64.random(in: 0...40, using: &random)
            let step = Step.random(using: &random)
            _ = await step.run(on: model, now: Timestamp(milliseconds: now))
            _ = await step.run(on: store, now: Timestamp(milliseconds: now))
        }
        for store in [store as any Store, model] {
            try await work(store)
            try await store.ask([RecordKey(.contact, .sample(1)): .refresh], now: 5_000)
            _ = try await store.begin(Job(Job.Key(.sweep, "s"), startedAt: 5_000))
            try await store.record([RefusedAttempts(.marketoUser, who: "a\u{0}b")], now: 5_000)
            try await store.leader.remember([RememberedLead("\u{0}\u{1}", id: nil, askedAt: 2)])
            try await store.apply(now: 5_000) {
                $0.stale = [StaleRecord(RecordKey(.contact, .sample(77)), after: nil, lane: .slow)]
                $0.desired = [.sample(71, "held", heldFor: .customer)]
            }
        }
        await store.close()
        return model
    }

    /// What a service does: receives, applies, sends, and writes notes.
    private static func work(_ store: any Store) async throws {
        let number = Int(try await store.status().unapplied) + 9_000
        _ = try await store.store(.sample(number, opportunity: .sample(1)), now: 6_000)
        try await store.apply(now: 6_000) {
            $0.records = [
                (.sample(.opportunity, 5, name: "x\u{0}"), [Reference("a", to: RecordKey(.account, .sample(1)))])
            ]
            $0.desired = [.sample(72, "wanted \(number)")]
            $0.opportunitiesKnown = 1
        }
        for item in try await store.claim(at: 7_000) {
            try await store.leader.settle([Settlement(item, .confirmed(requestID: "r"))], now: 7_001)
        }
        try await store.leader.setNote("a", Array("a\u{0}b".utf8))
    }

    private static func compare(_ store: any Store, _ model: any Store, _ seed: UInt64) async throws {
        let (found, expected) = (try await Everything(store), try await Everything(model))
        let pairs = zip(Mirror(reflecting: found).children, Mirror(reflecting: expected).children)
        let differing = pairs.filter { "\($0.value)" != "\($1.value)" }.map { $0.0.label ?? "" }
        #expect(found == expected, "seed \(seed): \(differing)")
        #expect(try await store.problems() == [], "seed \(seed)")
        await store.close()
    }
}
