extension Ledger {
    public typealias Outbox = RowSet<DeliveryKey, OutboxItem>

    /// - Parameters:
    ///   - rows: The rows that `desired` refers to.
    ///   - came: The number that ever arrived.
    public static func want(_ desired: [DesiredRecord], in rows: inout Outbox, came: Int64, now: Timestamp) {
        var came = came
        for wanted in desired {
            let before = rows[wanted.key]
            if before == nil { came += 1 }
            var state = before?.state ?? DeliveryState()
            state.want(wanted.desired, now: now)
            rows[wanted.key] = OutboxItem(
                key: wanted.key,
                opportunity: before?.opportunity ?? wanted.opportunity,
                state: state,
                place: before?.place ?? came
            )
        }
    }

    /// Claims the rows that are due.
    public static func claim(_ due: [OutboxItem], now: Timestamp, until: Timestamp) -> [RowChange<OutboxItem>] {
        due.map { item in RowChange(before: item, after: item.after { $0.claim(now: now, until: until) }) }
    }

    /// Applies the results of claims, and returns what other rows need not wait for any longer.
    /// - Parameter rows: The rows to settle, and those that they wait on.
    public static func settle(_ settlements: [Settlement], in rows: inout Outbox, now: Timestamp) -> [DeliveryKey] {
        var over: [DeliveryKey] = []
        for settlement in settlements {
            let isChanged = rows.happen(settlement.key) { state in
                state.answer(settlement.verdict, claim: settlement.claim, sent: settlement.sent, now: now)
            }
            guard isChanged else { continue }
            switch settlement.verdict {
            case .confirmed: over.append(settlement.key)
            case .parked where settlement.key.kind == .salesPerson: over.append(settlement.key)
            // It may have happened since it was checked.
            case .waits(_, on: let key?, _, _) where rows[key]?.isWaitedFor == false:
                rows.happen(settlement.key) { $0.wake(now: now) }
            default: break
            }
        }
        return over
    }

    /// Returns the changes to rows that wait on something that has happened.
    public static func wake(_ waiting: [OutboxItem], now: Timestamp) -> [RowChange<OutboxItem>] {
        changes(of: waiting) { $0.wake(now: now) }
    }

    /// Releases the rows claimed by a run that ended without settling them.
    public static func release(_ claimed: [OutboxItem], next: Timestamp) -> [RowChange<OutboxItem>] {
        changes(of: claimed) { $0.release(next: next) }
    }

    public static func aim(_ aims: [RoleAim], of items: [OutboxItem]) -> [RowChange<OutboxItem>] {
        let byKey = Dictionary(aims.map { ($0.key, $0) }) { $1 }
        return items.flatMap { item in
            changes(of: [item]) { state in
                if let aim = byKey[item.key] { state.aim(at: aim.lead, claim: aim.claim) }
            }
        }
    }

    public static func doubt(_ items: [OutboxItem], now: Timestamp) -> [RowChange<OutboxItem>] {
        changes(of: items) { $0.doubt(now: now) }
    }

    public static func retry(_ items: [OutboxItem], now: Timestamp) -> [RowChange<OutboxItem>] {
        changes(of: items) { $0.retry(now: now) }
    }

    public static func sendAgain(_ items: [OutboxItem], now: Timestamp) -> [RowChange<OutboxItem>] {
        changes(of: items) { $0.sendAgain(now: now) }
    }

    /// Removes the rows of which Marketo has nothing. The others stay.
    public static func erase(_ items: [OutboxItem]) -> [RowChange<OutboxItem>] {
        items.filter(\.state.isGone).map { RowChange(before: $0, after: nil) }
    }

    private static func changes(
        of items: [OutboxItem],
        _ event: (inout DeliveryState) -> Void
    ) -> [RowChange<OutboxItem>] {
        items.compactMap { item in
            let after = item.after(event)
            return after == item ? nil : RowChange(before: item, after: after)
        }
    }
}

extension OutboxItem {
    /// Opportunities do without a sales person that is parked.
    fileprivate var isWaitedFor: Bool {
        state.stage != .settled && !(key.kind == .salesPerson && state.stage == .parked)
    }

    fileprivate func after(_ event: (inout DeliveryState) -> Void) -> OutboxItem {
        var state = state
        event(&state)
        return OutboxItem(key: key, opportunity: opportunity, state: state, place: place)
    }
}

extension RowSet<DeliveryKey, OutboxItem> {
    @discardableResult
    fileprivate mutating func happen(_ key: DeliveryKey, _ event: (inout DeliveryState) -> Void) -> Bool {
        change(key) { $0 = $0.after(event) }
    }
}
