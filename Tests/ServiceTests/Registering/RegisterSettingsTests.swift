import Configuration
import DataverseRegistration
import OnewayCore
import Testing

@testable import oneway

@Suite struct RegisterSettingsTests {
    private static func settings(_ change: (inout Configuration) -> Void = { _ in }) -> Configuration {
        var settings = Configuration()
        settings.dynamics.keys = [Secret("a-key"), Secret("the-next")]
        settings.dynamics.webApi = .sandbox("http://127.0.0.1:1")
        change(&settings)
        return settings
    }

    private static func says(
        _ settings: Configuration,
        _ options: Register.Options = Register.Options(url: RegisterRig.url)
    ) -> String? {
        do throws(UsageError) {
            _ = try RegisterSettings(options, settings)
            return nil
        } catch {
            return error.says
        }
    }

    static let addresses: [(given: String, data: String, guarding: String)] = [
        (RegisterRig.url, RegisterRig.url, RegisterRig.guardURL),
        (
            "https://Proxy.test:443/crm/dynamics/notifications", "https://proxy.test:443/crm/dynamics/notifications",
            "https://proxy.test:443/crm/dynamics/guard"
        ),
        (
            "http://127.0.0.1:8080/dynamics/notifications", "http://127.0.0.1:8080/dynamics/notifications",
            "http://127.0.0.1:8080/dynamics/guard"
        ),
    ]

    @Test(arguments: addresses) func theGuardIsNextToTheData(given: String, data: String, guarding: String) throws {
        let urls = try RegisterSettings.urls(given)
        #expect(urls.data == data && urls.guarding == guarding)
    }

    @Test(arguments: [
        "https://oneway.test", "https://oneway.test/dynamics/guard", "oneway.test/dynamics/notifications",
        "https://oneway.test/dynamics/notifications/", "https://oneway.test/dynamics/notifications?code=x",
        "http://oneway.test/dynamics/notifications", "https://oneway.test:8443/dynamics/notifications",
    ])
    func anAddressThatDynamicsCannotCallIsRefused(_ given: String) {
        #expect(throws: UsageError.self) { try RegisterSettings.urls(given) }
    }

    @Test func theKeyIsTheFirst() throws {
        var dynamics = Configuration.Dynamics.sample
        #expect(try RegisterSettings.key(dynamics).authentication == .header)
        dynamics.headers = ["x-a": []]
        #expect(try RegisterSettings.key(dynamics).authentication == .key)
        dynamics.keys = []
        #expect(try RegisterSettings.key(dynamics).authentication == .query)
        dynamics.query = [:]
        #expect(throws: UsageError.self) { try RegisterSettings.key(dynamics) }
        dynamics.keys = [Secret(String(repeating: "k", count: 2049))]
        #expect(throws: UsageError.self) { try RegisterSettings.key(dynamics) }
        #expect("\(try RegisterSettings.key(.sample))" == "<key>")
    }

    @Test func whatIsMissingIsSaid() {
        #expect(Self.says(Self.settings()) == nil)
        #expect(Self.says(Self.settings { $0.dynamics.webApi = nil })?.contains("dynamics.webApi") == true)
        let unfinished = Self.settings { $0.dynamics.webApi?.clientSecret = Secret("") }
        #expect(Self.says(unfinished)?.contains("clientId, and clientSecret") == true)
        let keyless = Self.settings { $0.dynamics.keys = [] }
        #expect(Self.says(keyless)?.contains("no key to register") == true)
        #expect(Self.says(keyless, Register.Options(removes: true)) == nil, "removing needs none")
    }

    @Test func whatIsMeantFollowsFromTheOptions() throws {
        func intents(_ change: (inout Register.Options) -> Void) throws -> [WebhookIntent] {
            var options = Register.Options(url: RegisterRig.url)
            change(&options)
            return try RegisterSettings(options, Self.settings()).intents
        }
        let (data, guarding) = (RegisterRig.url, RegisterRig.guardURL)
        let wanted = WantedWebhook(RuleBook(RuleSettings()), url: data, authentication: .key)
        #expect(try intents { _ in } == [.present(wanted), .untouched(.guarding, url: guarding)])
        let both = try intents { $0.isGuarding = true }
        #expect(both == [.present(wanted), .present(WantedWebhook(guardAt: guarding, authentication: .key))])
        let none = try intents { $0.removes = true }
        #expect(none == [.absent(.data, url: data), .absent(.guarding, url: guarding)])
        let unguarded = try intents { ($0.removes, $0.isGuarding, $0.url) = (true, true, nil) }
        #expect(unguarded == [.untouched(.data, url: nil), .absent(.guarding, url: nil)])
    }
}

extension Configuration.Dynamics {
    /// With every kind of key.
    static var sample: Configuration.Dynamics {
        var dynamics = Configuration().dynamics
        dynamics.headers = ["x-a": [Secret("a"), Secret("b")], "x-b": [Secret("c")]]
        dynamics.keys = [Secret("d")]
        dynamics.query = ["q": [Secret("e")]]
        return dynamics
    }
}
