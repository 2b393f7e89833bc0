/// A path of the admin listener's pages.
enum PageRoute: Equatable {
    case home, search, opportunities, parked, waiting, quarantine, refusals, verify, reconcile
    case story(opportunity: String)
    case asset(PageAsset)
    case action(PageAction)

    static let documented: [(path: String, methods: [String])] =
        [
            ("/", ["GET"]), ("/search", ["GET"]), ("/opportunities", ["GET"]), ("/parked", ["GET"]),
            ("/waiting", ["GET"]), ("/quarantine", ["GET"]), ("/refusals", ["GET"]), ("/verify", ["GET"]),
            ("/reconcile", ["GET"]), ("/opportunities/{id}", ["GET"]),
        ] + PageAsset.allCases.map { ($0.rawValue, ["GET"]) } + PageAction.allCases.map { ($0.rawValue, ["POST"]) }

    init?(path: String) {
        switch path {
        case "/": self = .home
        case "/search": self = .search
        case "/opportunities": self = .opportunities
        case "/parked": self = .parked
        case "/waiting": self = .waiting
        case "/quarantine": self = .quarantine
        case "/refusals": self = .refusals
        case "/verify": self = .verify
        case "/reconcile": self = .reconcile
        default:
            let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            if parts.count == 3, parts[1] == "opportunities" {
                self = .story(opportunity: parts[2])
            } else if let asset = PageAsset(rawValue: path) {
                self = .asset(asset)
            } else if let action = PageAction(rawValue: path) {
                self = .action(action)
            } else {
                return nil
            }
        }
    }

    var methods: [String] {
        if case .action = self { ["POST"] } else { ["GET", "HEAD"] }
    }

    /// Whether a browser may be redirected here after an action.
    var isForReading: Bool {
        switch self {
        case .asset, .action: false
        default: true
        }
    }
}

/// The files that the pages use besides HTML.
package enum PageAsset: String, CaseIterable {
    case style = "/assets/page.css"
    case script = "/assets/page.js"
    case icon = "/assets/icon.svg"
}

/// The actions behind the pages' buttons.
enum PageAction: String, CaseIterable {
    case retry = "/actions/retry"
    case replay = "/actions/replay"
    case pause = "/actions/pause"
    case resume = "/actions/resume"
    case allow = "/actions/allow"

    /// The fields that its form may have.
    var fields: Set<String> {
        switch self {
        case .retry: ["all", "kind", "key", "code", "for", "back"]
        case .replay: ["all", "notification", "back"]
        case .pause, .resume: ["back"]
        case .allow: ["opportunity", "back"]
        }
    }
}
