import Configuration
import Coordination
import Foundation
import OnewayCore
import Sandbox
import Service
import Telemetry
import TestSupport
import Testing
import Threads

@testable import Store

/// A server that comes after its replicas, and what they cost it while nothing happens.
@Suite(.serialized) struct DatabaseAwayTests {
    private static let server = ThrowawayPostgreSQL(
        ["fsync=off", "max_connections=40", "shared_preload_libraries=pg_stat_statements"]
    )

    private static let body = notification(
        message: "Update",
        id: "\(GUID(high: 0xAA, low: 1))",
        operation: "\(GUID(high: 0xAB, low: 1))",
        attributes: #"{"key":"name","value":"a"}"#
    )

    @Test func theServiceWaitsForIt() async throws {
        let (server, lines) = (Self.server, Locked<[String]>([]))
        let note: @Sendable ([UInt8]) -> Void = { line in
            lines.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
        }
        let log = Log(level: .info, format: .json, sink: note)
        let address = try server.address()
        try server.control("stop")
        try await AppTests.withApp(store: .postgreSQL(Secret(address)), log: log) { ports in
            let ready = try await AppTests.ask("GET", ports.public, "/readyz")
            #expect(ready.status == 503 && ready.members["reasons"] as? [String] == ["store"], "\(ready)")
            #expect(try await AppTests.ask("POST", ports.public, AppTests.door, Self.body).status == 503)
            let page = try await AppTests.ask("GET", ports.admin, "/").body
            #expect(page.contains("the store is not working") && page.contains("Connection refused"), "\(page)")
            #expect(try await AppTests.ask("GET", ports.admin, "/metrics").body.contains(#"{reason="store"} 1"#))
            let told = await waited { lines.withLock { $0.contains { $0.contains("nothing can be stored") } } }
            #expect(told != nil)

            try server.control("restart")
            let became = try await waited { try await AppTests.ask("GET", ports.public, "/readyz").status == 200 }
            #expect(became != nil)
            let again = await waited { lines.withLock { $0.contains { $0.contains("storing works again") } } }
            #expect(again != nil)
            #expect(try await AppTests.ask("POST", ports.public, AppTests.door, Self.body).status == 202)
            let applied = try await waited {
                let inbox = try await AppTests.ask("GET", ports.admin, "/api/status").members["inbox"]
                return (inbox as? [String: Any])?["unapplied"] as? Int == 0
            }
            #expect(applied != nil)
        }
        let why = lines.withLock { $0.first { $0.contains("nothing can be stored") } ?? "" }
        #expect(why.contains("Connection refused"))
    }

    @Test func itEndsWhereWaitingCannotHelp() async throws {
        let none = try Self.server.address(of: "none")
        let atOnce = await #expect(throws: StoreError.self) {
            try await AppTests.withApp(store: .postgreSQL(Secret(none))) { _ in }
        }
        #expect(atOnce?.kind == .misconfigured && atOnce?.detail.contains("does not exist") == true)

        // Nobody could know while the server was away.
        try Self.server.control("stop")
        var settings = Configuration()
        settings.store = .postgreSQL(Secret(none))
        (settings.public.port, settings.admin.port) = (0, 0)
        let app = try await App(settings, log: Log(level: .error, format: .json, sink: { _ in }))
        let ports = try await app.start()
        #expect(try await AppTests.ask("GET", ports.public, "/readyz").status == 503)
        async let restarted: Void = onOwnThread { Result { try Self.server.control("restart") } }.get()
        let later = await #expect(throws: StoreError.self) {
            // Ends when the service does.
            try await app.run { try? await Task.sleep(for: .seconds(120)) }
        }
        #expect(later?.kind == .misconfigured)
        try await restarted
    }

    /// Otherwise the records would wait until the claim ends.
    @Test func anAnswerOfMarketoIsStoredOnceTheDatabaseIsBack() async throws {
        let server = Self.server
        let store = try PostgreSQLStore(DatabaseAddress(try server.address()))
        let opportunity = DesiredRecord.opportunity(1)
        try await ForwardingRig.run(store: store) { rig in
            rig.marketo.add(Fault(.none, path: "opportunities", delaySeconds: 2))
            var application = Application(basis: try await store.mirrorVersion())
            application.desired = [opportunity]
            try await store.apply(application, now: rig.time.now())
            let isCalling = await waited { !rig.calls("opportunities").isEmpty }
            #expect(isCalling != nil)
            try server.control("stop", "-m", "immediate")
            let isAnswered = await waited { rig.calls("opportunities").last?.answered != nil }
            #expect(isAnswered != nil)
            try server.control("restart")
            let isSettled = await waited(atMost: .seconds(120)) {
                (try? await store.outboxItem(opportunity.key))?.state.stage == .settled
            }
            #expect(isSettled != nil)
            #expect(rig.told(1).count == 1, "it is not sent again")
        }
        await store.close()
    }

    /// Three replicas, counted by the database itself.
    @Test func idleReplicasCostLittle() async throws {
        try await withSandbox { _, marketo in
            let address = try Self.server.address()
            let base = try Self.server.address(of: "postgres")
            try Self.server.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements", at: base)
            let replicas = try (0..<3).map { _ in try Replica(database: address, marketo: marketo) }
            let begun = await waited {
                replicas.allSatisfy { $0.port("admin") != nil } && replicas.contains(where: \.leads)
            }
            #expect(begun != nil)
            func statements() throws -> Int {
                Int(try Self.server.execute("SELECT sum(calls) FROM pg_stat_statements", at: base)) ?? 0
            }
            // What they do once, after they have begun.
            try await Task.sleep(for: .seconds(3))
            // Replicas that stood still tell less, and then more. One quiet time of ten is enough.
            func isLittle(_ perSecond: Double) -> Bool { perSecond > 3 && perSecond < 20 }
            var perSecond: [Double] = []
            repeat {
                let (before, began) = (try statements(), ContinuousClock.now)
                try await Task.sleep(for: .seconds(6))
                perSecond.append(Double(try statements() - before) / (began.duration(to: .now) / .seconds(1)))
            } while perSecond.count < 10 && !perSecond.contains(where: isLittle)
            for replica in replicas { await replica.end(SIGTERM) }
            let wasLittle = perSecond.contains(where: isLittle)
            #expect(wasLittle, "\(perSecond) statements a second")
        }
    }
}
