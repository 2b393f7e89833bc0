/// All that the verdict is computed from. What is not known keeps its value here, which is that of a healthy service.
public struct HealthFacts: Hashable, Sendable {
    public var now: Timestamp

    // MARK: Accepting

    public var isStarting = false
    public var isDraining = false
    public var isDiskFull = false
    public var isStoreWorking = true
    /// Answered 503 in the last five minutes.
    public var turnedAway = 0
    /// Answered 401 in the last quarter of an hour.
    public var unauthorized = 0
    /// When the newest notification that is kept came; nil: none is kept.
    public var newestNotificationAt: Timestamp?
    /// Whether some came in the six hours that ended a day ago.
    public var cameYesterday = false
    public var newestQuarantinedAt: Timestamp?
    public var quarantined: Int64 = 0
    /// What the last reconciliation found that no notification had reported.
    public var untoldChanges = 0

    // MARK: Working

    public var unapplied: Int64 = 0
    public var unappliedSince: Timestamp?
    /// Put into quarantine by the applier in the last hour.
    public var setAside = 0
    public var settled: Int64 = 0
    public var pending: Int64 = 0
    public var pendingSince: Timestamp?
    /// Without people.
    public var waiting: Int64 = 0
    public var parked: Int64 = 0
    /// Roles that wait for a lead, which are among those that wait, and those that found one.
    public var rolesWithoutLead: Int64 = 0
    public var rolesWithLead: Int64 = 0
    /// The lead field by which contacts are found.
    public var leadField = ""

    // MARK: Others

    /// Whether a replica applies and forwards, be it this one or another.
    public var isLed = true
    /// Nil: not configured.
    public var marketo: Marketo? = Marketo()
    public var isDynamicsAway = false
    /// Alerts could not be posted for a while.
    public var isAlertingFailing = false

    // MARK: This machine

    /// In the last ten minutes; slow ones took more than half a second.
    public var commits = 0
    public var slowCommits = 0
    public var logBytes: Int64 = 0
    public var diskFree: Int64?
    /// What will be free in a day if it goes on as in the last hours.
    public var diskFreeTomorrow: Int64?
    public var openDescriptors = 0
    public var descriptorsMax: Int?

    public init(now: Timestamp) { self.now = now }

    public struct Marketo: Hashable, Sendable {
        public var pausedSince: Timestamp?
        public var condition = CallBudget.Condition.ok
        public var probe = Probe.passed
        public var usedToday = 0
        public var leftToday = Int.max
        public var resetsAt = Timestamp(milliseconds: 0)

        public init() {}
    }

    /// What came of the last look whether Marketo lets us in.
    public enum Probe: Hashable, Sendable {
        case none
        case passed
        /// It lasts until somebody does something.
        case denied(DeliveryTrouble, what: String?)
        case away(DeliveryTrouble)
    }
}
