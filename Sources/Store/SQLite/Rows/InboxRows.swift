import OnewayCore

extension WriteSession {
    func save(_ changes: [RowChange<InboxRow>]) throws(StoreError) {
        if changes.isEmpty { return }
        let (insert, wait) = (try db.prepare(SQL.inboxInsert), try db.prepare(SQL.unappliedSet))
        for change in changes {
            guard let row = change.after else {
                if let row = change.before { try delete(row) }
                continue
            }
            let id = SQLValue.integer(row.id.number)
            if change.before == nil {
                try insert.run(row.values + [id, .blob(row.identity), .integer(row.item.receivedAt.milliseconds)])
                latest = max(latest, row.id)
            } else if change.isListedOtherwise {
                try db.prepare(SQL.inboxUpdate).run(row.values + [id])
            }
            try saveFinding(change, id)
            if let since = row.waitsSince {
                let isAsBefore =
                    change.before?.waitsSince == since && change.before?.item.bodyBytes == row.item.bodyBytes
                if !isAsBefore { try wait.run([id, .integer(since.milliseconds), .integer(row.item.bodyBytes)]) }
            } else if change.before?.waitsSince != nil {
                try db.prepare(SQL.unappliedDelete).run([id])
            }
        }
    }

    private func delete(_ row: InboxRow) throws(StoreError) {
        let id = SQLValue.integer(row.id.number)
        if row.waitsSince != nil { try db.prepare(SQL.unappliedDelete).run([id]) }
        try saveFinding(RowChange(before: row, after: nil), id)
        try db.prepare(SQL.inboxDelete).run([id])
        try db.prepare(SQL.bodyDelete).run([id])
    }

    private func saveFinding(_ change: RowChange<InboxRow>, _ id: SQLValue) throws(StoreError) {
        if let opportunity = change.foundNoMore {
            try db.prepare(SQL.opportunityDelete).run([.blob(opportunity.bytes), id])
        }
        if let opportunity = change.foundNow {
            try db.prepare(SQL.opportunitySet).run([.blob(opportunity.bytes), id])
        }
    }

    func save(_ bodies: [(id: InboxID, body: PackedBody)]) throws(StoreError) {
        if bodies.isEmpty { return }
        let save = try db.prepare(SQL.bodySet)
        for (id, body) in bodies {
            try save.run([.integer(id.number), .integer(body.plainBytes), .blob(body.bytes)])
        }
    }
}
