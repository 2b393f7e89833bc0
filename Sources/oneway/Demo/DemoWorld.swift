import Configuration
import Glibc
import HTTPClient
import OnewayCore
import Sandbox
import Service
import Telemetry
import Threads

/// Both stand-ins on this machine, and Oneway between them: connected, and registered in Dynamics as in production.
struct DemoWorld: Sendable {
    /// 0: the kernel chooses.
    struct Ports: Sendable {
        var `public` = 8080
        var admin = 8081
        var marketo = 8082
        var dynamics = 8083
        var playground = 8084

        static let free = Ports(public: 0, admin: 0, marketo: 0, dynamics: 0, playground: 0)
    }

    let dataverse: SandboxDataverse
    let marketo: SandboxMarketo
    /// Those that were bound; the playground's has yet to be.
    let ports: Ports
    /// The answers to notifications, oldest first.
    let answers: Locked<[WebhookAnswer]>

    /// The header with which the stand-in for Dynamics authenticates.
    static let key = (name: "x-oneway-key", value: "demo")

    var admin: ServiceEndpoint { ServiceEndpoint(host: "127.0.0.1", port: ports.admin, secondsMax: 30) }
    var service: ServiceEndpoint { ServiceEndpoint(host: "127.0.0.1", port: ports.public, secondsMax: 30) }

    static func address(_ port: Int) -> String { "http://127.0.0.1:\(port)" }

    /// Runs all of it until `body` ends.
    static func run(_ ports: Ports, _ body: @escaping @Sendable (DemoWorld) async throws -> Void) async throws {
        let answers = Locked<[WebhookAnswer]>([])
        let (marketoOptions, dynamicsOptions) = options(ports)
        let marketo = SandboxMarketo(marketoOptions)
        let dynamics = SandboxDynamics(dynamicsOptions) { webhook, answer in
            answers.withLock { $0 = $0.suffix(199) + [WebhookAnswer(webhook, answer)] }
        }
        let marketoPort = try marketo.start()
        try await running(marketo.run, marketo.stop) {
            let dynamicsPort = try dynamics.start()
            try await running(dynamics.run, dynamics.stop) {
                var bound = ports
                (bound.marketo, bound.dynamics) = (marketoPort, dynamicsPort)
                seedLeads(dynamics.dataverse, marketo)
                try await serve(bound, marketoOptions, dynamicsOptions) { bound in
                    try await body(
                        DemoWorld(dataverse: dynamics.dataverse, marketo: marketo, ports: bound, answers: answers)
                    )
                }
            }
        }
    }

    private static func options(_ ports: Ports) -> (SandboxOptions, DataverseOptions) {
        var marketo = SandboxOptions()
        marketo.port = ports.marketo
        var dynamics = DataverseOptions()
        dynamics.port = ports.dynamics
        return (marketo, dynamics)
    }

    /// Marketo knows everybody in the stand-in's company.
    private static func seedLeads(_ dataverse: SandboxDataverse, _ marketo: SandboxMarketo) {
        for id in dataverse.ids("contact") { seedLead(of: id, dataverse, marketo) }
    }

    static func seedLead(of contact: GUID, _ dataverse: SandboxDataverse, _ marketo: SandboxMarketo) {
        let row = dataverse.row("contact", contact) ?? [:]
        let columns = [("firstName", "firstname"), ("lastName", "lastname"), ("email", "emailaddress1")]
        var lead: [String: JSON] = ["externalPersonId": .string("\(contact)")]
        for (field, column) in columns {
            if case .text(let text)? = row[column] { lead[field] = .string(text) }
        }
        marketo.seedLead(lead)
    }

