import OnewayCore

extension Connection {
    func pendingSince() throws(StoreError) -> Timestamp? {
        try prepare(SQL.outboxPendingSince).row { row in row.optionalInteger(0) }?.map(Timestamp.init(milliseconds:))
    }

    func outbox(_ filter: OutboxFilter, after: DeliveryKey?, limit: Int) throws(StoreError) -> [OutboxItem] {
        var filter = filter
        if filter.waitingFor != nil {
            guard filter.stage ?? .waiting == .waiting else { return [] }
            filter.stage = .waiting
        }
        let (sql, values) = SQL.outboxList(filter)
        let page = Self.page(of: filter.kind, after: after)
        return try prepare(sql).rows(values + page + [.integer(limit)]) { row throws(StoreError) in
            try row.outboxItem()
        }
    }

    func outboxGroups(limit: Int) throws(StoreError) -> [OutboxGroup] {
        try prepare(SQL.groups).rows([.integer(limit)]) { row throws(StoreError) in
            OutboxGroup(
                key: OutboxGroup.Key(stage: try row.named(0), why: row.text(1), kind: try row.named(2)),
                count: row.integer(3)
            )
        }
    }

    func outboxItem(_ key: DeliveryKey) throws(StoreError) -> OutboxItem? {
        try prepare(SQL.outboxGet).row(key.values) { row throws(StoreError) in
            try row.outboxItem()
        }
    }

    /// Kind and key to begin after, and the last kind: together a range of an index.
    private static func page(of kind: RecordKind?, after: DeliveryKey?) -> [SQLValue] {
        let start = kind.map { DeliveryKey($0, "") }
        let cursor = [after, start].compactMap { $0 }.max()
        return [
            .text(cursor?.kind.rawValue ?? ""), .text(cursor?.text ?? ""), .text(kind?.rawValue ?? "~"),
        ]
    }

    /// When the next record of this kind is due; nil when only an event makes one due.
    func nextDue(_ kind: RecordKind) throws(StoreError) -> Timestamp? {
        var times: [Int64] = []
        for lane in DeliveryLane.allCases {
            let next = try prepare(SQL.outboxNextDue)
                .row([.text(kind.rawValue), .integer(lane.rawValue)]) { row in row.optionalInteger(0) }
            if let next = next ?? nil { times.append(next) }
        }
        return times.min().map(Timestamp.init(milliseconds:))
    }

    func due(_ kind: RecordKind, limit: Int, now: Timestamp) throws(StoreError) -> [OutboxItem] {
        var items: [OutboxItem] = []
        for lane in DeliveryLane.allCases where items.count < limit {
            items += try prepare(SQL.outboxDue).rows([
                .text(kind.rawValue), .integer(lane.rawValue), .integer(now.milliseconds),
                .integer(limit - items.count),
            ]) { row throws(StoreError) in try row.outboxItem() }
        }
        return items
    }

    func outbox(of opportunities: [GUID]) throws(StoreError) -> [GUID: [OutboxItem]] {
        var found: [GUID: [OutboxItem]] = [:]
        for id in opportunities { found[id] = try outbox(OutboxFilter(opportunity: id), after: nil, limit: .max) }
        return found
    }

    func roles(naming contact: GUID) throws(StoreError) -> [OutboxItem] {
        try prepare(SQL.outboxRolesOf).rows([.text("%/\(contact)/%")]) { row throws(StoreError) in
            try row.outboxItem()
        }
    }
}
