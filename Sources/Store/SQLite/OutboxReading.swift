import OnewayCore

extension Connection {
    func outbox(_ filter: OutboxFilter, after: DeliveryKey?, limit: Int) throws(StoreError) -> [OutboxItem] {
        let read: (borrowing Row) throws(StoreError) -> OutboxItem = { row throws(StoreError) in try row.outboxItem() }
        let page = Self.page(of: filter.kind, after: after)
        let stage = SQLValue.optional(filter.stage?.rawValue)
        let waitingFor = SQLValue.optional(filter.waitingFor?.rawValue)
        if let opportunity = filter.opportunity {
            let rest = [stage, waitingFor, .optional(filter.code), .integer(limit)]
            return try prepare(SQL.outboxListOfOpportunity)
                .rows([.blob(opportunity.bytes)] + page + rest, read: read)
        }
        if let code = filter.code {
            if filter.stage == .parked, filter.waitingFor == nil {
                return try prepare(SQL.outboxListOfParkedCode)
                    .rows([.text(code)] + page + [.integer(limit)], read: read)
            }
            return try prepare(SQL.outboxListOfCode)
                .rows([.text(code)] + page + [stage, waitingFor, .integer(limit)], read: read)
        }
        if filter.waitingFor != nil {
            guard filter.stage == nil || filter.stage == .waiting else { return [] }
            return try prepare(SQL.outboxListOfWaiting).rows([waitingFor] + page + [.integer(limit)], read: read)
        }
        if filter.stage != nil {
            return try prepare(SQL.outboxListOfStage).rows([stage] + page + [.integer(limit)], read: read)
        }
        return try prepare(SQL.outboxList).rows(page + [.integer(limit)], read: read)
    }

    func outboxGroups() throws(StoreError) -> [OutboxGroup] {
        try prepare(SQL.groups).rows([.integer(OutboxGroup.groupsMax)]) { row throws(StoreError) in
            OutboxGroup(
                key: OutboxGroup.Key(stage: try row.named(0), why: row.text(1), kind: try row.named(2)),
                count: row.integer(3)
            )
        }
    }

    func outboxItem(_ key: DeliveryKey) throws(StoreError) -> OutboxItem? {
        try prepare(SQL.outboxGet).row([.text(key.kind.rawValue), .text(key.text)]) { row throws(StoreError) in
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
}
