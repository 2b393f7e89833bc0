import OnewayCore

extension WriteSession {
    func inbox(identities: [[UInt8]]) throws(StoreError) -> [InboxRow] {
        let get = try db.prepare(SQL.inboxByIdentity)
        var found: [InboxID: InboxRow] = [:]
        // Nearly always there is none, so the results are made unique, not the keys.
        for identity in identities {
            let row = try get.row([.blob(identity)]) { row throws(StoreError) in try row.inboxRow() }
            if let row { found[row.id] = row }
        }
        return Array(found.values)
    }

    func inbox(_ ids: [InboxID]) throws(StoreError) -> [InboxRow] {
        try rows(SQL.inboxByID, of: ids, { [.integer($0.number)] }) { row throws(StoreError) in try row.inboxRow() }
    }

    func inbox(after id: InboxID, limit: Int) throws(StoreError) -> [InboxRow] {
        try db.prepare(SQL.inboxOldest).rows([.integer(id.number), .integer(limit)]) { row throws(StoreError) in
            try row.inboxRow()
        }
    }

    func givingWay(_ outcome: Outcome, covering surplus: Surplus) throws(StoreError) -> [InboxRow] {
        var (rows, bytes) = (surplus.rows, surplus.bytes)
        return try db.prepare(SQL.inboxGivingWay).rows([.text(outcome.rawValue)]) { row throws(StoreError) in
            guard rows > 0 || bytes > 0 else { return nil }
            let found = try row.inboxRow()
            (rows, bytes) = (rows - 1, bytes - Int64(found.item.bodyBytes))
            return found
        }
    }

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

extension InboxRow {
    /// The columns that may change, in the order of `SQL.inboxInsert` and `SQL.inboxUpdate`.
    fileprivate var values: [SQLValue] {
        // Not through the item: accepting does this for every notification.
        let labels = item.labels
        return [
            .text(labels.outcome.rawValue), .optional(labels.message), .optional(labels.entity),
            .optional(labels.record?.bytes), .optional(labels.opportunity?.bytes), .optional(labels.code),
            .optional(ReasonText.encode(labels.reasons)), .integer(item.bodyBytes), .integer(givesWay ? 1 : 0),
        ]
    }
}

extension Row {
    func inboxItem() throws(StoreError) -> InboxItem {
        InboxItem(
            id: InboxID(number: integer(0)),
            receivedAt: timestamp(1),
            labels: InboxLabels(
                try named(2),
                message: optionalText(3),
                entity: optionalText(4),
                record: optionalGUID(5),
                opportunity: optionalGUID(6),
                code: optionalText(7),
                reasons: ReasonText.decode(optionalText(8))
            ),
            bodyBytes: Int(integer(9))
        )
    }

    func inboxRow() throws(StoreError) -> InboxRow {
        InboxRow(
            item: try inboxItem(),
            identity: bytes(10),
            givesWay: integer(11) == 1,
            waitsSince: optionalInteger(12).map(Timestamp.init(milliseconds:))
        )
    }
}
