import Foundation
import OnewayCore
import Testing

@testable import Store

/// A store opened for reading.
@Suite struct ReadingTests {
    private static func withFolder(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("oneway-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder.path + "/oneway.db")
    }

    private static let now = Timestamp(second: 1_772_442_000)

    private static func entry(_ number: Int) -> InboxEntry {
        InboxEntry(identity: [UInt8(number)], InboxLabels(.accepted), body: Array("body \(number)".utf8))
    }

    @Test func itSeesWhatTheWriterCommitsMeanwhile() async throws {
        try await Self.withFolder { path in
            let writer = try SQLiteStore(path: path, limits: StoreLimits(diskFreeBytesMin: 0))
            _ = try await writer.append(Self.entry(1), now: Self.now)
            let reader = try SQLiteStore(reading: path)
            #expect(try await reader.inbox(InboxFilter(), before: nil, limit: 9).count == 1)
            #expect(try await reader.status().inbox[.accepted] == 1)
            _ = try await writer.append(Self.entry(2), now: Self.now)
            #expect(try await reader.inbox(InboxFilter(), before: nil, limit: 9).count == 2)
            #expect(try await reader.problems().isEmpty)
            await reader.close()
            _ = try await writer.append(Self.entry(3), now: Self.now)
            await writer.close()
        }
    }

    @Test func itChangesNothingAndSaysSo() async throws {
        try await Self.withFolder { path in
            let writer = try SQLiteStore(path: path, limits: StoreLimits(diskFreeBytesMin: 0))
            guard case .stored(let id) = try await writer.append(Self.entry(1), now: Self.now) else { return }
            await writer.close()
            let before = try Data(contentsOf: URL(fileURLWithPath: path))
            for tail in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + tail) }
            let reader = try SQLiteStore(reading: path)
            #expect(reader.failure?.kind == .unavailable)
            await #expect(throws: StoreError.self) { try await reader.append(Self.entry(2), now: Self.now) }
            await #expect(throws: StoreError.self) { try await reader.leader.setNote("a", [1]) }
            await #expect(throws: StoreError.self) { try await reader.replay([id], now: Self.now) }
            #expect(try await reader.body(of: id) == Array("body 1".utf8))
            await reader.close()
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
        }
    }

    /// It takes no lock either: the service can start while a reader has the file open.
    @Test func theServiceOpensWhileItIsRead() async throws {
        try await Self.withFolder { path in
            await (try SQLiteStore(path: path)).close()
            let reader = try SQLiteStore(reading: path)
            let writer = try SQLiteStore(path: path)
            await writer.close()
            await reader.close()
        }
    }

    @Test func aFileThatIsNotAStoreIsNeitherOpenedNorCreated() async throws {
        try await Self.withFolder { path in
            #expect(throws: StoreError.self) { try SQLiteStore(reading: path) }
            #expect(!FileManager.default.fileExists(atPath: path))
            try Data().write(to: URL(fileURLWithPath: path))
            #expect { try SQLiteStore(reading: path) } throws: { ($0 as? StoreError)?.kind == .corrupt }
            try Data(repeating: 7, count: 4096).write(to: URL(fileURLWithPath: path))
            #expect { try SQLiteStore(reading: path) } throws: { ($0 as? StoreError)?.kind == .corrupt }
        }
    }

    @Test func aNewerSchemaIsNotGuessedAt() async throws {
        try await Self.withFolder { path in
            await (try SQLiteStore(path: path)).close()
            let connection = try Connection(path: path, .write)
            try connection.execute("PRAGMA user_version = 99")
            #expect { try SQLiteStore(reading: path) } throws: { ($0 as? StoreError)?.kind == .newerSchema }
        }
    }
}
