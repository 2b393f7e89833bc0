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
    private let primary: ThrowawayPostgreSQL?
    private let port: Locked<Result<Int, PostgreSQLMissing>?>
    private let schemas = Locked(0)
    private let starting = Monitor(false)
    public let folder = "/tmp/oneway-postgresql-\(getpid())-\(UInt32.random(in: .min ... .max))"

    public init(_ settings: [String], standbyOf primary: ThrowawayPostgreSQL? = nil) {
        (self.settings, self.primary) = (settings, primary)
        port = Locked(nil)
    }

    /// The address of a new schema, which takes the place of a database of its own.
    public func address() throws -> String {
        let server = try address(of: "postgres")
        let number = schemas.withLock { number in
            number += 1
            return number
        }
        try run(["psql", "-qX", server, "-c", "CREATE SCHEMA test_\(number)"])
        return server + "?options=-csearch_path%3Dtest_\(number)"
    }

    public func address(of database: String) throws -> String {
        "postgresql://oneway@127.0.0.1:\(try started())/\(database)"
    }

    /// Runs statements with psql. Returns the first column of what the last one found.
    @discardableResult
    public func execute(_ sql: String, at address: String) throws -> String {
        try run(["psql", "-qXAt", address, "-c", sql]).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Stops, restarts, or promotes the server, with pg_ctl.
    public func control(_ words: String...) throws {
        _ = try started()
        let script =
            #"cd "$0"; p=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1); exec "$p/pg_ctl" -D data -w "$@""#
        let owner = geteuid() == 0 ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] : []
        // The server keeps what it inherits open, which must not be this process's pipe.
        try run(owner + ["sh", "-c", script + #" -l server.log >control.log 2>&1"#, folder] + words)
    }

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
        let role = try primary.map { ["ONEWAY_STANDBY_OF=\(try $0.started())"] } ?? []
        let command = ["env"] + role + [script, folder, "\(getpid())"] + settings
        let (status, output) = Program.run(command, errorsToo: true)
        let said = String(decoding: output, as: UTF8.self)
        let result = Int(said.split(separator: "\n").last ?? "").map { Result<Int, PostgreSQLMissing>.success($0) }
        let outcome = (status == 0 ? result : nil) ?? .failure(PostgreSQLMissing(says: said))
        port.withLock { $0 = outcome }
        return try outcome.get()
    }

    @discardableResult
    private func run(_ arguments: [String]) throws -> String {
        let (status, output) = Program.run(arguments, errorsToo: true)
        let said = String(decoding: output, as: UTF8.self)
        if status != 0 { throw PostgreSQLMissing(says: said) }
        return said
    }
}

struct PostgreSQLMissing: Error, CustomStringConvertible {
    let says: String
    var description: String { "PostgreSQL: \(says)" }
}
