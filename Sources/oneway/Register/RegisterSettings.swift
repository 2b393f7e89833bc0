import Completing
import Configuration
import DataverseClient
import DataverseRegistration
import OnewayCore
import Reading

/// What a registration needs, from the configuration and the command line.
struct RegisterSettings: Sendable {
    let access: DataverseAccess
    let limits: RequestBudget.Limits
    let intents: [WebhookIntent]
    /// Nil if webhooks are only removed.
    let key: WebhookKey?

    init(_ options: Register.Options, _ settings: Configuration) throws(UsageError) {
        guard let webAPI = settings.dynamics.webApi else {
            throw UsageError(says: "dynamics.webApi is missing: registering needs access to Dynamics.")
        }
        guard webAPI.isComplete else {
            throw UsageError(says: "dynamics.webApi needs url, tenant or tokenUrl, clientId, and clientSecret.")
        }
        access = DataverseAccess(webAPI)
        limits = RequestBudget.Limits(
            concurrentRequests: webAPI.concurrentRequests,
            requestsPer5Minutes: webAPI.requestsPer5Minutes
        )
        let urls = try options.url.map { given throws(UsageError) in try Self.urls(given) }
        guard !options.removes, let urls else {
            key = nil
            intents = [
                options.isGuarding ? .untouched(.data, url: urls?.data) : .absent(.data, url: urls?.data),
                .absent(.guarding, url: urls?.guarding),
            ]
            return
        }
        let key = try Self.key(settings.dynamics)
        let book = RuleBook(RuleSettings(settings))
        self.key = key
        intents = [
            .present(WantedWebhook(book, url: urls.data, authentication: key.authentication)),
            options.isGuarding
                ? .present(WantedWebhook(guardAt: urls.guarding, authentication: key.authentication))
                : .untouched(.guarding, url: urls.guarding),
        ]
    }

    /// The first value is the one that stays when keys are rotated. Headers come first, because addresses end up in logs.
    static func key(_ dynamics: Configuration.Dynamics) throws(UsageError) -> WebhookKey {
        let key: WebhookKey
        if let (name, secret) = first(dynamics.headers) {
            key = WebhookKey(.header, name: name, secret: secret.reveal())
        } else if let secret = dynamics.keys.first {
            key = WebhookKey(.key, secret: secret.reveal())
        } else if let (name, secret) = first(dynamics.query) {
            key = WebhookKey(.query, name: name, secret: secret.reveal())
        } else {
            throw UsageError(
                says: "There is no key to register: set dynamics.headers, dynamics.keys, or dynamics.query."
            )
        }
        if key.isTooLong { throw UsageError(says: "The key is longer than Dynamics takes: use openssl rand -hex 32.") }
        return key
    }

    private static func first(_ secrets: [String: [Secret]]) -> (name: String, secret: Secret)? {
        secrets.sorted { $0.key < $1.key }.lazy.compactMap { name, values in values.first.map { (name, $0) } }.first
    }

    private static let dataPath = "/dynamics/notifications"
    private static let guardPath = "/dynamics/guard"

    /// A proxy may have put something before the path.
    static func urls(_ given: String) throws(UsageError) -> (data: String, guarding: String) {
        guard var address = WebAddress(given), address.path.hasSuffix(dataPath) else {
            throw UsageError(says: "`--url` needs an address such as https://oneway.example\(dataPath) after it.")
        }
        let isCalled = address.isSecure && (address.port ?? 443) == 443
        guard isCalled || address.isLoopback else {
            throw UsageError(says: "Dynamics calls only https and port 443: `--url` has another scheme or port.")
        }
        let data = address.text
        address.path = address.path.dropLast(dataPath.count) + guardPath
        return (data, address.text)
    }
}
