import Foundation
import Glibc
import OnewayCore
import TestSupport
import Testing
import Threads

@testable import Store

/// What happens to servers: certificates, fail-over, no more connections, no more room. On servers of their own.
@Suite(.serialized) struct ServerTroubleTests {
    private static let settings = ["fsync=off", "max_connections=30", "ssl=on"]
    private static let primary = ThrowawayPostgreSQL(settings)
    private static let standby = ThrowawayPostgreSQL(settings, standbyOf: primary)

    private static func says(_ address: String) -> StoreError? {
        do {
            _ = try DatabaseConnection(DatabaseAddress(address), name: "test")
            return nil
        } catch { return error }
    }

    @Test func theCertificateIsChecked() throws {
        let base = try Self.primary.address(of: "postgres")
        let named = base.replacing("127.0.0.1:", with: "localhost:") + "?hostaddr=127.0.0.1&sslmode=verify-full"
        let root = "&sslrootcert=\(Self.primary.folder)/data/server.crt"
        #expect(Self.says(named + root) == nil)
        let wrongName = Self.says(base + "?sslmode=verify-full" + root)
        #expect(wrongName?.kind == .misconfigured && wrongName?.detail.contains("does not match host name") == true)
        let noRoot = Self.says(named + "&sslrootcert=/none")
        #expect(noRoot?.kind == .misconfigured && noRoot?.detail.contains("\"/none\" does not exist") == true)
        // Another server's certificate is none that this one could have.
        let other = ThrowawayPostgreSQL.shared
        _ = try other.address()
        let otherRoot = Self.says(named + "&sslrootcert=\(other.folder)/data/server.crt")
        #expect(otherRoot?.kind == .misconfigured && otherRoot?.detail.contains("verify failed") == true)
    }

