import Foundation
import OnewayCore
import Testing

@testable import Store

/// What is not copied, and why.
extension MovingTests {
    @Test func whileAServiceWorksWithEither() async throws {
        try await withPair { file, database in
            let source = try file.open()
            _ = try await source.store(.sample(1))
            #expect(await Self.refusal(file.path, database, .toDatabase)?.kind == .inUse)
            await source.close()
            let target = try PostgreSQLStore(database.address, replica: "oneway-7", limits: database.limits)
            _ = try await target.lead()
            let refusal = await Self.refusal(file.path, database, .toDatabase)
            #expect(refusal?.kind == .inUse && refusal?.detail.contains("oneway-7 works with it") == true)
            #expect(await Self.refusal(Self.copy(of: file), database, .toFile)?.kind == .inUse)
            await target.close()
            #expect(await Self.refusal(file.path, database, .toDatabase) == nil)
        }
    }

    /// And the other way round: a service does not begin to work with what is copied just now.
    @Test func noServiceStartsMeanwhile() async throws {
        try await withPair { file, database in
            await (try file.open()).close()
            await (try database.open()).close()
            let ends = (try FileEnd(source: file.path), try DatabaseEnd(database.address, isTarget: false))
            #expect(#expect(throws: StoreError.self) { _ = try file.open() }?.kind == .inUse)
            let refused = #expect(throws: StoreError.self) { _ = try database.open() }
            #expect(refused?.mends == true && refused?.detail.contains("migrate-store") == true)
            withExtendedLifetime(ends) {}
        }
    }

    @Test func whatIsNotEmpty() async throws {
        try await withPair { file, database in
            let source = try file.open()
            _ = try await source.store(.sample(1))
            await source.close()
            let target = try database.open()
            _ = try await target.store(.sample(2))
            await target.close()
            #expect(await Self.refusal(file.path, database, .toDatabase)?.detail.contains("not empty") == true)
            let copy = Self.copy(of: file)
            #expect(await Self.refusal(copy, database, .toFile) == nil)
            #expect(await Self.refusal(copy, database, .toFile)?.detail.contains("not empty") == true)
        }
    }

    @Test func aSourceThatIsNone() async throws {
        try await withPair { file, database in
            #expect(await Self.refusal(file.path, database, .toDatabase) != nil)
            #expect(try FileManager.default.contentsOfDirectory(atPath: file.folder.path) == [], "nothing is made")
            #expect(await Self.refusal(file.path, database, .toFile)?.detail.contains("no tables") == true)
            #expect(try FileManager.default.contentsOfDirectory(atPath: file.folder.path) == [])
            let found = try DatabaseSchema.found(in: DatabaseConnection(database.address, name: "test"))
            #expect(found.version == 0)
        }
    }

    @Test(arguments: [(Schema.version + 1, StoreError.Kind.newerSchema), (Schema.version - 1, .olderSchema)])
    func aFileOfAnotherVersion(version: Int64, kind: StoreError.Kind) async throws {
        try await withPair { file, database in
            let store = try file.open()
            _ = try await store.store(.sample(1))
            await store.close()
            try Connection(path: file.path, .write).execute("PRAGMA user_version = \(version)")
            let refusal = await Self.refusal(file.path, database, .toDatabase)
            #expect(refusal?.kind == kind && refusal?.detail.contains("schema \(version)") == true)
            // As the target it is not touched either.
            await (try database.open()).close()
            #expect(await Self.refusal(file.path, database, .toFile)?.kind == kind)
            #expect(try Schema.version(of: Connection(path: file.path, .read)) == version)
        }
    }

    @Test func aDatabaseOfANewerVersion() async throws {
        try await withPair { file, database in
            await (try file.open()).close()
            await (try database.open()).close()
            try DatabaseConnection(database.address, name: "test").execute("UPDATE schema_version SET version = 99")
            #expect(await Self.refusal(Self.copy(of: file), database, .toFile)?.kind == .newerSchema)
            #expect(await Self.refusal(file.path, database, .toDatabase)?.kind == .newerSchema)
        }
    }

    @Test func aSourceThatHasChangedOrIsAnother() async throws {
        try await withPair { file, database in
            _ = try await Self.fill(file, 9)
            #expect(try await Self.isInterrupted(file.path, database, .toDatabase))
            let source = try file.open()
            _ = try await source.store(.sample(7_777))
            await source.close()
            #expect(await Self.refusal(file.path, database, .toDatabase)?.detail.contains("changed since") == true)
            try await withFixture(.sqlite) { other in
                _ = try await Self.fill(other, 10)
                let refusal = await Self.refusal(other.path, database, .toDatabase)
                #expect(refusal?.detail.contains("a part of another store") == true)
            }
            // A part is no source.
            let copy = Self.copy(of: file)
            #expect(await Self.refusal(copy, database, .toFile)?.detail.contains("is a part") == true)
        }
    }

    @Test func aCopyThatDiffers() async throws {
        try await withPair { file, database in
            _ = try await Self.fill(file, 12)
            #expect(try await Self.isInterrupted(file.path, database, .toDatabase, after: "lead"))
            try DatabaseConnection(database.address, name: "test").execute("UPDATE body SET plain_bytes = 1")
            let refusal = await Self.refusal(file.path, database, .toDatabase)
            #expect(refusal?.kind == .corrupt && refusal?.detail.contains("the copy differs: body has") == true)
            #expect(throws: StoreError.self) { _ = try database.open() }
        }
    }
}
