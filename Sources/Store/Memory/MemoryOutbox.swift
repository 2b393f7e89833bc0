import OnewayCore

/// The outbox of the memory store.
struct MemoryOutbox {
    private var items: [DeliveryKey: OutboxItem] = [:]
    /// In the order of their coming, in which equally old ones are sent.
    private var places: [DeliveryKey: Int] = [:]
    private var nextPlace = 0

    func item(_ key: DeliveryKey) -> OutboxItem? { items[key] }

    /// True where the event changed something.
    @discardableResult
    mutating func change(
        _ key: DeliveryKey,
        opportunity: GUID? = nil,
        isNew: Bool = false,
        _ event: (inout DeliveryState) -> Void
    ) -> Bool {
        let before = items[key]
        guard before != nil || isNew else { return false }
        var state = before?.state ?? DeliveryState()
        event(&state)
        let after = OutboxItem(key: key, opportunity: before?.opportunity ?? opportunity, state: state)
        items[key] = after
        if before == nil {
            places[key] = nextPlace
            nextPlace += 1
        }
        return after != before
    }

    mutating func claim(_ kind: RecordKind, limit: Int, now: Timestamp, until: Timestamp) -> [OutboxItem] {
        let due = items.values.filter { $0.key.kind == kind && $0.state.isDue(now) }
            .sorted {
                ($0.state.lane, $0.state.nextAttemptAt ?? now, places[$0.key] ?? 0)
                    < ($1.state.lane, $1.state.nextAttemptAt ?? now, places[$1.key] ?? 0)
            }
        return due.prefix(limit).compactMap { item in
            change(item.key) { $0.claim(now: now, until: until) }
            return items[item.key]
        }
    }

    /// True where something is confirmed now.
    mutating func settle(_ settlements: [Settlement], now: Timestamp) -> Bool {
        var isConfirmed = false
        for settlement in settlements {
            let isChanged = change(settlement.key) { state in
                state.answer(settlement.verdict, claim: settlement.claim, sent: settlement.sent, now: now)
            }
            guard isChanged else { continue }
            switch settlement.verdict {
            case .confirmed:
                isConfirmed = true
                for item in items.values where item.state.waitsOn == settlement.key {
                    change(item.key) { $0.wake(now: now) }
                }
            case .waits(_, on: let key?, _, _) where items[key]?.state.stage == .settled:
                change(settlement.key) { $0.wake(now: now) }
            default: break
            }
        }
        return isConfirmed
    }

    mutating func releaseClaims(next: Timestamp) -> Int {
        let claimed = items.values.filter(\.state.isClaimed)
        for item in claimed { change(item.key) { $0.release(next: next) } }
        return claimed.count
    }

    mutating func doubt(_ keys: [DeliveryKey], now: Timestamp) {
        for key in keys { change(key) { $0.doubt(now: now) } }
    }

    mutating func retry(_ scope: RetryScope, now: Timestamp) -> Int {
        let keys: [DeliveryKey]
        switch scope {
        case .key(let key): return change(key) { $0.sendAgain(now: now) } ? 1 : 0
        case .all: keys = items.values.filter { $0.state.stage != .settled }.map(\.key)
        case .code(let code): keys = items.values.filter { $0.state.trouble?.code == code }.map(\.key)
        }
        return keys.filter { change($0) { $0.retry(now: now) } }.count
    }

    /// False where Marketo may have something of it.
    mutating func remove(_ key: DeliveryKey) -> Bool {
        guard let item = items[key], item.state.isGone else { return false }
        items[key] = nil
        places[key] = nil
        return true
    }

    func nextDue(_ kind: RecordKind) -> Timestamp? {
        items.values.filter { $0.key.kind == kind }.compactMap(\.state.nextAttemptAt).min()
    }

    func list(_ filter: OutboxFilter, after: DeliveryKey?, limit: Int) -> [OutboxItem] {
        let found = items.values.filter { item in
            after.map { item.key > $0 } ?? true
                && filter.stage.map { $0 == item.state.stage } ?? true
                && filter.kind.map { $0 == item.key.kind } ?? true
                && filter.code.map { $0 == item.state.trouble?.code } ?? true
                && filter.opportunity.map { $0 == item.opportunity } ?? true
                && filter.waitingFor.map { $0 == item.state.waitingFor } ?? true
        }
        return Array(found.sorted { $0.key < $1.key }.prefix(limit))
    }

    var groups: [OutboxGroup] {
        let counts = Dictionary(items.values.compactMap(\.group).map { ($0, 1) }, uniquingKeysWith: +)
        let groups = counts.map { OutboxGroup(key: $0.key, count: Int64($0.value)) }
        return Array(groups.sorted(by: OutboxGroup.isBefore).prefix(OutboxGroup.groupsMax))
    }

    func fill(_ status: inout StoreStatus) {
        for kind in RecordKind.allCases {
            for stage in DeliveryState.Stage.allCases { status.outbox[kind, default: [:]][stage] = 0 }
        }
        for item in items.values { status.outbox[item.key.kind]?[item.state.stage]? += 1 }
        status.pendingSince = items.values.compactMap(\.state.pendingSince).min()
    }
}
