import OnewayCore

extension WriteSession {
    func refusals(_ keys: [RefusalKey]) throws(StoreError) -> [RefusalItem] {
        try rows(SQL.refusalGet, of: keys, \.values) { row throws(StoreError) in try row.refusal() }
    }

    func refusals(of opportunity: GUID) throws(StoreError) -> [RefusalItem] {
        try db.prepare(SQL.refusalsOf).rows([.blob(opportunity.bytes)]) { row throws(StoreError) in try row.refusal() }
    }

    func oldestRefusals(_ limit: Int) throws(StoreError) -> [RefusalItem] {
        try db.prepare(SQL.refusalsOldest).rows([.integer(limit)]) { row throws(StoreError) in try row.refusal() }
    }

    func save(_ changes: [RowChange<RefusalItem>]) throws(StoreError) {
        for change in changes {
            if let row = change.after {
                try db.prepare(SQL.refusalSet).run(
                    [.integer(row.number)] + row.key.values + [
                        .integer(row.at.milliseconds), .integer(row.count), .integer(row.isAllowed ? 1 : 0),
                    ]
                )
            } else if let row = change.before {
                try db.prepare(SQL.refusalDelete).run([.integer(row.number)])
            }
        }
    }
}

extension RefusalKey {
    /// No opportunity is stored as an empty id, because a unique index treats nulls as different.
    fileprivate var values: [SQLValue] {
        [.text(door.rawValue), .text(who), .blob(opportunity?.bytes ?? [])]
    }
}

extension Row {
    func refusal() throws(StoreError) -> RefusalItem {
        RefusalItem(
            number: integer(0),
            at: timestamp(1),
            door: try named(2),
            who: text(3),
            opportunity: optionalGUID(4),
            count: integer(5),
            isAllowed: integer(6) != 0
        )
    }
}
