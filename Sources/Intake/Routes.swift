/// A path of the public listener and the methods it takes. `openapi.yaml` states the same, and a test holds them equal.
enum PublicRoute: String, CaseIterable {
    case notifications = "/dynamics/notifications"
    case `guard` = "/dynamics/guard"
    case marketo = "/marketo"
    case healthz = "/healthz"
    case readyz = "/readyz"
    case openapi = "/openapi.yaml"

    /// Nil: any method.
    var methods: [String]? {
        switch self {
        case .notifications, .guard: ["POST"]
        case .marketo: nil
        case .healthz, .readyz, .openapi: ["GET", "HEAD"]
        }
    }

    /// Paths are compared as received: none of ours contains a character that needs escaping.
    init?(path: some StringProtocol) {
        if path.hasPrefix("/marketo/") {
            self = .marketo
        } else if path.hasPrefix("/dynamics/"), path.hasSuffix("/") {
            self.init(rawValue: String(path.dropLast()))
        } else {
            self.init(rawValue: String(path))
        }
    }
}
