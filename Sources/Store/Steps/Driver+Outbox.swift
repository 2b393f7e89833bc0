import OnewayCore

extension Driver {
    public func claim(
        _ kind: RecordKind,
        limit: Int,
        now: Timestamp,
        until: Timestamp
    ) async throws(StoreError) -> [OutboxItem] {
        try await write { rows throws(StoreError) in try rows.claim(kind, limit: limit, now: now, until: until) }
    }

    public func settle(_ settlements: [Settlement], now: Timestamp) async throws(StoreError) {
        var keys = try await write { rows throws(StoreError) in
            let confirmed = try rows.settle(settlements, now: now)
            return try rows.wake(on: confirmed, limit: Self.rowsPerJobMax, now: now)
        }
        while !keys.isEmpty {
            keys = try await write { [keys] rows throws(StoreError) in
                try rows.wake(on: keys, limit: Self.rowsPerJobMax, now: now)
            }
        }
    }

    public func releaseClaims(next: Timestamp) async throws(StoreError) -> Int {
        try await write { rows throws(StoreError) in try rows.releaseClaims(next: next) }
    }

    public func doubt(_ keys: [DeliveryKey], now: Timestamp) async throws(StoreError) {
        if keys.isEmpty { return }
        try await write { rows throws(StoreError) in try rows.doubt(keys, now: now) }
    }

    public func retry(_ scope: RetryScope, now: Timestamp) async throws(StoreError) -> Int {
        switch scope {
        case .key(let key): return try await write { rows throws(StoreError) in try rows.sendAgain(key, now: now) }
        case .code(let code): return try await retry(OutboxFilter(code: code), now: now)
        case .all:
            var retried = 0
            for stage in [DeliveryState.Stage.parked, .waiting, .pending] {
                retried += try await retry(OutboxFilter(stage: stage), now: now)
            }
            return retried
        }
    }

    private func retry(_ filter: OutboxFilter, now: Timestamp) async throws(StoreError) -> Int {
        var (retried, last) = (0, DeliveryKey?.none)
        while true {
            let items = try await outbox(filter, after: last, limit: Self.rowsPerJobMax)
            // Only records that change are worth the writer's time: there may be very many that are pending already.
            let keys = items.filter(\.state.mayBeRetried).map(\.key)
            if !keys.isEmpty {
                retried += try await write { rows throws(StoreError) in try rows.retry(keys, now: now) }
            }
            guard items.count == Self.rowsPerJobMax else { return retried }
            last = items.last?.key
        }
    }

    public func nextDue(_ kind: RecordKind) async throws(StoreError) -> Timestamp? {
        try await read(.list) { lists throws(StoreError) in try lists.nextDue(kind) }
    }

    public func outbox(
        _ filter: OutboxFilter,
        after: DeliveryKey?,
        limit: Int
    ) async throws(StoreError) -> [OutboxItem] {
        try await read(.list) { lists throws(StoreError) in try lists.outbox(filter, after: after, limit: limit) }
    }

    public func outboxGroups() async throws(StoreError) -> [OutboxGroup] {
        try await read(.list) { lists throws(StoreError) in try lists.outboxGroups(limit: OutboxGroup.groupsMax) }
    }

    public func outboxItem(_ key: DeliveryKey) async throws(StoreError) -> OutboxItem? {
        try await read(.step) { lists throws(StoreError) in try lists.outboxItem(key) }
    }

    public func outbox(of opportunities: [GUID]) async throws(StoreError) -> [GUID: [OutboxItem]] {
        try await read(.step) { lists throws(StoreError) in try lists.outbox(of: opportunities) }
    }

    // MARK: Leads

    public func leads(_ values: [String]) async throws(StoreError) -> [String: RememberedLead] {
        try await read(.list) { lists throws(StoreError) in try lists.leads(values) }
    }

    public func remember(_ leads: [RememberedLead]) async throws(StoreError) {
        try await save { $0.leads = leads }
    }

    public func forgetLeads(_ values: [String]) async throws(StoreError) {
        try await save { $0.forgottenLeads = values }
    }
}
