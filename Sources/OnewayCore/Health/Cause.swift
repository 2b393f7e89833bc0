/// How the service is, the best first.
public enum HealthLevel: String, CaseIterable, Comparable, Sendable {
    /// It works.
    case ok
    /// Nothing is proven yet.
    case starting
    /// It works, and somebody should look.
    case attention
    /// Something does not flow.
    case broken

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    public static func < (left: HealthLevel, right: HealthLevel) -> Bool { left.rank < right.rank }
}

/// All that can keep the service from being well, within a level the most serious first.
public enum Cause: String, CaseIterable, Sendable {
    case store
    case disk
    case turningAway = "turning-away"
    case noLeader = "no-leader"
    case marketoStopped = "marketo-stopped"
    case marketoDenied = "marketo-denied"
    case budgetUsedUp = "budget-used-up"

    case notConfigured = "not-configured"
    case paused
    case marketoAway = "marketo-away"
    case setAside = "set-aside"
    case quarantined
    case missingLeads = "missing-leads"
    case parked
    case applyLag = "apply-lag"
    case forwardLag = "forward-lag"
    case dynamicsAway = "dynamics-away"
    case unauthorized
    case quiet
    case untold
    case waiting
    case budgetLow = "budget-low"
    case diskFills = "disk-fills"
    case slowDisk = "slow-disk"
    case logGrows = "log-grows"
    case descriptors
    case alertsFail = "alerts-fail"
    case draining

    case starting
    case marketoUnproven = "marketo-unproven"
    case noNotification = "no-notification"
    case noRecord = "no-record"

    public var level: HealthLevel {
        switch self {
        case .store, .disk, .turningAway, .noLeader, .marketoStopped, .marketoDenied, .budgetUsedUp: .broken
        case .starting, .marketoUnproven, .noNotification, .noRecord: .starting
        default: .attention
        }
    }

    /// Nothing reaches Marketo while it lasts, whatever is wanted there.
    public var blocksAll: Bool {
        switch self {
        case .store, .noLeader, .marketoStopped, .marketoDenied, .budgetUsedUp, .notConfigured, .paused, .marketoAway:
            true
        default: false
        }
    }

    /// How long it must have lasted before the verdict knows it.
    public var patienceSeconds: Int { self == .waiting ? 86_400 : 0 }

    /// How long it must have lasted before an alert tells it; nil: never.
    public var alertAfterSeconds: Int? {
        switch self {
        // Who runs `oneway check` or looks at the page is told why alerts fail; an alert cannot tell it. Nor can it tell
        // that nobody leads: the leader posts alerts.
        case .noLeader, .draining, .starting, .marketoUnproven, .noNotification, .noRecord, .alertsFail: nil
        case .paused: 4 * 3600
        case .forwardLag, .marketoAway, .dynamicsAway, .logGrows, .diskFills: 900
        case .applyLag, .slowDisk, .descriptors: 300
        case .store, .disk, .turningAway, .marketoStopped, .marketoDenied: 120
        case .quarantined, .setAside, .unauthorized, .quiet, .untold, .waiting, .budgetLow, .budgetUsedUp: 0
        case .notConfigured, .missingLeads, .parked: 60
        }
    }

    /// The rules in `ops/prometheus/alerts.yml` that tell the same from outside.
    public var alertRules: [String] {
        switch self {
        case .store, .disk: ["OnewayNotReady"]
        case .turningAway: ["OnewayRefusesDynamics"]
        case .noLeader: ["OnewayNoLeader"]
        case .marketoStopped: ["OnewayMarketoStopped"]
        case .marketoDenied: ["OnewayBlocked"]
        case .budgetUsedUp: ["OnewayBlocked", "OnewayBudgetLow"]
        case .budgetLow: ["OnewayBudgetLow"]
        case .paused: ["OnewayPaused"]
        case .marketoAway: ["OnewayMarketoAway"]
        case .setAside: ["OnewaySetAside"]
        case .quarantined: ["OnewayQuarantined"]
        case .parked: ["OnewayParked"]
        case .applyLag: ["OnewayApplyLag"]
        case .forwardLag: ["OnewayForwardLag"]
        case .unauthorized: ["OnewayUnauthorized"]
        case .quiet: ["OnewayQuiet"]
        case .untold: ["OnewayUntoldChanges"]
        case .waiting: ["OnewayWaiting"]
        case .diskFills: ["OnewayDiskFills"]
        case .slowDisk: ["OnewaySlowDisk"]
        case .logGrows: ["OnewayLogGrows"]
        case .descriptors: ["OnewayDescriptors"]
        case .dynamicsAway: ["OnewayDynamicsAway", "OnewayHealth"]
        case .notConfigured, .missingLeads, .alertsFail: ["OnewayHealth"]
        case .draining, .starting, .marketoUnproven, .noNotification, .noRecord: []
        }
    }
}
