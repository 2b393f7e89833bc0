import OnewayCore

extension WriteSession {
    func mirrored(_ keys: [RecordKey]) throws(StoreError) -> Set<RecordKey> {
        let known = try db.prepare(SQL.mirrorKnown)
        var found = Set<RecordKey>()
        for key in keys where try known.row(key.values, read: { _ in true }) != nil { found.insert(key) }
        return found
    }

    func references(of keys: [RecordKey]) throws(StoreError) -> [RecordKey: Set<Reference>] {
        let edges = try db.prepare(SQL.edgesOf)
        var found: [RecordKey: Set<Reference>] = [:]
        for key in keys where found[key] == nil {
            found[key] = Set(
                try edges.rows(key.values) { row throws(StoreError) in
                    Reference(row.text(0), to: RecordKey(try row.named(1), try row.guid(2)))
                }
            )
        }
        return found
    }

    func stale(_ keys: [RecordKey]) throws(StoreError) -> [StaleRecord] {
        let get = try db.prepare(SQL.staleGet)
        var found: [StaleRecord] = []
        for key in Set(keys) {
            let row = try get.row(key.values) { row in row.stale(key, after: 0, lane: 1) }
            if let row { found.append(row) }
        }
        return found
    }

    func save(_ changes: [RowChange<StaleRecord>]) throws(StoreError) {
        for change in changes {
            if let stale = change.after {
                let values = stale.key.values + [.optional(stale.after?.bytes), .integer(stale.lane.rawValue)]
                try db.prepare(SQL.staleSet).run(values)
            } else if let stale = change.before {
                try db.prepare(SQL.staleDelete).run(stale.key.values)
            }
        }
    }

    func remove(_ keys: [RecordKey]) throws(StoreError) {
        for key in keys {
            try db.prepare(SQL.edgesDelete).run(key.values)
            if key.entity == .opportunity { try db.prepare(SQL.nameDelete).run([.blob(key.id.bytes)]) }
            try db.prepare(SQL.mirrorDelete).run(key.values)
        }
    }

    func save(_ changes: [Ledger.Mirrored]) throws(StoreError) {
        if changes.isEmpty { return }
        let set = try db.prepare(SQL.mirrorSet)
        for change in changes {
            let key = change.record.key
            try set.run(key.values + [.blob(change.record.encoded())])
            if key.entity == .opportunity { try setName(of: change.record) }
            for gone in change.removed { try db.prepare(SQL.edgeDelete).run(key.values + [.text(gone.attribute)]) }
            for new in change.added {
                try db.prepare(SQL.edgeSet).run(key.values + [.text(new.attribute)] + new.to.values)
            }
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
}

extension Row {
    func stale(_ key: RecordKey, after: Int32, lane: Int32) -> StaleRecord {
        StaleRecord(
            key,
            after: optionalGUID(after),
            lane: DeliveryLane(rawValue: Int(integer(lane))) ?? .live
        )
    }
}
