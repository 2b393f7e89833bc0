import Configuration
import Foundation
import HTTPClient
import OnewayCore
import TestSupport
import Testing
import Threads

@testable import Coordination
@testable import Service
@testable import oneway

/// The commands that talk to a running service.
@Suite struct AskingTests {
    private static let token = "a-token-of-decent-length"
    private static let id = "00000000-0000-0000-0000-000000000001"

    private static func withService(
        _ body: @Sendable (RunningService, App.Ports) async throws -> Void
    ) async throws {
        try await AppTests.withApp(store: .memory, { $0.admin.token = Secret(token) }) { ports in
            let endpoint = ServiceEndpoint(host: "127.0.0.1", port: ports.admin)
            try await body(RunningService(endpoint, token: Secret(token)), ports)
        }
    }

    /// The text that a person sees, and whether the command succeeds.
    private static func text(_ words: String..., of service: RunningService) async throws -> String {
        guard case .ask(let command, _) = try Invocation(words) else { throw UsageError(says: "no command") }
        let answer = try await Ask.answer(to: command, of: service)
        return try Ask.text(
            Ask.read(answer, to: command),
            to: command,
            on: Screen(width: 200, now: TimeSource.systemNow())
        )
    }

    private static func send(_ ports: App.Ports, _ body: String) async throws -> String? {
        try await AppTests.ask("POST", ports.public, AppTests.door, body).members["notification"] as? String
    }

    @Test func theStatusShowsTheCurrentState() async throws {
        try await Self.withService { service, ports in
            _ = try await Self.send(ports, "{")
            let status = try await Self.text("status", of: service)
            #expect(status.contains("inbox     0 to apply, 1 in quarantine, "))
            #expect(status.contains("outbox    0 settled, 0 pending, 0 waiting, 0 parked"))
            #expect(status.contains("Dynamics  not connected"))
            #expect(status.contains("Marketo   stopped: not-configured marketo.endpoint is not set"))
            #expect(status.contains("warning: marketo.endpoint is not set"))
            #expect(try await Self.text("parked", of: service) == "nothing is parked")
            #expect(try await Self.text("retry", "--all", of: service) == "0 tried again")
        }
    }

