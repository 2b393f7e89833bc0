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
            try db.prepare(SQL.wordsDelete).run(key.values)
            try db.prepare(SQL.mirrorDelete).run(key.values)
        }
    }

    func save(_ changes: [Ledger.Mirrored]) throws(StoreError) {
        if changes.isEmpty { return }
        let set = try db.prepare(SQL.mirrorSet)
        for change in changes {
            let key = change.record.key
            try set.run(key.values + [.blob(change.record.encoded())])
            try db.setSearchWords(of: change.record)
            for gone in change.removed { try db.prepare(SQL.edgeDelete).run(key.values + [.text(gone.attribute)]) }
            for new in change.added {
                try db.prepare(SQL.edgeSet).run(key.values + [.text(new.attribute)] + new.to.values)
            }
        }
    }
}

extension Connection {
    fileprivate func setSearchWords(of record: MirrorRecord) throws(StoreError) {
        if let words = record.searchWords {
            try prepare(SQL.wordsSet).run(record.key.values + [.text(words)])
        } else if Self.named.contains(record.key.entity) {
            try prepare(SQL.wordsDelete).run(record.key.values)
        }
    }

    private static let named: [Entity] = [.opportunity, .contact, .account]

    /// Of all records, for a file in which they are in another form or not at all.
    func setSearchWords() throws(StoreError) {
        for entity in Self.named {
            var last: GUID?
            repeat {
                let records = try records(of: entity, after: last, limit: 1_000)
                for record in records { try setSearchWords(of: record) }
                last = records.last?.key.id
            } while last != nil
        }
    }
}