    private static func serve(
        _ ports: Ports,
        _ marketo: SandboxOptions,
        _ dynamics: DataverseOptions,
        _ body: @escaping @Sendable (Ports) async throws -> Void
    ) async throws {
        let folder = Folder()
        defer { folder.remove() }
        let log = Log(level: .error, format: .text)
        defer { log.flush() }
        let settings = try settings(ports, marketo, dynamics, folder)
        let app = try await App(settings, log: log)
        let chosen = try await app.start()
        var bound = ports
        (bound.public, bound.admin) = (chosen.public, chosen.admin)
        let everything = bound
        let outcome = Locked<Result<Void, any Error>>(.success(()))
        try await app.run {
            do {
                try await register(settings, everything)
                try await body(everything)
            } catch {
                outcome.withLock { $0 = .failure(error) }
            }
        }
        try outcome.withLock { $0 }.get()
    }

    private static func settings(
        _ ports: Ports,
        _ marketo: SandboxOptions,
        _ dynamics: DataverseOptions,
        _ folder: Folder
    ) throws -> Configuration {
        let dataverse = address(ports.dynamics)
        let yaml = """
            dynamics:
              webApi:
                url: \(dataverse)
                tokenUrl: \(dataverse)/tenant/oauth2/v2.0/token
                clientId: \(dynamics.clientID)
                clientSecret: \(dynamics.clientSecret)
            """
        var settings = try Configuration.read(Array(yaml.utf8), toServe: false).configuration
        settings.public.address = .loopback
        (settings.public.port, settings.admin.port) = (ports.public, ports.admin)
        settings.store = .sqlite(path: "\(folder.path)/oneway.db")
        settings.dynamics.headers = [key.name: [Secret(key.value)]]
        settings.dynamics.marketoUsers = ["\(Company.marketoUser)"]
        settings.marketo.endpoint = address(ports.marketo)
        (settings.marketo.clientId, settings.marketo.clientSecret) = (marketo.clientID, Secret(marketo.clientSecret))
        settings.limits.diskFreeMegabytesMin = 0
        return settings
    }

    /// As `oneway register --yes` does.
    private static func register(_ settings: Configuration, _ ports: Ports) async throws {
        var options = Register.Options()
        options.url = "\(address(ports.public))/dynamics/notifications"
        (options.isSure, options.isJSON) = (true, true)
        _ = try await Register.run(
            options,
            RegisterSettings(options, settings),
            CurlTransport(threads: 2, userAgent: Oneway.userAgent),
            .atTheTerminal,
            .standardOutput,
            print: { _ in }
        )
    }
}

/// Runs a server until `body` ends, then stops it.
func running<Outcome: Sendable>(
    _ run: @escaping @Sendable () async -> Void,
    _ stop: @Sendable () async -> Void,
    _ body: @Sendable () async throws -> Outcome
) async throws -> Outcome {
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await run() }
        let outcome: Result<Outcome, any Error>
        do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
        await stop()
        try await group.waitForAll()
        return try outcome.get()
    }
}

/// A notification that the stand-in for Dynamics has sent, and the answer.
struct WebhookAnswer: Sendable {
    /// `Update of opportunity`.
    let what: String
    /// Nil: there was none.
    let status: Int?
    /// `accepted`, or the code of a problem.
    let outcome: String
    let reason: String?

    init(_ webhook: WebhookRequest, _ answer: HTTPAnswer?) {
        func header(_ name: String) -> String { webhook.headers.first { $0.name == name }?.value ?? "" }
        what = "\(header("x-ms-dynamics-request-name")) of \(header("x-ms-dynamics-entity-name"))"
        status = answer?.status
        let json = answer?.document
        outcome = json?["outcome"]?.string ?? json?["code"]?.string ?? ""
        reason = json?["reasons"]?.elements.first?["says"]?.string ?? json?["detail"]?.string
    }
}

extension HTTPAnswer {
    var document: JSONValue? { try? JSONDocument(body).root }
}

/// A temporary folder for the duration of the demo.
private struct Folder: Sendable {
    let path: String

    /// Several may run in one process.
    init() { path = "/tmp/oneway-demo-\(getpid())-\(UInt32.random(in: 0 ... .max))"; unsafe mkdir(path, 0o700) }

    func remove() {
        for name in ["oneway.db", "oneway.db-wal", "oneway.db-shm", "oneway.db-lock"] {
            unsafe unlink("\(path)/\(name)")
        }
        unsafe rmdir(path)
    }
}
