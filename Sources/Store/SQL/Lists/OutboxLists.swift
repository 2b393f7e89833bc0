import OnewayCore

extension SQLLists {
    func pendingSince() throws(StoreError) -> Timestamp? {
        try row(SQL.outboxPendingSince) { row in row.optionalInteger(0) }?.map(Timestamp.init(milliseconds:))
    }

    func outbox(_ filter: OutboxFilter, after: DeliveryKey?, limit: Int) throws(StoreError) -> [OutboxItem] {
        var filter = filter
        if filter.waitingFor != nil {
            guard filter.stage ?? .waiting == .waiting else { return [] }
            filter.stage = .waiting
        }
        let (sql, values) = SQL.outboxList(filter)
        let page = Self.page(of: filter.kind, after: after)
        return try rows(sql, values + page + [.integer(limit)]) { row throws(StoreError) in
            try row.outboxItem()
        }
    }

    func outboxGroups(limit: Int) throws(StoreError) -> [OutboxGroup] {
        try rows(SQL.groups, [.integer(limit)]) { row throws(StoreError) in
            OutboxGroup(
                key: OutboxGroup.Key(stage: try row.named(0), why: row.text(1), kind: try row.named(2)),
                count: row.integer(3)
            )
        }
    }

    func outboxItem(_ key: DeliveryKey) throws(StoreError) -> OutboxItem? {
        try rows(SQL.outboxGet, keys: [key.values]) { row throws(StoreError) in try row.outboxItem() }.first
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
            let next = try row(SQL.outboxNextDue, [.text(kind.rawValue), .integer(lane.rawValue)]) { row in
                row.optionalInteger(0)
            }
            if let next = next ?? nil { times.append(next) }
        }
        return times.min().map(Timestamp.init(milliseconds:))
    }

    func outbox(of opportunities: [GUID]) throws(StoreError) -> [GUID: [OutboxItem]] {
        var found: [GUID: [OutboxItem]] = [:]
        for id in opportunities { found[id] = try outbox(OutboxFilter(opportunity: id), after: nil, limit: .max) }
        return found
    }

    func roles(naming contact: GUID) throws(StoreError) -> [OutboxItem] {
        try rows(SQL.outboxRolesOf, [.text("%/\(contact)/%")]) { row throws(StoreError) in
            try row.outboxItem()
        }
    }
}

// Sessions that change something read it too.
extension SQLReading {
    func due(_ kind: RecordKind, limit: Int, now: Timestamp) throws(StoreError) -> [OutboxItem] {
        var items: [OutboxItem] = []
        for lane in DeliveryLane.allCases where items.count < limit {
            let values: [SQLValue] = [
                .text(kind.rawValue), .integer(lane.rawValue), .integer(now.milliseconds),
                .integer(limit - items.count),
            ]
            items += try rows(SQL.outboxDue, values) { row throws(StoreError) in try row.outboxItem() }
        }
        return items
    }
}
