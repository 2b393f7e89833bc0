import Foundation
import Glibc
import Threads

/// A PostgreSQL server for this test process: started with the first test that needs it, stopped when the process ends,
/// even if it crashes.
public final class ThrowawayPostgreSQL: Sendable {
    /// What is not durable is faster; and a server whose defaults Oneway must not rely on.
    public static let shared = ThrowawayPostgreSQL(
        ["fsync=off", "full_page_writes=off", "max_connections=500", "synchronous_commit=off", "shared_buffers=64MB"]
    )

    private let settings: [String]
    private let port: Locked<Result<Int, PostgreSQLMissing>?>
    private let schemas = Locked(0)
    private let starting = Monitor(false)
    public let folder = "/tmp/oneway-postgresql-\(getpid())-\(UInt32.random(in: .min ... .max))"

    public init(_ settings: [String]) {
        self.settings = settings
        port = Locked(nil)
    }

    /// The address of a new schema, which takes the place of a database of its own.
    public func address() throws -> String {
        let port = try started()
        let number = schemas.withLock { number in
            number += 1
            return number
        }
        let server = "postgresql://oneway@127.0.0.1:\(port)/postgres"
        try run(["psql", "-qX", server, "-c", "CREATE SCHEMA test_\(number)"])
        return server + "?options=-csearch_path%3Dtest_\(number)"
    }

    /// Runs statements with psql.
    public func execute(_ sql: String, at address: String) throws { try run(["psql", "-qX", address, "-c", sql]) }

    private func started() throws -> Int {
        // One starts it; the others wait.
        starting.wait { isStarting -> Void? in
            if isStarting { return nil }
            isStarting = true
            return ()
        }
        defer { starting.update { $0 = false } }
        if let known = port.withLock(\.self) { return try known.get() }
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Scripts/throwaway-postgresql").standardizedFileURL.path
        let (status, output) = Program.run([script, folder, "\(getpid())"] + settings, errorsToo: true)
        let said = String(decoding: output, as: UTF8.self)
        let result = Int(said.split(separator: "\n").last ?? "").map { Result<Int, PostgreSQLMissing>.success($0) }
        let outcome = (status == 0 ? result : nil) ?? .failure(PostgreSQLMissing(says: said))
        port.withLock { $0 = outcome }
        return try outcome.get()
    }

    private func run(_ arguments: [String]) throws {
        let (status, output) = Program.run(arguments, errorsToo: true)
        if status != 0 { throw PostgreSQLMissing(says: String(decoding: output, as: UTF8.self)) }
    }
}

struct PostgreSQLMissing: Error, CustomStringConvertible {
    let says: String
    var description: String { "PostgreSQL: \(says)" }
}
