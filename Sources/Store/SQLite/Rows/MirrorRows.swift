import OnewayCore

extension WriteSession {
    func save(_ changes: [RowChange<StaleRecord>]) throws(StoreError) {
        for change in changes {
            if let stale = change.after {
                let values = stale.values
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
