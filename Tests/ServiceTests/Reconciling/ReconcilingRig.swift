import Configuration
import Foundation
import HTTPClient
import OnewayCore
import Telemetry
import TestSupport
import Testing
import Threads

@testable import Coordination
@testable import Sandbox
@testable import Service
@testable import oneway

/// The stand-ins for Dynamics and Marketo, over which services come and go. Dynamics' clock is late, and can be moved: what
/// was changed an hour ago was changed just now.
struct ReconcilingWorld: Sendable {
    let dataverse: SandboxDataverse
    let marketo: SandboxMarketo
    private let milliseconds: Locked<Int64>
    let settings: Configuration

    static func run(
        hoursBehind: Int = 48,
        rowsPerPage: Int = 5_000,
        _ body: @Sendable (ReconcilingWorld) async throws -> Void
    ) async throws {
        let behind = Locked(Int64(hoursBehind) * 3_600_000)
        let transport = CurlTransport(threads: 2, userAgent: "test")
        var answering = DataverseOptions()
        (answering.datesAnswers, answering.rowsPerPageMax) = (true, rowsPerPage)
        // Whatever hour it is.
        answering.tokenSeconds = 1_000_000
        let dataverse = SandboxDataverse(
            answering,
            now: { TimeSource.systemNow().adding(milliseconds: -behind.withLock { $0 }) },
            send: { webhook in
                let request = HTTPRequest(
                    .post,
                    webhook.url,
                    headers: webhook.headers.map { "\($0.name): \($0.value)" },
                    body: webhook.body,
                    secondsMax: 60,
                    isRepeatable: false
                )
                guard case .answered(let answer) = await transport.send(request) else { return nil }
                return answer.status
            }
        )
        let base = "http://127.0.0.1:\(try dataverse.start())"
        try await running(dataverse.run, dataverse.stop) {
            var options = SandboxOptions.unlimited
            options.autoLeads = true
            try await withSandbox(options) { marketo, connected in
                var settings = Configuration()
                settings.marketo = connected
                settings.marketo.callsPer20Seconds = 100_000
                settings.dynamics.webApi = .sandbox(base)
                settings.dynamics.headers = ["x-oneway-key": [Secret("a-key-of-a-decent-length")]]
                let world = ReconcilingWorld(
                    dataverse: dataverse,
                    marketo: marketo,
                    milliseconds: behind,
                    settings: settings
                )
                try await body(world)
            }
        }
    }

    func pass(hours: Int = 0, seconds: Int = 0) {
        milliseconds.withLock { $0 -= (Int64(hours) * 3_600 + Int64(seconds)) * 1_000 }
    }

    /// Requests to Dynamics meanwhile, by path.
    func requests(_ work: () async throws -> Void) async throws -> [String: Int] {
        let before = dataverse.measured.callsByPath
        try await work()
        return dataverse.measured.callsByPath.merging(before) { $0 - $1 }.filter { $0.value > 0 }
    }

    /// A service between both, with its webhooks registered.
    func serve(
        _ store: Configuration.Store = .memory,
        graceMilliseconds: Int64 = 100,
        everyMinutes: Int = 0,
        change: (inout Configuration) -> Void = { _ in },
        _ body: @Sendable (ReconcilingRig) async throws -> Void
    ) async throws {
        var settings = settings
        change(&settings)
        settings.store = store
        settings.public.address = .loopback
        (settings.public.port, settings.admin.port) = (0, 0)
        settings.limits.diskFreeMegabytesMin = 0
        settings.dynamics.marketoUsers = ["\(Company.marketoUser)"]
        settings.dynamics.reconcileEveryMinutes = everyMinutes
        let log = Log(level: .error, format: .json, sink: { _ in })
        let app = try await App(settings, graceMilliseconds: graceMilliseconds, log: log)
        let ports = try await app.start()
        let done = Latch()
        let configured = settings
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await app.run { await done.wait() } }
            let outcome: Result<Void, any Error>
            do {
                try await register(configured, ports)
                outcome = .success(try await body(ReconcilingRig(world: self, ports: ports)))
            } catch { outcome = .failure(error) }
            done.open()
            try await group.waitForAll()
            try outcome.get()
        }
    }

    func register(_ settings: Configuration, _ ports: App.Ports) async throws {
        var options = Register.Options()
        options.url = "http://127.0.0.1:\(ports.public)/dynamics/notifications"
        (options.isSure, options.isJSON) = (true, true)
        _ = try await Register.run(
            options,
            RegisterSettings(options, settings),
            CurlTransport(threads: 2, userAgent: "test"),
            .atTheTerminal,
            .standardOutput,
            print: { _ in }
        )
    }
}

