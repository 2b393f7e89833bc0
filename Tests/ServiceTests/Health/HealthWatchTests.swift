import Configuration
import Foundation
import OnewayCore
import Sandbox
import Telemetry
import TestSupport
import Testing
import Threads

@testable import Admin
@testable import Coordination
@testable import Forwarding
@testable import Service
@testable import Store
@testable import oneway

/// The verdict of the whole service, seen as an operator sees it.
@Suite struct HealthWatchTests {
    private static func health(_ ports: App.Ports) async throws -> [String: Any] {
        let status = try await AppTests.ask("GET", ports.admin, "/api/status")
        return try #require(status.members["health"] as? [String: Any], "\(status.body)")
    }

    /// Asks until the verdict has this code.
    private static func until(_ code: String, _ ports: App.Ports) async throws -> [String: Any] {
        let deadline = ContinuousClock.now + .seconds(120)
        while true {
            let health = try await health(ports)
            if health["code"] as? String == code { return health }
            try #require(ContinuousClock.now < deadline, "\(health)")
        }
    }

    private static func causes(_ health: [String: Any]) -> [String] {
        (health["causes"] as? [[String: Any]] ?? []).compactMap { $0["code"] as? String }
    }

    @Test func anEmptyServiceTellsTheFirstSteps() async throws {
        try await withSandbox { _, marketo in
            try await AppTests.withApp(store: .memory, { $0.marketo = marketo }) { ports in
                let health = try await Self.until("no-notification", ports)
                #expect(health["level"] as? String == "starting")
                let page = try await AppTests.ask("GET", ports.admin, "/").body
                #expect(page.contains("<title>Starting · Oneway</title>") && page.contains("id=\"steps\""))
                #expect(page.contains("Marketo lets Oneway in</b><span>: done"))
                #expect(page.contains("oneway register"))
                #expect(
                    try await AppTests.ask("GET", ports.admin, "/metrics").body
                        .contains(#"oneway_health{level="starting"} 1"#)
                )
            }
        }
    }

    /// Before anything is sent.
    @Test func aWrongSecretIsSeenAtOnce() async throws {
        try await withSandbox { _, marketo in
            let change: (inout Configuration) -> Void = {
                $0.marketo = marketo
                $0.marketo.clientSecret = Secret("wrong")
            }
            try await AppTests.withApp(store: .memory, change) { ports in
                let health = try await Self.until("marketo-denied", ports)
                #expect(health["level"] as? String == "broken")
                let page = try await AppTests.ask("GET", ports.admin, "/").body
                #expect(page.contains("<title>Broken · Oneway</title>") && page.contains("health bad"))
                #expect(page.contains("client id or secret"))
                #expect(
                    try await AppTests.ask("GET", ports.admin, "/metrics").body
                        .contains(#"oneway_health_cause{code="marketo-denied"} 1"#)
                )
            }
        }
    }

    @Test func aMissingPermissionIsSeenAtOnce() async throws {
        try await withSandbox { sandbox, marketo in
            sandbox.add(Fault(.error(code: "603"), path: "companies/describe", times: nil))
            try await AppTests.withApp(store: .memory, { $0.marketo = marketo }) { ports in
                let health = try await Self.until("marketo-denied", ports)
                let says = try #require(health["sentence"] as? String)
                #expect(says.contains("603") && says.contains("companies"))
            }
        }
    }

    /// A pause reaches the story, and the verdict of what is received and not readable.
    @Test func aPauseReachesTheStory() async throws {
        try await withSandbox { _, marketo in
            try await AppTests.withApp(store: .memory, { $0.marketo = marketo }) { ports in
                let answer = try await AppTests.ask("POST", ports.public, AppTests.door, notification())
                #expect(answer.status == 202)
                _ = try await AppTests.ask("POST", ports.admin, "/api/pause", "{}")
                _ = try await Self.until("paused", ports)
                let path = "/opportunities/00000000-0000-0000-0000-000000000001"
                let story = try await AppTests.ask("GET", ports.admin, "/api\(path)")
                let blocked = try #require(story.members["blocked"] as? [String: Any])
                #expect(blocked["code"] as? String == "paused" && blocked["since"] is String)
                let lines = OpportunityText.lines(
                    try JSONDocument(Array(story.body.utf8)).root,
                    Screen(width: 200, now: TimeSource.systemNow())
                )
                #expect(lines.contains { $0.hasPrefix("held up: Nothing goes to Marketo: an operator paused it.") })
                #expect(try await AppTests.ask("GET", ports.admin, path).body.contains("id=\"blocked\""))
                _ = try await AppTests.ask("POST", ports.admin, "/api/resume", "{}")
                let after = try await AppTests.ask("GET", ports.admin, "/api\(path)")
                #expect(after.members["blocked"] is NSNull)
            }
        }
    }

