import Admin
import Configuration
import Foundation
import OnewayCore
import Store
import Telemetry
import TestSupport
import Testing
import Threads

@testable import Coordination
@testable import Service

/// The whole service over real sockets.
@Suite struct AppTests {
    struct Answer {
        let status: Int
        let head: String
        let body: String
        let members: [String: Any]

        var items: [[String: Any]] { members["items"] as? [[String: Any]] ?? [] }
    }

    /// Runs an app until `body` ends, then stops it.
    static func withApp(
        store: Configuration.Store,
        _ change: (inout Configuration) -> Void = { _ in },
        log: Log = Log(level: .error, format: .json, sink: { _ in }),
        _ body: @Sendable (App.Ports) async throws -> Void
    ) async throws {
        try await withApp(store: store, change, log: log) { _, ports in try await body(ports) }
    }

    static func withApp(
        store: Configuration.Store,
        _ change: (inout Configuration) -> Void = { _ in },
        log: Log = Log(level: .error, format: .json, sink: { _ in }),
        _ body: @Sendable (App, App.Ports) async throws -> Void
    ) async throws {
        var settings = Configuration()
        settings.store = store
        settings.dynamics.keys = [Secret("a-key-of-a-decent-length")]
        settings.dynamics.marketoUsers = [ReceiverBench.marketoUser]
        settings.public.port = 0
        settings.admin.port = 0
        settings.limits.diskFreeMegabytesMin = 0
        change(&settings)
        let app = try await App(settings, log: log)
        let ports = try await app.start()
        let done = Latch()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await app.run { await done.wait() } }
            let outcome: Result<Void, any Error>
            do { outcome = .success(try await body(app, ports)) } catch { outcome = .failure(error) }
            done.open()
            try await group.waitForAll()
            try outcome.get()
        }
    }

    /// Uses curl, as an operator would.
    static func ask(
        _ method: String,
        _ port: Int,
        _ path: String,
        _ body: String? = nil,
        _ headers: [String: String] = [:]
    ) async throws -> Answer {
        var arguments = ["curl", "-si", "-X", method, "http://127.0.0.1:\(port)\(path)"]
        for (name, value) in headers { arguments += ["-H", "\(name): \(value)"] }
        if let body { arguments += ["-H", "Content-Type: application/json", "--data-binary", body] }
        let chosen = arguments
        let text = String(decoding: await onOwnThread { Program.run(chosen).output }, as: UTF8.self)
        let parts = text.components(separatedBy: "\r\n\r\n")
        let members = try? JSONSerialization.jsonObject(with: Data((parts.last ?? "").utf8))
        let status = try #require(Int(text.dropFirst("HTTP/1.1 ".count).prefix(3)), "\(text)")
        return Answer(status: status, head: parts[0], body: parts.last ?? "", members: members as? [String: Any] ?? [:])
    }

    static func file() -> String {
        FileManager.default.temporaryDirectory.appendingPathComponent("oneway-\(UUID()).db").path
    }

    static func remove(_ path: String) {
        for tail in ["", "-wal", "-shm", "-lock"] { try? FileManager.default.removeItem(atPath: path + tail) }
    }

    static let door = "/dynamics/notifications?code=a-key-of-a-decent-length"

    @Test func whatWasAcknowledgedIsThereAfterARestart() async throws {
        let path = Self.file()
        defer { Self.remove(path) }
        let first = Locked("")
        try await Self.withApp(store: .sqlite(path: path)) { ports in
            let answer = try await Self.ask("POST", ports.public, Self.door, notification())
            #expect(answer.status == 202)
            let id = try #require(answer.members["notification"] as? String)
            first.withLock { $0 = id }
        }
        try await Self.withApp(store: .sqlite(path: path)) { ports in
            let again = try await Self.ask("POST", ports.public, Self.door, notification())
            #expect(again.members["outcome"] as? String == "duplicate")
            #expect(again.members["notification"] as? String == first.withLock { $0 })
            let inbox = try await Self.ask("GET", ports.admin, "/api/inbox")
            #expect(inbox.items.map { $0["notification"] as? String } == [first.withLock { $0 }])
            #expect(inbox.members["next"] is NSNull)
        }
    }

    @Test func operatorsPageFilterAndReplay() async throws {
        try await Self.withApp(store: .memory) { ports in
            for number in 1...7 {
                let id = "00000000-0000-0000-0000-00000000000\(number)"
                let answer = try await Self.ask("POST", ports.public, Self.door, notification(id: id))
                #expect(answer.status == 202)
            }
            _ = try await Self.ask("POST", ports.public, Self.door, notification(entity: "lead"))
            _ = try await Self.ask("POST", ports.public, Self.door, "{")

            var seen: [String] = []
            var path = "/api/inbox?limit=2&outcome=accepted"
            while true {
                let page = try await Self.ask("GET", ports.admin, path)
                seen += page.items.compactMap { $0["notification"] as? String }
                guard let next = page.members["next"] as? String else { break }
                path = "/api/inbox?limit=2&outcome=accepted&after=\(next)"
            }
            #expect(seen.count == 7 && seen == seen.sorted(by: >))

            let one = try await Self.ask(
                "GET",
                ports.admin,
                "/api/inbox?opportunity=00000000-0000-0000-0000-000000000003"
            )
            #expect(one.items.count == 1)
            let replayed = try await Self.ask(
                "POST",
                ports.admin,
                "/api/inbox/replay",
                #"{"notifications":["\#(seen[0])","0000000000000000"]}"#
            )
            #expect(replayed.members["replayed"] as? Int == 1)
            #expect(replayed.members["skipped"] as? Int == 1)
            let dry = try await Self.ask(
                "POST",
                ports.admin,
                "/api/inbox/replay",
                #"{"from":"2020-01-01","outcome":"accepted","dryRun":true}"#
            )
            #expect(dry.members["replayed"] as? Int == 7)

            let status = try await Self.ask("GET", ports.admin, "/api/status")
            let inbox = try #require(status.members["inbox"] as? [String: Any])
            #expect(inbox["quarantined"] as? Int == 1)
        }
    }

    @Test(arguments: [
        ("GET", "/api/inbox?limit=0", nil), ("GET", "/api/inbox?limit=501", nil),
        ("GET", "/api/inbox?after=nonsense", nil),
        ("GET", "/api/inbox?outcome=lost", nil), ("GET", "/api/inbox?from=yesterday", nil),
        ("GET", "/api/inbox?opportunity=x", nil), ("GET", "/api/outbox?state=lost", nil),
        ("GET", "/api/outbox?after=x", nil), ("POST", "/api/inbox/replay", "{}"), ("POST", "/api/inbox/replay", "[]"),
        ("POST", "/api/inbox/replay", "{"), ("POST", "/api/inbox/replay", #"{"notifications":["x"]}"#),
        ("POST", "/api/outbox/retry", "{}"), ("POST", "/api/refusals/x/allow", "{}"),
    ])
    func meaninglessRequestsAreRefused(method: String, path: String, body: String?) async throws {
        try await Self.withApp(store: .memory) { ports in
            let answer = try await Self.ask(method, ports.admin, path, body)
            #expect(answer.status == 400)
            #expect(answer.members["code"] as? String == "bad-request")
        }
    }

    @Test func theAdminListenerWantsItsTokenExceptForProbes() async throws {
        try await Self.withApp(store: .memory, { $0.admin.token = Secret("a-token-of-decent-length") }) { ports in
            for (path, status) in [
                ("/healthz", 200), ("/readyz", 200), ("/metrics", 401), ("/api/status", 401), ("/x", 401),
            ] {
                let answer = try await Self.ask("GET", ports.admin, path)
                #expect(answer.status == status, "\(path)")
            }
            let bearer = ["Authorization": "Bearer a-token-of-decent-length"]
            for (path, status) in [("/metrics", 200), ("/api/status", 200), ("/x", 404), ("/api/outbox/retry", 405)] {
                let answer = try await Self.ask("GET", ports.admin, path, nil, bearer)
                #expect(answer.status == status, "\(path)")
            }
            let cross = try await Self.ask(
                "GET",
                ports.admin,
                "/api/status",
                nil,
                bearer.merging(["Origin": "http://evil"]) { $1 }
            )
            #expect(cross.status == 403 && cross.members["code"] as? String == "cross-site")
        }
    }

    @Test func refusalsAreListedAndCanBeAllowed() async throws {
        try await Self.withApp(store: .memory) { ports in
            let id = "00000000-0000-0000-0000-000000000009"
            let body = notification(id: id, user: ReceiverBench.marketoUser)
            let refused = try await Self.ask("POST", ports.public, Self.door, body)
            #expect(refused.status == 403)
            let marketo = try await Self.ask("PUT", ports.public, "/marketo/x", "<xml/>")
            #expect(marketo.status == 403)
            // A refusal is answered after a second, written or not.
            let isListed = try await waited {
                let list = try await Self.ask("GET", ports.admin, "/api/refusals")
                return list.items.contains {
                    $0["door"] as? String == "marketo-user" && $0["opportunity"] as? String == id
                }
            }
            #expect(isListed != nil)
            let allowed = try await Self.ask("POST", ports.admin, "/api/refusals/\(id)/allow", "{}")
            #expect(allowed.status == 200 && allowed.members["allowed"] as? Bool == true)
            let none = try await Self.ask(
                "POST",
                ports.admin,
                "/api/refusals/00000000-0000-0000-0000-000000000008/allow",
                "{}"
            )
            #expect(none.status == 404)
        }
    }

    @Test func everyAnswerCarriesARequestID() async throws {
        try await Self.withApp(store: .memory) { ports in
            for (port, path) in [
                (ports.public, "/healthz"), (ports.public, "/nope"), (ports.admin, "/api/status"), (ports.admin, "/x"),
            ] {
                let answer = try await Self.ask("GET", port, path, nil, ["x-request-id": "mine.1"])
                #expect(answer.head.contains("x-request-id: mine.1"), "\(path)")
            }
        }
    }

    @Test func aSynchronousStepThatSendsDataIsWarnedOf() async throws {
        try await Self.withApp(store: .memory) { ports in
            let warnings: @Sendable () async throws -> [String] = {
                try await Self.ask("GET", ports.admin, "/api/status").members["warnings"] as? [String] ?? []
            }
            _ = try await Self.ask("POST", ports.public, Self.door, notification())
            #expect(try await !warnings().contains { $0.hasPrefix("A synchronous step") })
            let body = notification(mode: 0, operation: "b0c10003-8a17-f011-9989-7c1e5237aa01")
            #expect(try await Self.ask("POST", ports.public, Self.door, body).status == 202)
            #expect(try await warnings().contains { $0.hasPrefix("A synchronous step") })
        }
    }

    /// Bytes that cannot be compressed, and that nobody applies.
    @Test func anInboxInMemoryIsLimitedToo() async throws {
        var settings = Configuration()
        settings.store = .memory
        settings.inbox.sizeMegabytesMax = 1
        let store = try OpenStore.open(settings, ServiceMetrics().commits)
        let body = (0...1 << 20).map { _ in UInt8.random(in: .min ... .max) }
        func append(_ number: UInt8) async throws {
            let entry = InboxEntry(identity: [number], InboxLabels(.accepted), body: body)
            _ = try await store.append(entry, now: TimeSource.systemNow())
        }
        try await append(1)
        await #expect(throws: StoreError(.diskFull, "unapplied notifications fill the inbox")) { try await append(2) }
    }

    @Test func twoServicesCannotShareAStore() async throws {
        let path = Self.file()
        defer { Self.remove(path) }
        try await Self.withApp(store: .sqlite(path: path)) { _ in
            await #expect(throws: (any Error).self) { try await Self.withApp(store: .sqlite(path: path)) { _ in } }
        }
    }
}