/// One service in that world, as an operator sees it.
struct ReconcilingRig: Sendable {
    let world: ReconcilingWorld
    let ports: App.Ports

    var dataverse: SandboxDataverse { world.dataverse }
    var marketo: SandboxMarketo { world.marketo }

    struct TooLate: Error, CustomStringConvertible { let description: String }

    func ask(_ method: String, _ path: String) async throws -> AppTests.Answer {
        try await AppTests.ask(method, ports.admin, path, method == "POST" ? "{}" : nil)
    }

    /// Asks over and over, as an operator would. A record that was in a call when Oneway was killed is left alone for about
    /// a minute, in which Marketo may still work on it.
    func until(_ what: String, _ isSo: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(150)
        while try await !isSo() {
            guard ContinuousClock.now < deadline else {
                let (job, status) = (try await ask("GET", "/api/reconcile"), try await ask("GET", "/api/status"))
                throw TooLate(description: "not \(what): \(job.body) \(status.body)")
            }
            try await Task.sleep(for: .milliseconds(30))
        }
    }

    /// Everything that Dynamics has is known and sent, and was compared once.
    func loaded() async throws {
        #expect(try await ask("POST", "/api/load").status == 202)
        try await until("loaded") { try await ask("GET", "/api/load").members["state"] as? String == "done" }
        try await settled()
        let first = try await reconciled()
        #expect(first.found == 0, "\(first.changes)")
    }

    /// All notifications are delivered, applied, and sent, and what they left out is read.
    func settled(withQuestions: Bool = true) async throws {
        await dataverse.waitUntilDelivered()
        func isSettled() async throws -> Bool {
            let status = try await ask("GET", "/api/status").members
            func number(_ part: String, _ name: String) -> Int { (status[part] as? [String: Any])?[name] as? Int ?? -1 }
            return number("inbox", "unapplied") == 0 && number("outbox", "pending") == 0
                && (!withQuestions || number("dynamics", "open") == 0)
        }
        // Twice, because the counts are not from the same moment.
        try await until("settled") {
            guard try await isSettled() else { return false }
            return try await isSettled()
        }
    }

    func reconciled() async throws -> Reconciled {
        let begun = try await ask("POST", "/api/reconcile")
        #expect(begun.status == 202, "\(begun.body)")
        return try await ended()
    }

    func ended() async throws -> Reconciled {
        try await until("reconciled") {
            try await ask("GET", "/api/reconcile").members["state"] as? String != "running"
        }
        return Reconciled(try await ask("GET", "/api/reconcile").members)
    }

    func requests(_ work: () async throws -> Void) async throws -> [String: Int] { try await world.requests(work) }

    func held(_ opportunity: GUID, _ field: String) -> JSON? {
        marketo.book.record(.opportunity, "\(opportunity)")?.members[field]
    }

    func roles(of opportunity: GUID) -> [String] {
        marketo.book.all(.role).filter { $0.members["externalOpportunityId"] == .string("\(opportunity)") }
            .compactMap { if case .string(let role)? = $0.members["role"] { role } else { nil } }.sorted()
    }
}

/// The answer of GET /api/reconcile.
struct Reconciled: CustomStringConvertible {
    let members: [String: Any]
    var description: String {
        "\(state) \(members["message"] ?? "") \(changes) \(result.filter { $0.key != "changes" })"
    }

    init(_ members: [String: Any]) { self.members = members }

    var state: String { members["state"] as? String ?? "" }
    var result: [String: Any] { members["result"] as? [String: Any] ?? [:] }
    var found: Int { ["created", "updated", "deleted", "restored"].reduce(0) { $0 + (result[$1] as? Int ?? 0) } }
    func count(_ name: String) -> Int { result[name] as? Int ?? -1 }

    /// `deleted connection`, with what was found in earlier ones.
    var changes: [String] {
        (result["changes"] as? [[String: Any]] ?? []).map { change in
            let columns = (change["columns"] as? [String] ?? []).joined(separator: " ")
            let parts = ["what", "entity"].map { change[$0] as? String ?? "" } + [columns]
            return parts.joined(separator: " ").trimmingCharacters(in: .whitespaces)
        }.sorted()
    }

    var causes: Set<String> {
        Set((result["changes"] as? [[String: Any]] ?? []).map { $0["cause"] as? String ?? "null" })
    }
}
