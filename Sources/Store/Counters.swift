import OnewayCore

/// How many rows there are of what, and how many bytes. Kept, not counted: equal to the rows after every commit.
struct Counters: Equatable, Sendable {
    private var values = [Int64](repeating: 0, count: Counter.allCases.count)

    subscript(counter: Counter) -> Int64 {
        get { values[counter.rawValue] }
        set { values[counter.rawValue] = newValue }
    }

    var status: StoreStatus {
        var status = StoreStatus()
        for outcome in Outcome.allCases { status.inbox[outcome] = self[.rows(outcome)] }
        for kind in RecordKind.allCases {
            let stages = DeliveryState.Stage.allCases.map { ($0, self[.outbox(kind, $0)]) }
            status.outbox[kind] = Dictionary(uniqueKeysWithValues: stages)
        }
        (status.inboxBytes, status.refusals, status.stale) = (self[.bodyBytes], self[.refusals], self[.stale])
        (status.unapplied, status.unappliedBytes) = (self[.unapplied], self[.unappliedBytes])
        return status
    }

    /// Those that differ from an earlier state.
    func changes(since earlier: Counters) -> [Counter] {
        Counter.allCases.filter { self[$0] != earlier[$0] }
    }
}

/// Kept under these names: rename none.
enum Counter: Int, CaseIterable, Sendable {
    case accepted, ignored, refused, quarantined
    case bodyBytes
    /// Of those that give way to newer ones.
    case briefIgnored, briefQuarantined, briefQuarantinedBytes
    case unapplied, unappliedBytes
    case refusals
    case stale
    case mirrorVersion
    case companySettled, companyPending, companyWaiting, companyParked
    case opportunitySettled, opportunityPending, opportunityWaiting, opportunityParked
    case roleSettled, rolePending, roleWaiting, roleParked

    static func rows(_ outcome: Outcome) -> Counter {
        switch outcome {
        case .accepted: .accepted
        case .ignored: .ignored
        case .refused: .refused
        case .quarantined: .quarantined
        }
    }

    static func outbox(_ kind: RecordKind, _ stage: DeliveryState.Stage) -> Counter {
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
        }
    }

    var name: String { "\(self)" }
}
