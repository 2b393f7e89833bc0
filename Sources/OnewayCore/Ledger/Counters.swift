/// The number of rows and bytes of each kind. Maintained, not counted: equal to the rows after every commit.
public struct Counters: Hashable, Sendable {
    private var values = [Int64](repeating: 0, count: Name.allCases.count)

    public init() {}

    public subscript(counter: Name) -> Int64 {
        get { values[counter.rawValue] }
        set { values[counter.rawValue] = newValue }
    }

    public static func += (left: inout Counters, right: Counters) {
        for index in left.values.indices { left.values[index] += right.values[index] }
    }

    /// The counters that differ from an earlier state.
    public func changes(since earlier: Counters) -> [Name] {
        Name.allCases.filter { self[$0] != earlier[$0] }
    }
}

// MARK: Counting changes

extension Counters {
    public mutating func count(_ change: RowChange<InboxRow>) {
        if let before = change.before { count(before, -1) }
        if let after = change.after { count(after, 1) }
    }

    private mutating func count(_ row: InboxRow, _ step: Int64) {
        let bytes = step * Int64(row.item.bodyBytes)
        self[.rows(row.item.outcome)] += step
        self[.bodyBytes] += bytes
        if row.waitsSince != nil {
            self[.unapplied] += step
            self[.unappliedBytes] += bytes
        }
        guard row.givesWay else { return }
        if row.item.outcome == .ignored { self[.briefIgnored] += step }
        if row.item.outcome == .quarantined {
            self[.briefQuarantined] += step
            self[.briefQuarantinedBytes] += bytes
        }
    }

    public mutating func count(_ change: RowChange<OutboxItem>) {
        if let before = change.before { self[.outbox(before.key.kind, before.state.stage)] -= 1 }
        if let after = change.after { self[.outbox(after.key.kind, after.state.stage)] += 1 }
        if change.before == nil { self[.outboxCame] += 1 }
        if change.before?.isHeldOpportunity == true { self[.opportunitiesHeld] -= 1 }
        if change.after?.isHeldOpportunity == true { self[.opportunitiesHeld] += 1 }
    }

    public mutating func count(_ change: RowChange<RefusalItem>) {
        self[.refusals] += change.step
        if change.before == nil { self[.refusalsCame] += 1 }
    }

    public mutating func count(_ change: RowChange<StaleRecord>) { self[.stale] += change.step }

    public mutating func count(_ change: RowChange<Question>) {
        if change.before?.isOpen == true { self[.questions] -= 1 }
        if change.after?.isOpen == true { self[.questions] += 1 }
    }

    public mutating func count(_ change: RowChange<Job>) {
        if change.before?.state == .running { self[.jobs] -= 1 }
        if change.after?.state == .running { self[.jobs] += 1 }
    }
}

extension RowChange {
    fileprivate var step: Int64 { (after == nil ? 0 : 1) - (before == nil ? 0 : 1) }
}

extension OutboxItem {
    /// Marketo has it.
    fileprivate var isHeldOpportunity: Bool { key.kind == .opportunity && state.confirmed != nil }
}

extension OutboxGroup {
    /// The change in size of each group; unchanged groups are left out.
    public static func deltas(of changes: [RowChange<OutboxItem>]) -> [Key: Int64] {
        var deltas: [Key: Int64] = [:]
        for change in changes where change.before?.group != change.after?.group {
            if let group = change.before?.group { deltas[group, default: 0] -= 1 }
            if let group = change.after?.group { deltas[group, default: 0] += 1 }
        }
        return deltas.filter { $0.value != 0 }
    }
}
