import Foundation
import OnewayCore
import Sandbox
import TestSupport
import Testing
import Threads

@testable import Configuration
@testable import Service
@testable import oneway

/// The commands of docs/first-day.md do what the page says, with other numbers; and the paths behind them.
@Suite(.serialized) struct FirstDayTests {
    private struct Step {
        let command: String
        let shown: [String]
    }

    /// A command, and the block after it.
    private static func steps() throws -> [Step] {
        let blocks = try ContractTests.text("docs/first-day.md").components(separatedBy: "```")
        return blocks.indices.dropLast(2).compactMap { index in
            guard blocks[index].hasPrefix("sh\n") else { return nil }
            let shown = blocks[index + 2].components(separatedBy: "\n").filter { !$0.isEmpty }
            return Step(command: blocks[index].dropFirst(3).trimmingCharacters(in: .newlines), shown: shown)
        }
    }

    /// Numbers differ, and with them singular and plural.
    private static func masked(_ text: String) -> String {
        text.replacingOccurrences(of: "[0-9][0-9,]*", with: "N", options: .regularExpression)
            .replacingOccurrences(of: "N minutes", with: "N minute")
    }

    private static func withBoth(
        leads: Bool = true,
        _ body: @Sendable (Int, SandboxDataverse, SandboxMarketo) async throws -> Void
    ) async throws {
        let dataverse = SandboxDataverse(send: { _ in 202 })
        var growth = Growth(opportunities: 200)
        growth.customersWhoAreContacts = 60
        dataverse.grow(growth)
        let port = try dataverse.start()
        var options = SandboxOptions()
        options.autoLeads = leads
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await dataverse.run() }
            let outcome: Result<Void, any Error>
            do {
                try await withSandbox(options) { sandbox, marketo in
                    try await AppTests.withApp(
                        store: .memory,
                        { settings in
                            settings.marketo = marketo
                            var webApi = Configuration.WebApi()
                            webApi.url = "http://127.0.0.1:\(port)"
                            webApi.tokenUrl = "http://127.0.0.1:\(port)/tenant/oauth2/v2.0/token"
                            webApi.clientId = "sandbox"
                            webApi.clientSecret = Secret("sandbox-secret")
                            settings.dynamics.webApi = webApi
                        }
                    ) { app in try await body(app.admin, dataverse, sandbox) }
                }
                outcome = .success(())
            } catch { outcome = .failure(error) }
            await dataverse.stop()
            try await group.waitForAll()
            try outcome.get()
        }
    }

    private static func run(_ command: String, _ admin: Int) async -> (status: Int32, output: String) {
        let folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        let words = "\(command) --url http://127.0.0.1:\(admin)"
        let script = "PATH=\(folder.path):$PATH \(words)"
        let ended = await onOwnThread { Program.run(["bash", "-c", script], errorsToo: true) }
        return (ended.status, String(decoding: ended.output, as: UTF8.self))
    }

    @Test func eachCommandDoesWhatThePageSays() async throws {
        let steps = try Self.steps()
        #expect(steps.count == 3)
        try await Self.withBoth { admin, dataverse, marketo in
            for step in steps {
                let (status, output) = await Self.run(step.command, admin)
                #expect(status == 0, "\(step.command): \(output)")
                for line in step.shown where !line.hasPrefix("Marketo does not have") {
                    #expect(Self.masked(output).contains(Self.masked(line)), "\(step.command): \(output)")
                }
            }
            #expect(marketo.book.all(.opportunity).count == dataverse.ids("opportunity").count)
            let coverage = try await AppTests.ask("GET", admin, "/api/status").members["coverage"] as? [String: Any]
            #expect(coverage?["dynamics"] as? Int == 210 && coverage?["marketo"] as? Int == 210)
        }
    }

    @Test func peopleThatMarketoLacksAreSaidBefore() async throws {
        try await Self.withBoth(leads: false) { admin, _, marketo in
            let output = await Self.run("oneway load --dry-run", admin).output
            #expect(output.contains("Marketo does not have"), "\(output)")
            #expect(marketo.book.all(.opportunity).isEmpty)
            let loads = try await AppTests.ask("GET", admin, "/api/load")
            #expect(loads.status == 404, "it only said what it costs")
        }
    }

    @Test func aLoadIsPausedResumedAndCancelled() async throws {
        try await Self.withBoth { admin, dataverse, _ in
            func ask(_ method: String, _ body: String? = nil) async throws -> AppTests.Answer {
                try await AppTests.ask(method, admin, "/api/load", body)
            }
            #expect(try await ask("DELETE").status == 404)
            #expect(try await ask("POST", #"{"paused": true}"#).status == 404)
            #expect(try await ask("POST", #"{"only": "lead"}"#).status == 400)
            let user = try await ask("POST", #"{"only": "systemuser"}"#)
            #expect(user.status == 400 && user.body.contains("one of opportunity, contact, account, connection."))
            dataverse.set(missingPrivileges: ["prvReadConnection"])
            #expect(try await ask("POST", "{}").status == 202)
            #expect(try await ask("POST", "{}").status == 400, "one at a time")
            func isRefusedWithoutAPlan() async -> Bool {
                let (status, output) = await Self.run("oneway load", admin)
                return status == 1 && output.hasPrefix("A load is running already: `oneway load --resume` ")
            }
            #expect(await isRefusedWithoutAPlan())
            #expect(try await ask("POST", #"{"paused": true}"#).members["state"] as? String == "paused")
            #expect(await isRefusedWithoutAPlan())
            #expect(try await ask("POST", #"{"paused": false}"#).members["state"] as? String == "running")
            let cancelled = try await ask("DELETE")
            #expect(cancelled.status == 200 && cancelled.members["state"] as? String == "cancelled")
        }
    }
}
