import Foundation
import Glibc
import OnewayCore
import TestSupport
import Testing
import Threads

@testable import Store

/// The command, between a file and a database.
@Suite struct MigrateStoreTests {
    @Test func killedWhileItCopiesItGoesOn() async throws {
        try await withFile { path, folder in
            let text = try ThrowawayPostgreSQL.shared.address()
            let address = DatabaseAddress(text)
            // Its tables are made, and one of them cannot be written to.
            await (try PostgreSQLStore(address)).close()
            let other = try DatabaseConnection(address, name: "another")
            try other.execute("SET idle_in_transaction_session_timeout = 0; BEGIN; LOCK TABLE inbox IN SHARE MODE")
            func waiting() throws -> Int64 {
                let sql = "SELECT count(*) FROM pg_locks WHERE relation = 'inbox'::regclass AND NOT granted"
                return try other.row(sql) { $0.integer(0) } ?? 0
            }

            let ended = Monitor(false)
            startThread {
                let script = #"echo $$ > "$1/pid"; exec "$0" migrate-store "sqlite:$1/oneway.db" "$2""#
                _ = Program.run(["sh", "-c", script, AskingTests.binary, folder, text], errorsToo: true)
                ended.update { $0 = true }
            }
            let isThere = try await waited { try waiting() == 1 }
            #expect(isThere != nil)
            let number = try String(contentsOfFile: folder + "/pid", encoding: .utf8)
            kill(try #require(pid_t(number.trimmingCharacters(in: .whitespacesAndNewlines))), SIGKILL)
            await onOwnThread { ended.wait { $0 ? () : nil } }
            try other.execute("ROLLBACK")

            let refused = #expect(throws: StoreError.self) { _ = try PostgreSQLStore(address) }
            #expect(refused?.detail.contains("migrate-store") == true)
            // The server may not know yet that who was killed is gone.
            var (status, says) = (Int32(-1), "")
            let isDone = await waited {
                (status, says) = Self.run("sqlite:\(path)", text)
                return !says.contains("in use")
            }
            #expect(isDone != nil && status == 0 && says.contains(/inbox +3 +[0-9a-f]{32}/), "\(says)")
            let store = try PostgreSQLStore(address)
            #expect(try await store.inbox(InboxFilter(), before: nil, limit: 9).count == 3)
            #expect(try await store.problems() == [])
            await store.close()
        }
    }

    @Test func saysWhyItWillNot() async throws {
        try await withFile { path, folder in
            let address = try ThrowawayPostgreSQL.shared.address()
            let none = Self.run("sqlite:\(folder)/none.db", address)
            #expect(none.status == 1 && none.says.contains("The store was not migrated"), "\(none)")
            let store = try SQLiteStore(path: path)
            let busy = Self.run("sqlite:\(path)", address)
            await store.close()
            #expect(busy.status == 1 && busy.says.contains("Stop all services"), "\(busy)")
            let same = Self.run("sqlite:\(path)", "sqlite:\(folder)/other.db")
            #expect(same.status == 2 && same.says.contains("in either order"), "\(same)")
            let secret = Self.run("sqlite:\(path)", "postgresql://oneway:hunter2@127.0.0.1:1/oneway")
            #expect(secret.status == 1 && secret.says.contains("Connection refused"), "\(secret)")
            #expect(!secret.says.contains("hunter2"))
        }
    }

    private static func run(_ from: String, _ to: String) -> (status: Int32, says: String) {
        let (status, output) = Program.run([AskingTests.binary, "migrate-store", from, to], errorsToo: true)
        return (status, String(decoding: output, as: UTF8.self))
    }

    /// A store with three notifications.
    private func withFile(_ body: (_ path: String, _ folder: String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("migrate-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("oneway.db").path
        let store = try SQLiteStore(path: path)
        for number in 0..<3 {
            let entry = InboxEntry(
                identity: [UInt8(number)],
                InboxLabels(.accepted),
                body: [UInt8](repeating: 7, count: 99)
            )
            _ = try await store.append(entry, now: Timestamp(milliseconds: 1_000))
        }
        await store.close()
        try await body(path, folder.path)
    }
}
