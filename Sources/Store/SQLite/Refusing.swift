import OnewayCore

extension WriteSession {
    func record(_ attempts: [RefusedAttempts], now: Timestamp) throws(StoreError) {
        for attempt in attempts {
            let (door, who) = (SQLValue.text(attempt.door.rawValue), SQLValue.text(attempt.who))
            let opportunity = SQLValue.blob(attempt.opportunity?.bytes ?? [])
            let (at, count) = (SQLValue.integer(now.milliseconds), SQLValue.integer(attempt.count))
            try db.prepare(SQL.refusalAgain).run([at, count, door, who, opportunity])
            if db.changes > 0 { continue }
            try db.prepare(SQL.refusalFirst).run([door, who, opportunity, at, count])
            counters[.refusals] += 1
        }
        while counters[.refusals] > limits.refusalRowsMax {
            try db.prepare(SQL.refusalDeleteOldest).run()
            counters[.refusals] -= 1
        }
    }

    func allow(_ opportunity: GUID) throws(StoreError) -> Bool {
        try db.prepare(SQL.refusalAllow).run([.blob(opportunity.bytes)])
        return db.changes > 0
    }
}

extension Connection {
    func refusals(before number: Int64?, limit: Int) throws(StoreError) -> [RefusalItem] {
        try prepare(SQL.refusalList).rows([.integer(number ?? .max), .integer(limit)]) { row throws(StoreError) in
            RefusalItem(
                number: row.integer(0),
                at: row.timestamp(1),
                door: try row.named(2),
                who: row.text(3),
                opportunity: GUID(bytes: row.bytes(4)),
                count: row.integer(5),
                isAllowed: row.integer(6) != 0
            )
        }
    }
}