    @Test func whatCannotBeReadIsNotGreen() async throws {
        try await AppTests.withApp(store: .memory) { ports in
            _ = try await AppTests.ask("POST", ports.public, AppTests.door, "{")
            let health = try await Self.health(ports)
            #expect(Self.causes(health) == ["not-configured", "quarantined"])
            for _ in 0..<6 {
                let answer = try await AppTests.ask("POST", ports.public, "/dynamics/notifications?code=no", "{}")
                #expect(answer.status == 401)
            }
            #expect(Self.causes(try await Self.health(ports)).contains("unauthorized"))
        }
    }

    /// It is remembered since when, also by the next run.
    @Test func sinceSurvivesARestart() async throws {
        let path = AppTests.file()
        defer { AppTests.remove(path) }
        let first = Locked("")
        try await AppTests.withApp(store: .sqlite(path: path)) { ports in
            let since = try await Self.health(ports)["since"] as? String
            first.withLock { $0 = since ?? "" }
            // The watch has stored it.
            let store = try SQLiteStore(reading: path)
            let deadline = ContinuousClock.now + .seconds(120)
            while try await store.note("health") == nil { try #require(ContinuousClock.now < deadline) }
            await store.close()
        }
        try await AppTests.withApp(store: .sqlite(path: path)) { ports in
            let deadline = ContinuousClock.now + .seconds(120)
            while try await Self.health(ports)["since"] as? String != first.withLock({ $0 }) {
                try #require(ContinuousClock.now < deadline)
            }
        }
    }

    /// Many roles whose contacts are not found: the question is whether the field is right.
    @Test func manyMissingLeadsAskAboutTheField() async throws {
        try await ForwardingRig.run { rig in
            let roles = (1...25).map { DesiredRecord.role(1, contact: $0) }
            try await rig.want([.opportunity(1)] + roles)
            try await rig.until("all waiting for a lead") {
                try await rig.store.outboxGroups().contains { $0.key.why == "lead" && $0.count == 25 }
            }
            let subjects = HealthWatch.Subjects(
                LeaderView(
                    store: rig.store,
                    leading: { [forwarding = rig.forwarding] in LeadingParts(forwarding: forwarding) },
                    now: rig.time.now
                ),
                leadField: "externalPersonId"
            )
            let watch = HealthWatch(subjects)
            let json = try JSONDocument(try await watch.json().encoded).root
            let cause = try #require(json["causes"]?.elements.first { $0["code"]?.string == "missing-leads" })
            #expect(
                cause["sentence"]?.string?.contains("25 of 25 roles find no person in Marketo by externalPersonId")
                    == true
            )
            #expect(cause["lookedUp"]?.elements.count == 3)
            let facts = await subjects.facts(rig.time.now())
            #expect(facts.waiting == 25 && facts.rolesWithoutLead == 25)
            let shown = StatusText.lines(
                try JSONDocument(JSON.object([.init("health", try await watch.json())]).encoded).root,
                Screen(width: 200, now: rig.time.now())
            )
            #expect(shown.contains { $0.hasPrefix("  looked up: ") })
        }
    }

    /// A replica that does not lead judges what the leader has written down as the leader does.
    @Test(arguments: [(2, false), (3, true)])
    func alertsFailEverywhereAfterTheSameAttempts(failures: Int, isFailing: Bool) async throws {
        let (store, now) = (MemoryStore(), TimeSource.systemNow())
        let said: JSON = [
            "marketo": ["state": "ok"],
            "alerts": ["state": "failing", "waiting": 1, "failures": .int(failures), "message": "it answers 500"],
        ]
        try await store.leader.setNote(LeaderView.noteName, said.encoded)
        var replicas = StoreReplicas()
        replicas.list = [
            StoreReplica(name: "other", version: "1", startedAt: now, heardAt: now, isAlive: true, leadsSince: now)
        ]
        let follower = LeaderView(store: store, leading: { nil }, now: { now })
        let health = try #require(try await follower.health(replicas))
        #expect(health.isAlertingFailing == isFailing)
    }

    @Test(arguments: [
        ("ok", 0), ("attention", 3), ("broken", 4), ("starting", 5), ("unheard-of", 1),
    ])
    func theExitCodeIsTheLevel(level: String, code: Int32) throws {
        let root = try JSONDocument(Array(#"{"health":{"level":"\#(level)"}}"#.utf8)).root
        #expect(Ask.exitCode(root) == code)
    }
}
