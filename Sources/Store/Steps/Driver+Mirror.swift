import OnewayCore

extension Driver {
    public func mirrorVersion() async throws(StoreError) -> MirrorVersion {
        MirrorVersion(number: counters[.mirrorVersion])
    }

    public func records(_ keys: [RecordKey]) async throws(StoreError) -> [RecordKey: MirrorRecord] {
        try await read(.step) { lists throws(StoreError) in try lists.records(keys) }
    }

    public func records(of entity: Entity, after: GUID?, limit: Int) async throws(StoreError) -> [MirrorRecord] {
        try await read(.list) { lists throws(StoreError) in try lists.records(of: entity, after: after, limit: limit) }
    }

    public func opportunities(named beginning: String, limit: Int) async throws(StoreError) -> [GUID] {
        try await read(.list) { lists throws(StoreError) in
            try lists.opportunities(beginning: SearchName.of(beginning), limit: limit)
        }
    }

    public func referrers(
        to key: RecordKey,
        from entity: Entity,
        after: GUID?,
        limit: Int
    ) async throws(StoreError) -> [GUID] {
        try await read(.step) { lists throws(StoreError) in
            try lists.referrers(to: key, from: entity, after: after, limit: limit)
        }
    }

    public func referrers(
        to keys: [RecordKey],
        from entity: Entity
    ) async throws(StoreError) -> [RecordKey: [GUID]] {
        try await read(.step) { lists throws(StoreError) in try lists.referrers(to: keys, from: entity) }
    }

    public func stale(limit: Int) async throws(StoreError) -> [StaleRecord] {
        // Called after every step; nearly always there are none.
        if counters[.stale] == 0 { return [] }
        return try await read(.step) { lists throws(StoreError) in try lists.stale(limit: limit) }
    }

    @discardableResult
    public func apply(_ application: Application, now: Timestamp) async throws(StoreError) -> Duration {
        try await write { rows throws(StoreError) in
            let start = ContinuousClock.now
            try rows.apply(application, now: now)
            return ContinuousClock.now - start
        }
    }
}