    @Test func tooManyConnectionsAreWaitedFor() async throws {
        let address = DatabaseAddress(try Self.primary.address())
        var others: [DatabaseConnection] = []
        let error = #expect(throws: StoreError.self) {
            while others.count < 40 { others.append(try DatabaseConnection(address, name: "test")) }
        }
        #expect(
            error?.kind == .unavailable && error?.detail.contains("each replica needs 7") == true,
            "\(others.count)"
        )
        let store = try PostgreSQLStore(address, isPatient: true)
        #expect(store.failure == error)
        others = []
        #expect(await eventually { store.failure == nil })
        _ = try await store.store(.sample(1))
        await store.close()
    }

    /// A commit waits for it, and nobody is told that it is stored before.
    @Test func aSynchronousStandbyThatIsAwayIsSaid() async throws {
        let server = Self.primary
        let base = try server.address(of: "postgres")
        let store = try PostgreSQLStore(DatabaseAddress(try server.address()), appenders: 1)
        _ = try await store.store(.sample(1))
        try server.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'", at: base)
        try server.control("reload")
        let wanted = "SELECT current_setting('synchronous_standby_names')"
        #expect(await eventually { (try? server.execute(wanted, at: base)) == "nobody" })
        // The server has read its settings, but a commit waits only when its checkpointer has read them too.
        let isSaid = Locked(false)
        let waits = Task {
            var number = 100
            while !isSaid.withLock(\.self) {
                _ = try await store.store(.sample(number))
                number += 1
            }
        }
        #expect(await eventually { store.failure?.detail.contains("has not confirmed a commit") == true })
        isSaid.withLock { $0 = true }
        await #expect(throws: StoreError.self) { try await store.append(.sample(3), now: 3_000) }
        try server.execute("ALTER SYSTEM RESET synchronous_standby_names", at: base)
        try server.control("reload")
        try await waits.value
        #expect(await eventually { store.failure == nil })
        _ = try await store.store(.sample(3))
        await store.close()
    }

    /// The first host is dead, the second a standby, the third the server to write to, until that one dies too.
    @Test func theHostThatCanBeWrittenToIsFound() async throws {
        let (primary, standby) = (Self.primary, Self.standby)
        let schema = try primary.address()
        let options = schema.drop { $0 != "?" }
        let hosts = try [standby, primary].map { try $0.address(of: "").split(separator: "@")[1].dropLast() }
        let every = "postgresql://oneway@127.0.0.1:1,\(hosts[0]),\(hosts[1])/postgres\(options)"
        let store = try PostgreSQLStore(DatabaseAddress(every))
        _ = try await store.store(.sample(1))
        let count = "SELECT count(*) FROM inbox"
        let copy = try standby.address(of: "postgres") + options
        #expect(await eventually { (try? standby.execute(count, at: copy)) == "1" })

        let waiting = try PostgreSQLStore(DatabaseAddress(copy), isPatient: true)
        #expect(waiting.failure?.detail.contains("only a read-only standby") == true)
        try primary.control("stop", "-m", "immediate")
        try standby.control("promote")
        #expect(await eventually { waiting.failure == nil })
        #expect(await eventually { (try? await store.append(.sample(2), now: 2_000)) != nil })
        #expect(try standby.execute(count, at: copy) == "2")
        #expect(try await store.unapplied(limit: 9, bytesMax: 9_999).count == 2)
        for each in [store, waiting] { await each.close() }
        try primary.control("restart")
    }

    /// libpq alone would stop at the first host.
    @Test func aProxyBeforeAServerThatIsGoneIsPassedOver() async throws {
        let gone = try RawServer { _ in }
        let address = try Self.primary.address(of: "postgres")
        let both = address.replacing("@", with: "@127.0.0.1:\(gone.port),")
        #expect(Self.says(both) == nil && gone.connections > 0)
        let onlyGone = Self.says("postgresql://oneway@127.0.0.1:\(gone.port)/postgres")
        #expect(onlyGone?.kind == .unavailable && onlyGone?.detail.contains("closed the connection") == true)
        // One that cannot be logged in to is no reason to pass over the next one.
        let nobody = address.replacing("oneway@", with: "oneway@127.0.0.1:1,").replacing("/postgres", with: "/none")
        #expect(Self.says(nobody)?.kind == .unavailable)
    }

    @Test(arguments: [
        ([("host", "a"), ("user", "u")], ["a:-:-"]),
        ([("host", "a,b"), ("port", "1,2")], ["a:-:1", "b:-:2"]),
        ([("host", "a,b"), ("port", "1")], ["a:-:1", "b:-:1"]),
        ([("host", "a,b"), ("hostaddr", "c,d"), ("port", ",2")], ["a:c:", "b:d:2"]),
        // As they are: libpq says what is wrong with them.
        ([("host", "a,b,c"), ("port", "1,2")], ["a,b,c:-:1,2"]),
        ([("user", "u")], ["-:-:-"]),
    ])
    func eachHostIsTriedByItself(settings: [(String, String)], expected: [String]) {
        let hosts = DatabaseAddress.hosts(settings).map { host in
            ["host", "hostaddr", "port"].map { name in host.first { $0.0 == name }?.1 ?? "-" }.joined(separator: ":")
        }
        #expect(hosts == expected)
    }

    /// Neither an error nor an answer, as behind a proxy that has lost its server. Whoever leads is not sure of it until a new
    /// session says that nobody else does.
    @Test func aSessionThatSaysNothingIsGivenUp() async throws {
        let server = Self.primary
        let base = try server.address(of: "postgres")
        let address = DatabaseAddress(try server.address() + "&connect_timeout=120")
        let store = try PostgreSQLStore(address, replica: "silenced")
        let leader = try await store.lead()
        #expect(leader.isSure && store.failure == nil)
        let session = "SELECT pid FROM pg_stat_activity WHERE application_name = 'oneway silenced, watching'"
        let found = try server.execute(session, at: base)
        let process = try #require(pid_t(found))
        let file = try String(contentsOfFile: server.folder + "/data/postmaster.pid", encoding: .utf8)
        let postmaster = try #require(file.split(separator: "\n").first.flatMap { pid_t($0) })
        // Nor is there a new session, so that what is said stands until it has been looked at.
        for each in [postmaster, process] { kill(each, SIGSTOP) }
        defer { for each in [postmaster, process] { kill(each, SIGCONT) } }
        let isSaid = await eventually {
            store.failure?.detail.contains("has not answered") == true && !leader.isSure
        }
        #expect(isSaid)
        kill(postmaster, SIGCONT)
        #expect(await eventually { store.failure == nil && leader.isSure })
        try await leader.setNote("a", [1])
        await store.close()
    }

    private static let mayMount = Program.run(["unshare", "-m", "true"], errorsToo: true).status == 0

    /// Tables on a file system of their own, of which there is only a little.
    @Test(.enabled(if: mayMount, "it mounts a file system, which needs root")) func aFullDiskIsSaid() async throws {
        let (server, folder) = (Self.primary, Self.primary.folder + "/small")
        let address = try server.address()
        let base = try server.address(of: "postgres")
        func root(_ words: String...) { #expect(Program.run(words, errorsToo: true).status == 0, "\(words)") }
        root("mkdir", folder)
        root("mount", "-t", "tmpfs", "-o", "size=4m,mode=700", "oneway-test", folder)
        defer { root("umount", "-l", folder) }
        root("chown", "postgres", folder)
        try server.execute("CREATE TABLESPACE small LOCATION '\(folder)'", at: base)
        let store = try PostgreSQLStore(DatabaseAddress(address + "%20-cdefault_tablespace%3Dsmall"), appenders: 1)
        // Bytes that hardly compress.
        var (random, stored) = (Seeded(11), 0)
        var failure: StoreError?
        while failure == nil, stored < 60 {
            let body = String(
                (0..<200_000).map { _ in "0123456789abcdefghijklmnopqrstuv".randomElement(using: &random) ?? "0" }
            )
            do throws(StoreError) {
                _ = try await store.append(.sample(stored, body: body), now: 1_000)
                stored += 1
            } catch { failure = error }
        }
        #expect(failure == StoreError(.diskFull, "the disk of PostgreSQL is full"))
        #expect(try await store.unapplied(limit: 99, bytesMax: .max).count == stored)
        root("mount", "-o", "remount,size=64m", folder)
        _ = try await store.store(.sample(stored))
        #expect(try await store.unappliedCount() == Int64(stored) + 1)
        await store.close()
        let schema = address.split(separator: "%3D").last.map(String.init) ?? ""
        try server.execute("DROP SCHEMA \(schema) CASCADE", at: base)
        try server.execute("DROP TABLESPACE small", at: base)
    }
}
