import OnewayCore

/// A session of a SQL store: what it loads is written once, how it saves differs.
protocol SQLRows: Rows {
    associatedtype Reading: SQLReading
    var db: Reading { get }
}

// MARK: Inbox

extension SQLRows {
    func inbox(identities: [[UInt8]]) throws(StoreError) -> [InboxRow] {
        if identities.isEmpty { return [] }
        var found: [InboxID: InboxRow] = [:]
        // Nearly always there is none, so the results are made unique, not the keys.
        let rows = try db.rows(SQL.inboxByIdentity, keys: identities.map { [.blob($0)] }) { row throws(StoreError) in
            try row.inboxRow()
        }
        for row in rows { found[row.id] = row }
        return Array(found.values)
    }

    func inbox(_ ids: [InboxID]) throws(StoreError) -> [InboxRow] {
        try db.rows(SQL.inboxByID, of: ids, { [.integer($0.number)] }) { row throws(StoreError) in try row.inboxRow() }
    }

    func inbox(after id: InboxID, limit: Int) throws(StoreError) -> [InboxRow] {
        try db.rows(SQL.inboxOldest, [.integer(id.number), .integer(limit)]) { row throws(StoreError) in
            try row.inboxRow()
        }
    }

    func givingWay(_ outcome: Outcome, covering surplus: Surplus) throws(StoreError) -> [InboxRow] {
        var surplus = surplus
        return try db.rows(SQL.inboxGivingWay, [.text(outcome.rawValue)]) { row throws(StoreError) in
            let found = try row.inboxRow()
            return surplus.takes(found) ? found : nil
        }
    }
}

// MARK: Mirror

extension SQLRows {
    func mirrored(_ keys: [RecordKey]) throws(StoreError) -> Set<RecordKey> {
        Set(try db.rows(SQL.mirrorKnown, of: keys, \.values) { row throws(StoreError) in try row.recordKey() })
    }

    func references(of keys: [RecordKey]) throws(StoreError) -> [RecordKey: Set<Reference>] {
        var found = Dictionary(keys.map { ($0, Set<Reference>()) }, uniquingKeysWith: { first, _ in first })
        let edges = try db.rows(SQL.edgesOf, of: keys, \.values) { row throws(StoreError) in
            (try row.recordKey(), Reference(row.text(2), to: RecordKey(try row.named(3), try row.guid(4))))
        }
        for (key, reference) in edges { found[key]?.insert(reference) }
        return found
    }

    func stale(_ keys: [RecordKey]) throws(StoreError) -> [StaleRecord] {
        try db.rows(SQL.staleGet, of: keys, \.values) { row throws(StoreError) in
            row.stale(try row.recordKey(), after: 2, lane: 3)
        }
    }
}

// MARK: Outbox

extension SQLRows {
    func outbox(_ keys: [DeliveryKey]) throws(StoreError) -> [OutboxItem] {
        try db.rows(SQL.outboxGet, of: keys, \.values) { row throws(StoreError) in try row.outboxItem() }
    }

    func outbox(ofEach opportunities: Set<GUID>) throws(StoreError) -> [OutboxItem] {
        try db.rows(SQL.outboxOf, of: opportunities, { [.blob($0.bytes)] }) { row throws(StoreError) in
            try row.outboxItem()
        }
    }

    func standings(_ opportunities: Set<GUID>) throws(StoreError) -> [OpportunityStanding] {
        try db.rows(SQL.standingGet, of: opportunities, { [.blob($0.bytes)] }) { row throws(StoreError) in
            try row.standing()
        }
    }

    func due(_ kind: RecordKind, limit: Int, now: Timestamp) throws(StoreError) -> [OutboxItem] {
        try db.due(kind, limit: limit, now: now)
    }

    func claimed() throws(StoreError) -> [OutboxItem] {
        try db.rows(SQL.outboxClaimed, []) { row throws(StoreError) in try row.outboxItem() }
    }
}

// MARK: Refusals, jobs, and questions

extension SQLRows {
    func refusals(_ keys: [RefusalKey]) throws(StoreError) -> [RefusalItem] {
        try db.rows(SQL.refusalGet, of: keys, \.values) { row throws(StoreError) in try row.refusal() }
    }

    func refusals(of opportunity: GUID) throws(StoreError) -> [RefusalItem] {
        try db.rows(SQL.refusalsOf, [.blob(opportunity.bytes)]) { row throws(StoreError) in try row.refusal() }
    }

    func oldestRefusals(_ limit: Int) throws(StoreError) -> [RefusalItem] {
        try db.rows(SQL.refusalsOldest, [.integer(limit)]) { row throws(StoreError) in try row.refusal() }
    }

    func jobs(_ keys: [Job.Key]) throws(StoreError) -> [Job] {
        try db.rows(SQL.jobGet, of: keys, \.values) { row throws(StoreError) in try row.job() }
    }

    func runningJobs(_ kind: Job.Kind) throws(StoreError) -> [Job] {
        let values: [SQLValue] = [.text(kind.rawValue), .text(Job.State.running.rawValue), .integer(Int64.max)]
        return try db.rows(SQL.jobsOfState, values) { row throws(StoreError) in try row.job() }
    }

    func endedJobs(_ kind: Job.Kind, after newest: Int) throws(StoreError) -> [Job] {
        try db.rows(SQL.jobsEnded, [.text(kind.rawValue), .integer(newest)]) { row throws(StoreError) in
            try row.job()
        }
    }

    func oldestEvents(_ limit: Int) throws(StoreError) -> [(number: Int64, at: Timestamp)] {
        try db.rows(SQL.eventsOldest, [.integer(limit)]) { row in (row.integer(0), row.timestamp(1)) }
    }

    func questions(_ keys: [RecordKey]) throws(StoreError) -> [Question] {
        try db.rows(SQL.questionGet, of: keys, \.values) { row throws(StoreError) in try row.question() }
    }
}
