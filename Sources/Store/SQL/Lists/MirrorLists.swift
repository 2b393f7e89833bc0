import OnewayCore

extension SQLLists {
    func records(_ keys: [RecordKey]) throws(StoreError) -> [RecordKey: MirrorRecord] {
        let records = try rows(SQL.mirrorGet, of: keys, \.values) { row throws(StoreError) in
            try MirrorRecord(stored: row.bytes(0))
        }
        return Dictionary(records.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    }

    func records(of entity: Entity, after: GUID?, limit: Int) throws(StoreError) -> [MirrorRecord] {
        try rows(
            SQL.mirrorList,
            [
                .text(entity.rawValue), .blob(after?.bytes ?? []), .integer(limit),
            ]
        ) { row throws(StoreError) in try MirrorRecord(stored: row.bytes(1)) }
    }

    /// Counts by reading all of them: once, when a file of an earlier version is opened.
    func opportunitiesKnown() throws(StoreError) -> Int64 {
        var (known, last) = (Int64(0), GUID?.none)
        while true {
            let page = try records(of: .opportunity, after: last, limit: 1_000)
            guard let end = page.last else { return known }
            known += Int64(page.count(where: \.isKnownOpportunity))
            last = end.key.id
        }
    }

    func opportunities(beginning: String, limit: Int) throws(StoreError) -> [GUID] {
        try rows(SQL.namesFrom, [.text(beginning), .text(beginning + "\u{10FFFF}"), .integer(limit)]) {
            row throws(StoreError) in
            try row.guid(0)
        }
    }

    func referrers(
        to key: RecordKey,
        from entity: Entity,
        after: GUID?,
        limit: Int
    ) throws(StoreError) -> [GUID] {
        try rows(
            SQL.edgesBack,
            [
                .text(key.entity.rawValue), .blob(key.id.bytes), .text(entity.rawValue), .blob(after?.bytes ?? []),
                .integer(limit),
            ]
        ) { row throws(StoreError) in try row.guid(0) }
    }

    func referrers(to keys: [RecordKey], from entity: Entity) throws(StoreError) -> [RecordKey: [GUID]] {
        var found: [RecordKey: [GUID]] = [:]
        for key in keys { found[key] = try referrers(to: key, from: entity, after: nil, limit: .max) }
        return found
    }

    func stale(limit: Int) throws(StoreError) -> [StaleRecord] {
        var stale: [StaleRecord] = []
        for entity in Entity.allCases.sorted(by: { $0.rawValue > $1.rawValue }) where stale.count < limit {
            let values = [SQLValue.text(entity.rawValue), .integer(limit - stale.count)]
            stale += try rows(SQL.staleNext, values) { row throws(StoreError) in
                row.stale(RecordKey(entity, try row.guid(0)), after: 1, lane: 2)
            }
        }
        return stale
    }
}

extension MirrorRecord {
    fileprivate init(stored bytes: [UInt8]) throws(StoreError) {
        do throws(MirrorRecordUnreadable) {
            try self.init(decoding: bytes)
        } catch {
            throw StoreError(.corrupt, error.description)
        }
    }
}
