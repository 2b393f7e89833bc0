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
        guard db.changes == 1 else { return try repeated(packed) }
        latest = id
        if let body = packed.body { try insert(body, of: id) }
        count(entry.outcome, bodyBytes: packed.bodyBytes, givesWay: entry.outcome.givesWay, by: 1)
        if entry.outcome.isApplied {
            try markUnapplied(id, since: packed.receivedAt, bodyBytes: packed.bodyBytes)
        } else {
            try db.prepare(SQL.opportunityInsert).run([.integer(id.number)])
        }
        return .stored(id)
    }

    /// What could not be used when it came first, and can be now, is taken up: with the body that is there by now.
    private func repeated(_ packed: PackedEntry) throws(StoreError) -> Appended {
        let entry = packed.entry
        let found = try db.prepare(SQL.inboxByIdentity).row([.blob(entry.identity)]) { row throws(StoreError) in
            (InboxID(number: row.integer(0)), try row.named(1) as Outcome)
        }
        guard let (id, outcome) = found else { throw StoreError(.corrupt, "an identity is taken by no row") }
        if entry.outcome.isApplied, outcome.givesWay, let item = try relabel(packed.revision(id), packed.bodyBytes) {
            if item.bodyBytes == 0, let body = packed.body { try insert(body, of: id) }
            try markUnapplied(id, since: packed.receivedAt, bodyBytes: packed.bodyBytes)
        }
        return .duplicate(of: id, outcome: outcome)
    }

    private func insert(_ body: PackedBody, of id: InboxID) throws(StoreError) {
        try db.prepare(SQL.bodyInsert).run([.integer(id.number), .integer(body.plainBytes), .blob(body.bytes)])
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
        guard try relabel(revision, nil) != nil else { return }
        if try !markApplied(revision.id) { try db.prepare(SQL.opportunityInsert).run([.integer(revision.id.number)]) }
    }

    /// It gives way to nothing from now on. Answers what it was; nil where it is gone.
    private func relabel(_ revision: InboxRevision, _ bodyBytes: Int?) throws(StoreError) -> InboxItem? {
        let id = SQLValue.integer(revision.id.number)
        let item = try db.prepare(SQL.inboxItem).row([id]) { row throws(StoreError) in try row.inboxItem() }
        let gaveWay = try db.prepare(SQL.inboxGivesWay).row([id]) { $0.integer(0) == 1 }
        guard let item, let gaveWay else { return nil }
        let bytes = bodyBytes ?? item.bodyBytes
        try db.prepare(SQL.opportunityDelete).run([id])
        try db.prepare(SQL.inboxRevise).run([
            .text(revision.outcome.rawValue), .optional(revision.message), .optional(revision.entity),
            .optional(revision.record?.bytes), .optional(revision.opportunity?.bytes), .optional(revision.code),
            .optional(ReasonText.encode(revision.reasons)), .integer(bytes), id,
        ])
        count(item.outcome, bodyBytes: item.bodyBytes, givesWay: gaveWay, by: -1)
        count(revision.outcome, bodyBytes: bytes, givesWay: false, by: 1)
        return item
    }

    /// It stays as it is until it is applied, however many come meanwhile.
    func keep(_ item: InboxItem) throws(StoreError) {
        try db.prepare(SQL.inboxKeep).run([.integer(item.id.number)])
        guard db.changes == 1 else { return }
        count(item.outcome, bodyBytes: item.bodyBytes, givesWay: true, by: -1)
        count(item.outcome, bodyBytes: item.bodyBytes, givesWay: false, by: 1)
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