    @Test func anOpportunityIsShownAndReplayed() async throws {
        try await Self.withService { service, ports in
            let name = try #require(try await Self.send(ports, notification()))
            let replayed = try await Self.text("replay", name, "0000000000000000", of: service)
            #expect(replayed.hasPrefix("1 replayed, 1 skipped\n\nMarketo gets opportunity \(Self.id)"))
            let dry = try await Self.text("replay", "--from", "2020-01-01", "--dry-run", of: service)
            #expect(dry.hasPrefix("would be: 1 replayed, 0 skipped; nothing was done"))
            let shown = try await Self.text("opportunity", Self.id, of: service)
            #expect(shown.hasPrefix("opportunity \(Self.id): "))
            #expect(
                shown.contains("Timeline, newest first")
                    && shown.contains("(notification \(name))")
            )
        }
    }

    @Test func refusalsAreListedAndAllowed() async throws {
        try await Self.withService { service, ports in
            #expect(try await Self.text("refusals", of: service) == "nothing was refused")
            _ = try await Self.send(ports, notification(user: ReceiverBench.marketoUser))
            let list = try await Self.text("refusals", of: service)
            #expect(list.contains("marketo-user") && list.contains(Self.id))
            #expect(try await Self.text("allow", Self.id, of: service).hasSuffix("is allowed from now on"))
            #expect(try await Self.text("refusals", of: service).contains("allowed since"))
        }
    }

    @Test func whatIsNotThereOrNotAllowedIsSaid() async throws {
        try await Self.withService { service, _ in
            await #expect(
                throws: Failed(says: "The service refuses (not-found): Nothing is known of this opportunity.")
            ) {
                try await Self.text("opportunity", Self.id, of: service)
            }
            for (token, says) in [
                (
                    nil,
                    "The service requires its token: give its configuration with --config, or set ONEWAY_ADMIN_TOKEN."
                ),
                ("another", "The service's token is not the one in admin.token (ONEWAY_ADMIN_TOKEN) here."),
            ] {
                let stranger = RunningService(service.endpoint, token: token.map { Secret($0) })
                await #expect(throws: Failed(says: says)) { try await Self.text("status", of: stranger) }
            }
        }
    }

    /// The answers to a pause and an erasure.
    @Test(arguments: [
        (
            ["pause"], #"{"paused":true,"since":"2026-01-31T08:15:00Z"}"#,
            "forwarding is paused since 2026-01-31T08:15:00Z; notifications are still accepted"
        ),
        (["retry", "--all"], #"{"retried":0}"#, "0 tried again"),
        (["retry", "--all"], #"{"retried":1200}"#, "1,200 tried again"),
        (["replay", "--from", "2020-01-01"], #"{"replayed":1000,"skipped":2000}"#, "1,000 replayed, 2,000 skipped"),
        (["retry", "opportunity", id], #"{"retried":1}"#, "1 tried again"),
        (
            ["retry", "opportunity", id], #"{"retried":0}"#,
            "nothing tried again: there is no such record, or it is pending already, must wait, or must not exist"
        ),
        (["resume"], #"{"paused":false,"since":null}"#, "forwarding has resumed"),
        (
            ["erase", "--contact", id, "--yes"], #"{"contact":"x","removed":{"inbox":3,"mirror":1,"outbox":2}}"#,
            "removed: 3 of the inbox, 1 of the mirror, 2 of the outbox"
        ),
        (
            ["replay", "--from", "2020-01-01"],
            #"{"job":"1","state":"failed","replayed":5,"skipped":0,"message":"gone"}"#,
            "the replay failed: gone; until then 5 replayed, 0 skipped"
        ),
    ])
    func answersBecomeSentences(words: [String], answer: String, says: String) throws {
        guard case .ask(let command, _) = try Invocation(words) else { throw UsageError(says: "no command") }
        let root = try Ask.read(Array(answer.utf8), to: command)
        #expect(Ask.text(root, to: command, on: Screen(now: TimeSource.systemNow())) == says)
        #expect(Ask.isFailure(root, command) == (answer.contains("failed") || says.hasPrefix("nothing")))
    }

    /// Another program, such as the sandbox, may answer 200 to any request.
    @Test(arguments: [
        ["status"], ["opportunity", id], ["parked"], ["refusals"], ["replicas"], ["retry", "--all"],
        ["replay", "0000000000000000"],
        ["pause"], ["resume"], ["allow", id], ["erase", "--contact", id, "--yes"],
    ])
    func anotherProgramsAnswersAreNotShown(words: [String]) throws {
        guard case .ask(let command, _) = try Invocation(words) else { throw UsageError(says: "no command") }
        for answer in [#"{"requestId":"1","success":true,"errors":[]}"#, "{}", "[]", "<html>"] {
            #expect(throws: Failed(says: "The answer there is not from Oneway's admin listener.")) {
                try Ask.read(Array(answer.utf8), to: command)
            }
        }
    }

    /// What commands print as the service answered it.
    @Test(arguments: [
        ["verify", id, "--json"], ["adopt", "--json"], ["load", "--dry-run", "--json"], ["load", "--pause", "--json"],
    ])
    func noAnswerInJSONIsObeyedByTheTerminal(words: [String]) async throws {
        let answer = "{\"state\":\"done\",\"progress\":{},\"items\":[],\"next\":null,\"name\":\"x\u{9b}2J\u{202e}y\"}"
        let server = try RawServer { connection in
            while !connection.hear().isEmpty { connection.answer(answer) }
        }
        let shown = await Self.program(words + ["--url", "http://127.0.0.1:\(server.port)"])
        #expect(shown.status == 0 && shown.text.contains(#"x\u009b2J\u202ey"#), "\(shown)")
    }

    /// The program itself: its output and exit code.
    @Test func theDemoShowsTheWholeWay() async {
        let demo = await Self.program("demo", "--once")
        #expect(demo.status == 0, "\(demo.text)")
        for line in [
            "202 duplicate", "403 one-way", "Quay lighting: 2-Develop, 61000, open", "account Fabrikam Nordic", "R5b",
            "Trail signs: 4-Close, 7300, won", "role Stakeholder",
        ] {
            #expect(demo.text.contains(line), "\(line) is missing in:\n\(demo.text)")
        }
    }

    @Test func theProgramFindsTheServiceByItsConfiguration() async throws {
        try await Self.withService { service, ports in
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("oneway-\(UUID())")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            let (file, body) = (folder.path + "/c.yaml", folder.path + "/n.json")
            let configuration = "admin: { address: 127.0.0.1, port: \(ports.admin), token: \(Self.token) }"
            try configuration.write(toFile: file, atomically: true, encoding: .utf8)
            try notification().write(toFile: body, atomically: true, encoding: .utf8)

            let json = await Self.program("status", "--json", "--config", file)
            #expect(json.status == 0)
            let raw = try await service.ask(.get, "/api/status").body
            #expect(
                try JSONDocument(Array(json.text.utf8)).root.members.map(\.name)
                    == JSONDocument(raw).root.members.map(\.name)
            )
            let explained = await Self.program("explain", body, "--server", "--config", file)
            #expect(explained.status == 0 && explained.text.contains("Marketo gets opportunity \(Self.id)"))
            #expect(await Self.program("opportunity", Self.id, "--config", file).status == 1)
            #expect(await Self.program("erase", "--contact", Self.id, "--config", file).status == 2)
            #expect(await Self.program("health", "--config", file).status == 0)
            let closed = await Self.program("status", "--url", "http://127.0.0.1:1")
            #expect(closed.status == 1 && closed.text.contains("Is `oneway serve` running with this configuration?"))
        }
    }

    static func program(_ words: String...) async -> (status: Int32, text: String) { await program(words) }

    static func program(_ words: [String]) async -> (status: Int32, text: String) {
        let arguments = [Self.binary] + words
        let ended = await onOwnThread { Program.run(arguments, errorsToo: true) }
        return (ended.status, String(decoding: ended.output, as: UTF8.self))
    }

    /// Built next to the tests.
    static let binary = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appendingPathComponent("oneway").path
}
