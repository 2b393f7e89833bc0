import Configuration
import Foundation
import OnewayCore
import Sandbox
import Testing

@testable import Service

/// Whatever happens to Dynamics, the whole service accepts and forwards, its status says what is missing, nothing is
/// hammered, and in the end everything is complete.
@Suite struct DynamicsTroubleTests {
    private struct Rig: Sendable {
        let dataverse: SandboxDataverse
        let marketo: SandboxMarketo
        let app: App
        let ports: App.Ports
        /// The configuration, as a file with the right secret.
        let file: String

        /// One notification that needs nothing else, and one of an opportunity that only Dynamics knows. Returns when the
        /// first is in Marketo.
        func goesOn(_ number: Int) async throws {
            let id = GUID(high: 77, low: UInt64(number))
            let whole = Body(
                message: "Create",
                id: "\(id)",
                attributes: [
                    ("name", "\"Whole\""), ("customerid", "null"), ("createdon", #""\/Date(1772441000000)\/""#),
                ]
            )
            let bare = Body(id: "\(Company.opportunity(number))", attributes: [("stepname", "\"old\"")])
            for body in [whole, bare] {
                let text = String(decoding: body.bytes, as: UTF8.self)
                let answer = try await AppTests.ask("POST", ports.public, AppTests.door, text)
                #expect(answer.status == 202, "\(answer.body)")
            }
            try await until("forwarded") { has(id) }
        }

        func has(_ id: GUID) -> Bool {
            marketo.book.all(.opportunity).contains { String(decoding: $0.encoded, as: UTF8.self).contains("\(id)") }
        }

        /// The state of the connection, as operators see it.
        func dynamics() async throws -> (state: String, message: String, open: Int) {
            let status = try await AppTests.ask("GET", ports.admin, "/api/status")
            let dynamics = try #require(status.members["dynamics"] as? [String: Any])
            return (
                dynamics["state"] as? String ?? "", dynamics["message"] as? String ?? "", dynamics["open"] as? Int ?? -1
            )
        }

        func failing(_ words: String? = nil) async throws {
            try await until("failing") { try await dynamics().state == "failing" }
            let shown = try await dynamics()
            #expect(words.map(shown.message.contains) ?? !shown.message.isEmpty, "\(shown)")
            #expect(shown.open > 0)
        }

        /// All that was asked is answered, and Marketo has it.
        func completes(_ numbers: ClosedRange<Int>) async throws {
            try await until("completed") {
                numbers.allSatisfy { has(Company.opportunity($0)) }
            }
            try await until("answered") {
                let shown = try await dynamics()
                return shown.state == "ok" && shown.open == 0
            }
        }

        func refresh() async throws {
            let path = "/api/opportunities/\(Company.opportunity(1))/refresh"
            _ = try await AppTests.ask("POST", ports.admin, path, "{}")
        }

        func until(_ what: String, _ isSo: () async throws -> Bool) async throws {
            let deadline = ContinuousClock.now + .seconds(120)
            while try await !isSo() {
                guard ContinuousClock.now < deadline else {
                    throw CompletingRig.TooLate(description: "not \(what): \(try await dynamics())")
                }
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    private static func run(
        secret: String? = nil,
        _ body: @Sendable (Rig) async throws -> Void
    ) async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("oneway-\(UUID()).yaml").path
        defer { try? FileManager.default.removeItem(atPath: file) }
        try await withSandbox { marketo, toMarketo in
            try await RegisterRig.with { register in
                let webApi = try #require(Configuration.WebApi.sandbox(register.base))
                let yaml = """
                    store: memory
                    dynamics: { keys: [a-key-of-a-decent-length], webApi: { url: '\(register.base)', \
                    tokenUrl: '\(webApi.tokenUrl)', clientId: sandbox, clientSecret: sandbox-secret } }
                    marketo: { endpoint: '\(toMarketo.endpoint)', clientId: '\(toMarketo.clientId)', \
                    clientSecret: '\(toMarketo.clientSecret.reveal())' }
                    """
                try yaml.write(toFile: file, atomically: true, encoding: .utf8)
                let configure = { (settings: inout Configuration) in
                    settings.marketo = toMarketo
                    settings.dynamics.webApi = webApi
                    if let secret { settings.dynamics.webApi?.clientSecret = Secret(secret) }
                }
                try await AppTests.withApp(store: .memory, configure) { app, ports in
                    try await body(
                        Rig(dataverse: register.dataverse, marketo: marketo, app: app, ports: ports, file: file)
                    )
                }
            }
        }
    }

    @Test func down() async throws {
        try await Self.run { rig in
            rig.dataverse.add(DataverseFault(.cutBefore, times: nil))
            let began = ContinuousClock.now
            for number in 1...3 { try await rig.goesOn(number) }
            try await rig.failing()
            // Pauses begin at five seconds; a cut request on a kept connection is repeated once.
            let pauses = Int((ContinuousClock.now - began).components.seconds) / 5
            #expect(rig.dataverse.measured.total <= 2 * (1 + pauses), "\(rig.dataverse.measured.total)")
            let opportunity = Company.opportunity(1)
            var own: [String: Any] = [:]
            // The answer is stored after it is known.
            try await rig.until("answered") {
                let story = try await AppTests.ask("GET", rig.ports.admin, "/api/opportunities/\(opportunity)")
                let items = story.members["items"] as? [[String: Any]] ?? []
                own = items.first { $0["kind"] as? String == "opportunity" } ?? [:]
                return (own["asked"] as? [String: Any])?["answer"] is String
            }
            let asked = own["asked"] as? [String: Any]
            #expect(own["waitingFor"] as? String == "name" && asked?["record"] as? String == "\(opportunity)")
            #expect(asked?["askedAt"] is String, "\(own)")
            let page = try await AppTests.ask("GET", rig.ports.admin, "/opportunities/\(opportunity)").body
            #expect(page.contains("Asked Dynamics for the opportunity") && page.contains("It is asked again"))
            rig.dataverse.clearFaults()
            // By itself.
            try await rig.completes(1...3)
        }
    }

    @Test func slow() async throws {
        try await Self.run { rig in
            rig.dataverse.add(DataverseFault(.none, delaySeconds: 100))
            for number in 1...3 { try await rig.goesOn(number) }
            try await rig.until("asked") { rig.dataverse.measured.calls.contains { !$0.isToken } }
            let isUnanswered = rig.dataverse.measured.calls.contains { !$0.isToken && $0.answered == nil }
            #expect(isUnanswered, "nobody waited for it")
            rig.dataverse.endDelays()
            try await rig.completes(1...3)
            #expect(rig.dataverse.measured.mostAtOnce <= 4 && rig.dataverse.measured.total <= 20)
        }
    }

    @Test func throttledForAMoment() async throws {
        try await Self.run { rig in
            rig.dataverse.add(DataverseFault(.error(code: "0x80072322"), times: 2))
            for number in 1...3 { try await rig.goesOn(number) }
            try await rig.completes(1...3)
            let calls = rig.dataverse.measured.calls.filter { !$0.isToken }
            #expect(calls.prefix(3).map(\.status) == [429, 429, 200] && calls.count { $0.status == 429 } == 2)
            for (before, after) in zip(calls, calls.dropFirst()).prefix(2) {
                let told = try #require(before.answered)
                #expect(after.began.milliseconds - told.milliseconds >= 900, "Retry-After is one second")
            }
        }
    }

    /// The pause is longer than any call waits.
    @Test func throttledForLong() async throws {
        try await Self.run { rig in
            rig.dataverse.set(DataverseLimits(requests: 0))
            try await rig.goesOn(1)
            try await rig.failing("no call before ")
            try await rig.refresh()
            for number in 2...3 { try await rig.goesOn(number) }
            #expect(rig.dataverse.measured.total == 1, "not even for an operator")
        }
    }

    @Test func withoutAPrivilege() async throws {
        try await Self.run { rig in
            rig.dataverse.set(missingPrivileges: ["prvReadOpportunity"])
            let began = ContinuousClock.now
            for number in 1...3 { try await rig.goesOn(number) }
            try await rig.failing("no right Read on opportunity")
            let pauses = Int((ContinuousClock.now - began).components.seconds) / 5
            #expect(rig.dataverse.measured.total <= 2 + pauses, "\(rig.dataverse.measured.callsByPath)")
            rig.dataverse.set(missingPrivileges: [])
            try await rig.refresh()
            try await rig.completes(1...3)
        }
    }

    @Test func withAnotherSecret() async throws {
        try await Self.run(secret: "expired") { rig in
            let began = ContinuousClock.now
            for number in 1...3 { try await rig.goesOn(number) }
            try await rig.failing("the client secret is wrong")
            let pauses = Int((ContinuousClock.now - began).components.seconds) / 5
            #expect(rig.dataverse.measured.total == 0 && rig.dataverse.measured.tokenRequests <= 1 + pauses)
            // As after `kill -HUP`.
            rig.app.reload(ConfigurationSource(path: rig.file, environment: [:]))
            try await rig.completes(1...3)
        }
    }
}
