/// How many records were compared, and why others were not.
public struct VerifyTally: Hashable, Sendable {
    public var compared = 0
    /// On their way, so Marketo need not hold them yet.
    public var pending = 0, waiting = 0, parked = 0
    /// They changed during the comparison.
    public var changing = 0

    public init() {}

    public mutating func add(_ other: VerifyTally) {
        compared += other.compared
        pending += other.pending
        waiting += other.waiting
        parked += other.parked
        changing += other.changing
    }

    mutating func count(_ standing: Standing) {
        switch standing {
        case .comparable: compared += 1
        case .pending: pending += 1
        case .waiting: waiting += 1
        case .parked: parked += 1
        case .changing: changing += 1
        }
    }
}

/// Whether a record can be compared.
enum Standing: Hashable, Sendable {
    case comparable, pending, waiting, parked, changing

    /// `before` and `after` are the outbox's row before and after Marketo was read.
    init(_ expected: DesiredRecord?, _ before: OutboxItem?, _ after: OutboxItem?) {
        guard before?.state.version == after?.state.version, before?.state.claim == after?.state.claim,
            before?.state.stage == after?.state.stage
        else {
            self = .changing
            return
        }
        switch before?.state.stage {
        case .pending: self = .pending
        case .waiting: self = .waiting
        case .parked: self = .parked
        case .settled, nil: self = expected?.desired.heldFor == nil ? .comparable : .waiting
        }
    }
}
