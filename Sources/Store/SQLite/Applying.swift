import OnewayCore

extension WriteSession {
    func apply(_ application: Application, now: Timestamp) throws(StoreError) {
        guard counters[.mirrorVersion] == application.basis.number else {
            throw StoreError(.outdated, "the mirror has changed since")
        }
        counters[.mirrorVersion] += 1
        for (record, references) in application.records { try set(record, references) }
        for wish in application.wishes {
            try change(wish.key, opportunity: wish.opportunity, isNew: true) { $0.want(wish.wish, now: now) }
        }
        for key in application.fresh {
            try db.prepare(SQL.staleDelete).run([.text(key.entity.rawValue), .blob(key.id.bytes)])
            counters[.stale] -= Int64(db.changes)
        }
        for record in application.stale { try set(record) }
        for id in application.applied { try markApplied(id) }
        for revision in application.revised { try revise(revision) }
    }

    func set(_ record: MirrorRecord, _ references: [Reference]) throws(StoreError) {
        let (entity, id) = (SQLValue.text(record.key.entity.rawValue), SQLValue.blob(record.key.id.bytes))
        try db.prepare(SQL.mirrorSet).run([entity, id, .blob(record.encoded())])
        if record.key.entity == .opportunity { try setName(of: record) }
        let known = Set(
            try db.prepare(SQL.edgesOf).rows([entity, id]) { row throws(StoreError) in
                Reference(row.text(0), to: RecordKey(try row.named(1), try row.guid(2)))
            }
        )
        let wanted = Set(references)
        for gone in known.subtracting(wanted) {
            try db.prepare(SQL.edgeDelete).run([entity, id, .text(gone.attribute)])
        }
        for new in wanted.subtracting(known) {
            try db.prepare(SQL.edgeSet).run([
                entity, id, .text(new.attribute), .text(new.to.entity.rawValue), .blob(new.to.id.bytes),
            ])
        }
    }

    private func setName(of opportunity: MirrorRecord) throws(StoreError) {
        let id = SQLValue.blob(opportunity.key.id.bytes)
        if let name = opportunity.searchName {
            try db.prepare(SQL.nameSet).run([id, .text(name)])
        } else {
            try db.prepare(SQL.nameDelete).run([id])
        }
    }

    func set(_ stale: StaleRecord) throws(StoreError) {
        let (entity, id) = (SQLValue.text(stale.key.entity.rawValue), SQLValue.blob(stale.key.id.bytes))
        if try db.prepare(SQL.staleGet).row([entity, id], read: { _ in true }) == nil { counters[.stale] += 1 }
        try db.prepare(SQL.staleSet).run([
            entity, id, .optional(stale.after?.bytes), .integer(stale.lane.rawValue),
        ])
    }

    /// Marks rows to be applied again. Ignored ones have no body to apply.
    func replay(_ ids: [InboxID], now: Timestamp) throws(StoreError) -> [InboxID] {
        var replayed: [InboxID] = []
        for id in ids {
            let item = try db.prepare(SQL.inboxItem).row([.integer(id.number)]) { row throws(StoreError) in
                try row.inboxItem()
            }
            guard let item, item.outcome.keepsBody else { continue }
            try keep(item)
            try markUnapplied(id, since: now, bodyBytes: item.bodyBytes)
            replayed.append(id)
        }
        return replayed
    }
}

extension Connection {
    func records(_ keys: [RecordKey]) throws(StoreError) -> [RecordKey: MirrorRecord] {
        var records: [RecordKey: MirrorRecord] = [:]
        for key in keys {
            let record = try prepare(SQL.mirrorGet)
                .row([.text(key.entity.rawValue), .blob(key.id.bytes)]) { row throws(StoreError) in
                    try MirrorRecord(stored: row.bytes(0))
                }
            if let record { records[key] = record }
        }
        return records
    }

    func records(of entity: Entity, after: GUID?, limit: Int) throws(StoreError) -> [MirrorRecord] {
        try prepare(SQL.mirrorList)
            .rows([
                .text(entity.rawValue), .blob(after?.bytes ?? []), .integer(limit),
            ]) { row throws(StoreError) in try MirrorRecord(stored: row.bytes(1)) }
    }

    func opportunities(named beginning: String, limit: Int) throws(StoreError) -> [GUID] {
        let first = SearchName.of(beginning)
        return try prepare(SQL.namesFrom)
            .rows([.text(first), .text(first + "\u{10FFFF}"), .integer(limit)]) { row throws(StoreError) in
                try row.guid(0)
            }
    }

    func referrers(
        to key: RecordKey,
        from entity: Entity,
        after: GUID?,
        limit: Int
    ) throws(StoreError) -> [GUID] {
        try prepare(SQL.edgesBack)
            .rows([
                .text(key.entity.rawValue), .blob(key.id.bytes), .text(entity.rawValue), .blob(after?.bytes ?? []),
                .integer(limit),
            ]) { row throws(StoreError) in try row.guid(0) }
    }
}

extension Connection {
    func stale(limit: Int) throws(StoreError) -> [StaleRecord] {
        var stale: [StaleRecord] = []
        for entity in Entity.allCases.sorted(by: { $0.rawValue > $1.rawValue }) where stale.count < limit {
            let values = [SQLValue.text(entity.rawValue), .integer(limit - stale.count)]
            stale += try prepare(SQL.staleNext).rows(values) { row throws(StoreError) in
                StaleRecord(
                    RecordKey(entity, try row.guid(0)),
                    after: row.optionalBytes(1).flatMap(GUID.init(bytes:)),
                    lane: DeliveryLane(rawValue: Int(row.integer(2))) ?? .live
                )
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

extension Row {
    func guid(_ column: Int32) throws(StoreError) -> GUID {
        guard let id = GUID(bytes: bytes(column)) else { throw StoreError(.corrupt, "a row holds a broken id") }
        return id
    }
}
