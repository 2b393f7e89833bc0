extension Counters {
    /// Stored under these names: never rename one.
    public enum Name: Int, CaseIterable, Sendable {
        case accepted, ignored, refused, quarantined
        case bodyBytes
        /// Counts of the rows that give way to newer ones.
        case briefIgnored, briefQuarantined, briefQuarantinedBytes
        case unapplied, unappliedBytes
        case refusals
        case stale
        /// Those that are running.
        case jobs
        /// Those that are open.
        case questions
        case mirrorVersion
        case companySettled, companyPending, companyWaiting, companyParked
        case opportunitySettled, opportunityPending, opportunityWaiting, opportunityParked
        case roleSettled, rolePending, roleWaiting, roleParked
        case personSettled, personPending, personWaiting, personParked
        case salesPersonSettled, salesPersonPending, salesPersonWaiting, salesPersonParked
        /// Opportunities by their standing.
        case standingParked, standingWaiting, standingPending, standingSettled
        case standingRefused, standingFiltered, standingDeleted
        /// Opportunities of the mirror that exist in Dynamics, as far as is known, and those that Marketo has confirmed.
        case opportunitiesKnown, opportunitiesHeld
        /// The number that ever arrived, for `OutboxItem.place` and `RefusalItem.number`. They never decrease.
        case outboxCame, refusalsCame
        /// The number of events that ever happened, which is the number of the newest.
        case eventsCame

        public static func rows(_ outcome: Outcome) -> Name {
            switch outcome {
            case .accepted: .accepted
            case .ignored: .ignored
            case .refused: .refused
            case .quarantined: .quarantined
            }
        }

        public static func outbox(_ kind: RecordKind, _ stage: DeliveryState.Stage) -> Name {
            switch (kind, stage) {
            case (.company, .settled): .companySettled
            case (.company, .pending): .companyPending
            case (.company, .waiting): .companyWaiting
            case (.company, .parked): .companyParked
            case (.opportunity, .settled): .opportunitySettled
            case (.opportunity, .pending): .opportunityPending
            case (.opportunity, .waiting): .opportunityWaiting
            case (.opportunity, .parked): .opportunityParked
            case (.role, .settled): .roleSettled
            case (.role, .pending): .rolePending
            case (.role, .waiting): .roleWaiting
            case (.role, .parked): .roleParked
            case (.person, .settled): .personSettled
            case (.person, .pending): .personPending
            case (.person, .waiting): .personWaiting
            case (.person, .parked): .personParked
            case (.salesPerson, .settled): .salesPersonSettled
            case (.salesPerson, .pending): .salesPersonPending
            case (.salesPerson, .waiting): .salesPersonWaiting
            case (.salesPerson, .parked): .salesPersonParked
            }
        }

        public static func standing(_ state: OpportunityState) -> Name {
            switch state {
            case .parked: .standingParked
            case .waiting: .standingWaiting
            case .pending: .standingPending
            case .settled: .standingSettled
            case .refused: .standingRefused
            case .filtered: .standingFiltered
            case .deleted: .standingDeleted
            }
        }

        public var name: String { "\(self)" }

        /// False for those that cannot be derived from the rows.
        public var countsRows: Bool {
            switch self {
            case .mirrorVersion, .opportunitiesKnown, .outboxCame, .refusalsCame, .eventsCame: false
            default: true
            }
        }
    }
}
