import Foundation
import OnewayCore
import TestSupport
import Testing
import Threads

@testable import Store

/// A store that was filled at random is copied to the other database, and back.
@Suite struct MovingTests {
    @Test(arguments: UInt64(0)..<6)
    func fromTheFileToTheDatabaseAndBack(seed: UInt64) async throws {
        try await withPair { file, database in
            let filled = try await Self.fill(file, seed)
            let there = try await Self.move(file.path, database, .toDatabase)
            #expect(there.contains { $0.table == "outbox" && $0.moved.rows > 0 }, "seed \(seed)")
            // Both work on: the same steps give the same store.
            try await Self.compare(database, filled, seed)
            let copy = file.folder.appendingPathComponent("copy.db").path
            let back = try await Self.move(copy, database, .toFile)
            #expect(back.map(\.table) == there.map(\.table))
            let copied = try SQLiteStore(path: copy, limits: file.limits)
            try await Self.compare(copied, database, seed)
            await copied.close()
        }
    }

    private struct Interrupted: Error {}

    @Test func interruptedAnywhereItGoesOn() async throws {
        try await withPair { file, database in
            _ = try await Self.fill(file, 7)
            var pages = 0
            while pages < 200 {
                // The first page of this run arrives, and no more.
                do throws(StoreError) {
                    let seen = Locked(0)
                    _ = try await Self.move(file.path, database, .toDatabase) { _, _ throws(StoreError) in
                        if seen.withLock({
                            $0 += 1; return $0
                        }) == 1 {
                            throw StoreError(.unavailable, "interrupted")
                        }
                    }
                    break
                } catch {
                    #expect(error.detail == "interrupted")
                    pages += 1
                    let refused = #expect(throws: StoreError.self) { _ = try database.open() }
                    #expect(refused?.detail.contains("migrate-store") == true)
                    #expect(throws: StoreError.self) { _ = try PostgreSQLStore(reading: database.address) }
                }
            }
            #expect(pages > 5 && pages < 200)
            let moved = try database.open()
            #expect(try await moved.problems() == [])
            await moved.close()
        }
    }

    @Test func manyAndLargeRowsComeInPages() async throws {
        try await withPair { file, database in
            let store = try file.open()
            var random = Seeded(3)
            for number in 0..<1_200 {
                let large = number % 100 == 0 ? 400_000 : 10
                let body = String(
                    (0..<large).map { _ in "0123456789abcdefghijklmnopqrstuv".randomElement(using: &random) ?? "0" }
                )
                _ = try await store.store(.sample(number, body: body))
            }
            await store.close()
            let pages = Locked(0)
            let moved = try await Self.move(file.path, database, .toDatabase) { table, _ in
                if table == "body" { pages.withLock { $0 += 1 } }
            }
            #expect(moved.contains { $0.table == "body" && $0.moved.rows == 1_200 })
            #expect(pages.withLock(\.self) > 3)
        }
    }

    @Test func whatMustNotBeCopiedIsRefused() async throws {
        func says(_ path: String, _ database: Fixture, _ direction: StoreMove.Direction) async -> StoreError? {
            do throws(StoreError) {
                _ = try await Self.move(path, database, direction)
                return nil
            } catch { return error }
        }
        try await withPair { file, database in
            #expect(await says(file.path, database, .toDatabase) != nil, "there is no file")
            let source = try file.open()
            _ = try await source.store(.sample(1))
            #expect(await says(file.path, database, .toDatabase)?.kind == .inUse)
            await source.close()
            let target = try database.open()
            #expect(await says(file.path, database, .toDatabase)?.kind == .inUse)
            _ = try await target.store(.sample(2))
            await target.close()
            #expect(await says(file.path, database, .toDatabase)?.detail.contains("not empty") == true)
            let copy = file.folder.appendingPathComponent("copy.db").path
            let serving = try database.open()
            #expect(await says(copy, database, .toFile)?.kind == .inUse)
            await serving.close()
            #expect(await says(copy, database, .toFile) == nil)
            #expect(await says(copy, database, .toFile)?.detail.contains("not empty") == true)
        }
    }

    @Test func aSourceThatHasChangedSinceIsNotContinued() async throws {
        try await withPair { file, database in
            _ = try await Self.fill(file, 9)
            await #expect(throws: StoreError.self) {
                try await Self.move(file.path, database, .toDatabase) { _, _ throws(StoreError) in
                    throw StoreError(.unavailable, "interrupted")
                }
            }
            let source = try file.open()
            _ = try await source.store(.sample(7_777))
            await source.close()
            let error = await #expect(throws: StoreError.self) {
                try await Self.move(file.path, database, .toDatabase)
            }
            #expect(error?.detail.contains("changed since") == true)
        }
    }

    // MARK: Helpers

    private func withPair(_ body: (Fixture, Fixture) async throws -> Void) async throws {
        try await withFixture(.sqlite) { file in
            try await withFixture(.postgreSQL) { database in try await body(file, database) }
        }
    }

    /// Copies between a file and a database.
    private static func move(
        _ path: String,
        _ database: Fixture,
        _ direction: StoreMove.Direction,
        copied: @escaping @Sendable (String, Int) throws(StoreError) -> Void = { _, _ in }
    ) async throws(StoreError) -> [(table: String, moved: MovedRows)] {
        try await StoreMove(file: path, database: database.address, direction).run(copied: copied)
    }

    /// With random steps; the model has gone the same way.
    private static func fill(_ fixture: Fixture, _ seed: UInt64) async throws -> MemoryStore {
        let (store, model) = (try fixture.open(), MemoryStore(limits: fixture.limits))
        var (random, now) = (Seeded(seed), Int64(1_000))
        for _ in 0..<200 {
            now += Int64.random(in: 0...40, using: &random)
            let step = Step.random(using: &random)
            _ = await step.run(on: model, now: Timestamp(milliseconds: now))
            _ = await step.run(on: store, now: Timestamp(milliseconds: now))
        }
        try await store.leader.setNote("a", Array("a\u{0}b".utf8))
        try await store.leader.remember([RememberedLead("\u{0}\u{1}", id: nil, askedAt: 2)])
        await store.close()
        return model
    }

    private static func compare(_ fixture: Fixture, _ model: any Store, _ seed: UInt64) async throws {
        let store = try fixture.open()
        try await compare(store, model, seed)
        await store.close()
    }

    private static func compare(_ store: any Store, _ fixture: Fixture, _ seed: UInt64) async throws {
        let other = try fixture.open()
        try await compare(store, other, seed)
        await other.close()
    }

    private static func compare(_ store: any Store, _ model: any Store, _ seed: UInt64) async throws {
        #expect(try await Everything(store) == Everything(model), "seed \(seed)")
        #expect(try await store.problems() == [], "seed \(seed)")
    }
}
