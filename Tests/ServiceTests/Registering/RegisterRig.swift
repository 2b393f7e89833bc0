import Configuration
import Coordination
import DataverseRegistration
import HTTPClient
import OnewayCore
import Testing
import Threads

@testable import Sandbox
@testable import oneway

/// Runs `oneway register` against a stand-in for Dataverse, over real sockets.
struct RegisterRig: Sendable {
    static let url = "https://oneway.test/dynamics/notifications"
    static let guardURL = "https://oneway.test/dynamics/guard"
    static let secret = "a-key-\"<&'>-that-is-never-shown"
    static let secretAsXML = "a-key-&quot;&lt;&amp;&apos;&gt;-that-is-never-shown"

    let dataverse: SandboxDataverse
    let transport: RecordingTransport
    let base: String

    static func with(
        secondsBehind: Int = 0,
        send: @escaping @Sendable (WebhookRequest) async -> Int? = { _ in 202 },
        _ body: @Sendable (RegisterRig) async throws -> Void
    ) async throws {
        let clock = forwardClock()
        let now = { @Sendable in clock().adding(seconds: -secondsBehind) }
        let dataverse = SandboxDataverse(DataverseOptions(), now: now, send: send)
        let base = "http://127.0.0.1:\(try dataverse.start())"
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await dataverse.run() }
            let rig = RegisterRig(dataverse: dataverse, transport: RecordingTransport(), base: base)
            let outcome: Result<Void, any Error>
            do { outcome = .success(try await body(rig)) } catch { outcome = .failure(error) }
            await dataverse.stop()
            try await group.waitForAll()
            try outcome.get()
        }
    }

    var settings: Configuration {
        var settings = Configuration()
        settings.dynamics.headers = ["x-oneway-key": [Secret(Self.secret), Secret("the-next-one")]]
        settings.dynamics.webApi = .sandbox(base)
        return settings
    }

    struct Outcome {
        /// Nil: it failed.
        var code: Int32?
        var text: String
        var says: String?
    }

    /// Answers `yes`, and types `word` if the guard's warning is shown.
    func register(
        _ change: (inout Register.Options) -> Void = { _ in },
        settings: Configuration? = nil,
        word: String? = nil,
        agrees: Bool = true
    ) async throws -> Outcome {
        var options = Register.Options(url: Self.url)
        change(&options)
        let parts = try RegisterSettings(options, settings ?? self.settings)
        let person = Register.Person(
            canAnswer: word != nil || !options.isSure,
            agrees: { _ in agrees },
            types: { _ in word ?? "" }
        )
        let screen = Screen(width: .max, now: Timestamp(second: 0))
        var outcome = Outcome(text: "")
        do {
            outcome.code = try await Register.run(options, parts, transport, person, screen) {
                outcome.text += $0 + "\n"
            }
        } catch let failed as Failed {
            outcome.says = failed.says
        } catch let usage as UsageError {
            outcome.says = usage.says
        } catch let failure as RegistrationFailure {
            outcome.says = failure.says
        } catch let ambiguous as AmbiguousWebhook {
            outcome.says = RegisterText.says(ambiguous)
        }
        #expect(!outcome.text.contains("never-shown") && outcome.says?.contains("never-shown") != true)
        return outcome
    }

    /// The calls that write, as `POST serviceendpoints`, since the last time.
    func writes() -> [String] { transport.takeWrites() }

    func rows(_ table: String) -> [[String: ColumnValue]] {
        dataverse.ids(table).compactMap { dataverse.row(table, $0) }
    }

    func step(_ name: String) throws -> GUID {
        try #require(
            dataverse.ids("sdkmessageprocessingstep").first {
                dataverse.row("sdkmessageprocessingstep", $0)?["name"] == .text("Oneway: \(name)")
            }
        )
    }
}

extension Configuration.WebApi {
    static func sandbox(_ base: String) -> Configuration.WebApi? {
        let yaml = """
            dynamics: { webApi: { url: '\(base)', tokenUrl: '\(base)/tenant/oauth2/v2.0/token', \
            clientId: sandbox, clientSecret: sandbox-secret } }
            """
        return try? Configuration.read(Array(yaml.utf8), toServe: false).configuration.dynamics.webApi
    }
}

/// Notes the requests that write.
final class RecordingTransport: Transport {
    private let transport = CurlTransport(threads: 2, userAgent: "oneway/test")
    private let recorded = Locked<[HTTPRequest]>([])
    /// Changes are answered with success, and are not made.
    let swallowsChanges = Locked(false)

    func send(_ request: HTTPRequest) async -> HTTPOutcome {
        if request.method != .get, !request.url.hasSuffix("/token") { recorded.withLock { $0.append(request) } }
        if request.method == .patch, swallowsChanges.withLock(\.self) {
            return .answered(HTTPAnswer(status: 204, body: []))
        }
        return await transport.send(request)
    }

    func takeWrites() -> [String] {
        take().map { request in
            let last = request.url.split(separator: "/").last ?? ""
            return "\(request.method.rawValue) \(last.prefix { $0 != "(" })"
        }
    }

    func take() -> [HTTPRequest] {
        recorded.withLock { recorded in
            defer { recorded = [] }
            return recorded
        }
    }
}
