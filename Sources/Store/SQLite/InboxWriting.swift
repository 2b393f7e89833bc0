import OnewayCore

extension WriteSession {
    /// Stores all of them, and says of each whether it was there before.
    func append(_ entries: [PackedEntry]) throws(StoreError) -> [Appended] {
        var answers: [Appended] = []
        answers.reserveCapacity(entries.count)
        for entry in entries { answers.append(try append(entry)) }
        try makeRoom()
        return answers
    }

    private func append(_ packed: PackedEntry) throws(StoreError) -> Appended {
        let entry = packed.entry
        let id = latest.next(now: packed.receivedAt)
        try db.prepare(SQL.inboxInsert).run([
            .integer(id.number), .blob(entry.identity), .integer(packed.receivedAt.milliseconds),
            .text(entry.outcome.rawValue), .optional(entry.message), .optional(entry.entity),
            .optional(entry.record?.bytes), .optional(entry.opportunity?.bytes), .optional(entry.code),
            .optional(ReasonText.encode(entry.reasons)), .integer(packed.bodyBytes),
            .integer(entry.outcome.givesWay ? 1 : 0),
        ])
        guard db.changes == 1 else { return try first(of: entry.identity) }
        latest = id
        if let body = packed.body {
            try db.prepare(SQL.bodyInsert).run([.integer(id.number), .integer(body.plainBytes), .blob(body.bytes)])
        }
        count(entry.outcome, bodyBytes: packed.bodyBytes, givesWay: entry.outcome.givesWay, by: 1)
        if entry.outcome.isApplied {
            try markUnapplied(id, since: packed.receivedAt, bodyBytes: packed.bodyBytes)
        } else {
            try db.prepare(SQL.opportunityInsert).run([.integer(id.number)])
        }
        return .stored(id)
    }

    private func first(of identity: [UInt8]) throws(StoreError) -> Appended {
        let found = try db.prepare(SQL.inboxByIdentity).row([.blob(identity)]) { row throws(StoreError) in
            Appended.duplicate(of: InboxID(number: row.integer(0)), outcome: try row.named(1))
        }
        guard let found else { throw StoreError(.corrupt, "an identity is taken by no row") }
        return found
    }

    func markUnapplied(_ id: InboxID, since: Timestamp, bodyBytes: Int) throws(StoreError) {
        try db.prepare(SQL.unappliedInsert).run([
            .integer(id.number), .integer(since.milliseconds), .integer(bodyBytes),
        ])
        guard db.changes == 1 else { return }
        counters[.unapplied] += 1
        counters[.unappliedBytes] += Int64(bodyBytes)
    }

    /// False when it was applied before.
    @discardableResult
    func markApplied(_ id: InboxID) throws(StoreError) -> Bool {
        let bytes = try db.prepare(SQL.unappliedDelete).row([.integer(id.number)]) { row in row.integer(0) }
        guard let bytes else { return false }
        counters[.unapplied] -= 1
        counters[.unappliedBytes] -= bytes
        try db.prepare(SQL.opportunityInsert).run([.integer(id.number)])
        return true
    }

    func remove(_ id: InboxID) throws(StoreError) {
        try markApplied(id)
        try db.prepare(SQL.opportunityDelete).run([.integer(id.number)])
        let removed = try db.prepare(SQL.inboxDelete).row([.integer(id.number)]) { row throws(StoreError) in
            (try row.named(0) as Outcome, Int(row.integer(1)), row.integer(2) == 1)
        }
        guard let (outcome, bytes, givesWay) = removed else { return }
        try db.prepare(SQL.bodyDelete).run([.integer(id.number)])
        count(outcome, bodyBytes: bytes, givesWay: givesWay, by: -1)
    }

    /// It turned out to be something else. The body stays as it came.
    func revise(_ revision: InboxRevision) throws(StoreError) {
        let item = try db.prepare(SQL.inboxItem).row([.integer(revision.id.number)]) { row throws(StoreError) in
            try row.inboxItem()
        }
        let gaveWay = try db.prepare(SQL.inboxGivesWay).row([.integer(revision.id.number)]) { $0.integer(0) == 1 }
        guard let item, let gaveWay else { return }
        try db.prepare(SQL.opportunityDelete).run([.integer(revision.id.number)])
        try db.prepare(SQL.inboxRevise).run([
            .text(revision.outcome.rawValue), .optional(revision.message), .optional(revision.entity),
            .optional(revision.record?.bytes), .optional(revision.opportunity?.bytes), .optional(revision.code),
            .optional(ReasonText.encode(revision.reasons)), .integer(revision.id.number),
        ])
        count(item.outcome, bodyBytes: item.bodyBytes, givesWay: gaveWay, by: -1)
        count(revision.outcome, bodyBytes: item.bodyBytes, givesWay: false, by: 1)
        if try !markApplied(revision.id) { try db.prepare(SQL.opportunityInsert).run([.integer(revision.id.number)]) }
    }

    func count(_ outcome: Outcome, bodyBytes: Int, givesWay: Bool, by step: Int64) {
        counters[.rows(outcome)] += step
        counters[.bodyBytes] += step * Int64(bodyBytes)
        guard givesWay else { return }
        if outcome == .ignored { counters[.briefIgnored] += step }
        if outcome == .quarantined {
            counters[.briefQuarantined] += step
            counters[.briefQuarantinedBytes] += step * Int64(bodyBytes)
        }
    }

    /// The oldest ignored and quarantined ones give way, so that whoever sends them for ever fills no disk.
    private func makeRoom() throws(StoreError) {
        while counters[.briefIgnored] > limits.ignoredRowsMax { try removeOldest(.ignored) }
        while counters[.briefQuarantined] > limits.quarantinedRowsMax
            || counters[.briefQuarantinedBytes] > limits.quarantinedBytesMax && counters[.briefQuarantined] > 1
        {
            try removeOldest(.quarantined)
        }
    }

    private func removeOldest(_ outcome: Outcome) throws(StoreError) {
        let oldest = try db.prepare(SQL.inboxOldest).row([.text(outcome.rawValue)]) { row in row.optionalInteger(0) }
        guard let number = oldest ?? nil else { throw StoreError(.corrupt, "a counter counts rows that are not there") }
        try remove(InboxID(number: number))
    }
}

extension Row {
    func timestamp(_ column: Int32) -> Timestamp { Timestamp(milliseconds: integer(column)) }
}
