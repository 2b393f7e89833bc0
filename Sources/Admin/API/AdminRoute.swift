import OnewayCore

/// A path of the admin listener. `openapi.yaml` states the same, and a test holds them equal.
enum AdminRoute: Equatable {
    case healthz, readyz, metrics, status, find, opportunities, missingPeople
    case inbox, replay
    case outbox, retry
    case refusals, replicas, explain, mappingChanges
    case pause, resume, erase
    case importing, load, reconcile
    case verify, verifyFindings
    case adopt, adoptFindings
    case opportunity(id: String)
    case inboxItem(id: String)
    case allow(opportunity: String)
    case refresh(opportunity: String)
    case verifyOne(opportunity: String)
    case refreshRecords
    case page(PageRoute)

    /// As `openapi.yaml` writes them.
    static let documented: [(path: String, methods: [String])] =
        [
            ("/healthz", ["GET"]), ("/readyz", ["GET"]), ("/metrics", ["GET"]), ("/api/status", ["GET"]),
            ("/api/find", ["GET"]), ("/api/opportunities", ["GET"]), ("/api/waiting/people", ["GET"]),
            ("/api/inbox", ["GET"]), ("/api/inbox/replay", ["POST", "GET"]), ("/api/inbox/{id}", ["GET"]),
            ("/api/outbox", ["GET"]),
            ("/api/outbox/retry", ["POST"]), ("/api/refusals", ["GET"]), ("/api/replicas", ["GET"]),
            ("/api/refusals/{opportunity}/allow", ["POST"]),
            ("/api/opportunities/{id}", ["GET"]), ("/api/opportunities/{id}/refresh", ["POST"]),
            ("/api/refresh", ["POST"]), ("/api/explain", ["POST"]), ("/api/mapping/changes", ["GET"]),
            ("/api/pause", ["POST"]), ("/api/resume", ["POST"]),
            ("/api/erase", ["POST", "GET"]), ("/api/import", ["POST"]),
            ("/api/load", ["POST", "GET", "DELETE"]),
            ("/api/reconcile", ["POST", "GET", "DELETE"]),
            ("/api/verify", ["POST", "GET", "DELETE"]), ("/api/verify/findings", ["GET"]),
            ("/api/adopt", ["POST", "GET", "DELETE"]), ("/api/adopt/findings", ["GET"]),
            ("/api/opportunities/{id}/verify", ["POST"]),
        ] + PageRoute.documented

    init?(path: String) {
        switch path {
        case "/healthz": self = .healthz
        case "/readyz": self = .readyz
        case "/metrics": self = .metrics
        case "/api/status": self = .status
        case "/api/find": self = .find
        case "/api/opportunities": self = .opportunities
        case "/api/waiting/people": self = .missingPeople
        case "/api/inbox": self = .inbox
        case "/api/inbox/replay": self = .replay
        case "/api/outbox": self = .outbox
        case "/api/outbox/retry": self = .retry
        case "/api/refusals": self = .refusals
        case "/api/replicas": self = .replicas
        case "/api/explain": self = .explain
        case "/api/mapping/changes": self = .mappingChanges
        case "/api/refresh": self = .refreshRecords
        case "/api/pause": self = .pause
        case "/api/resume": self = .resume
        case "/api/erase": self = .erase
        case "/api/import": self = .importing
        case "/api/load": self = .load
        case "/api/reconcile": self = .reconcile
        case "/api/verify": self = .verify
        case "/api/verify/findings": self = .verifyFindings
        case "/api/adopt": self = .adopt
        case "/api/adopt/findings": self = .adoptFindings
        default:
            let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            if parts.count == 5, path.hasPrefix("/api/refusals/"), parts[4] == "allow" {
                self = .allow(opportunity: parts[3])
            } else if parts.count == 5, path.hasPrefix("/api/opportunities/"), parts[4] == "refresh" {
                self = .refresh(opportunity: parts[3])
            } else if parts.count == 5, path.hasPrefix("/api/opportunities/"), parts[4] == "verify" {
                self = .verifyOne(opportunity: parts[3])
            } else if parts.count == 4, path.hasPrefix("/api/opportunities/") {
                self = .opportunity(id: parts[3])
            } else if parts.count == 4, path.hasPrefix("/api/inbox/") {
                self = .inboxItem(id: parts[3])
            } else if let page = PageRoute(path: path) {
                self = .page(page)
            } else {
                return nil
            }
        }
    }

    /// The parameters that its query may have; any other is an error, because it may be a misspelt filter. Nil: it does
    /// not look (probes and scrapers add their own, and so do browsers to pages).
    var parameters: Set<String>? {
        switch self {
        case .inbox: ["outcome", "from", "to", "opportunity", "limit", "after"]
        case .outbox: ["state", "kind", "code", "waitingFor", "limit", "after"]
        case .find: ["q", "limit"]
        case .opportunities:
            ["state", "waitingFor", "code", "company", "changedSince", "q", "order", "limit", "after"]
        case .missingPeople: ["format", "limit", "after"]
        case .refusals, .mappingChanges, .adoptFindings: ["limit", "after"]
        case .verifyFindings: ["what", "limit", "after"]
        case .erase: ["contact"]
        case .importing: ["firstLine"]
        case .healthz, .readyz, .metrics, .page: nil
        default: []
        }
    }

    var methods: [String] {
        switch self {
        case .replay, .erase: ["POST", "GET", "HEAD"]
        case .load, .reconcile, .verify, .adopt: ["POST", "GET", "HEAD", "DELETE"]
        case .retry, .allow, .refresh, .refreshRecords, .verifyOne, .explain, .pause, .resume, .importing: ["POST"]
        case .page(let page): page.methods
        default: ["GET", "HEAD"]
        }
    }
}
