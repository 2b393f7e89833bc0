import OnewayCore

extension Connection {
    /// The oldest that are not applied yet, up to so many and so many bytes; at least one where there is one.
    func unapplied(limit: Int, bytesMax: Int) throws(StoreError) -> [UnappliedEntry] {
        var bytes = 0
        return try prepare(SQL.unappliedNext).rows(.integer(limit)) { row throws(StoreError) in
            if bytes >= bytesMax { return nil }
            let body = try PackedBody(plainBytes: Int(row.integer(3)), bytes: row.bytes(4)).unpacked()
            bytes += body.count
            return UnappliedEntry(
                id: InboxID(number: row.integer(0)),
                receivedAt: row.timestamp(1),
                outcome: try row.outcome(2),
                body: body
            )
        }
    }

    /// Newest first.
    func inbox(_ filter: InboxFilter, before: InboxID?, limit: Int) throws(StoreError) -> [InboxItem] {
        let from = filter.from.map { InboxID(earliestAt: $0).number } ?? 0
        let to = min(filter.to.map { InboxID(earliestAt: $0).number } ?? .max, before?.number ?? .max)
        if let opportunity = filter.opportunity {
            return try prepare(SQL.inboxListOfOpportunity).rows(
                .integer(from),
                .integer(to),
                .blob(opportunity.bytes),
                .optional(filter.outcome?.rawValue),
                .integer(limit),
                read: { row throws(StoreError) in try row.inboxItem() }
            )
        }
        if let outcome = filter.outcome {
            return try prepare(SQL.inboxListOfOutcome).rows(
                .integer(from),
                .integer(to),
                .text(outcome.rawValue),
                .integer(limit),
                read: { row throws(StoreError) in try row.inboxItem() }
            )
        }
        return try prepare(SQL.inboxList).rows(
            .integer(from),
            .integer(to),
            .integer(limit),
            read: { row throws(StoreError) in try row.inboxItem() }
        )
    }

    func inboxItem(_ id: InboxID) throws(StoreError) -> InboxItem? {
        try prepare(SQL.inboxItem).row(.integer(id.number)) { row throws(StoreError) in try row.inboxItem() }
    }

    func body(of id: InboxID) throws(StoreError) -> [UInt8]? {
        try prepare(SQL.bodyOf).row(.integer(id.number)) { row throws(StoreError) in
            try PackedBody(plainBytes: Int(row.integer(0)), bytes: row.bytes(1)).unpacked()
        }
    }
}

extension Row {
    fileprivate func inboxItem() throws(StoreError) -> InboxItem {
        InboxItem(
            id: InboxID(number: integer(0)),
            receivedAt: timestamp(1),
            outcome: try outcome(2),
            message: optionalText(3),
            entity: optionalText(4),
            record: optionalBytes(5).flatMap(GUID.init(bytes:)),
            opportunity: optionalBytes(6).flatMap(GUID.init(bytes:)),
            code: optionalText(7),
            reasons: ReasonText.decode(optionalText(8)),
            bodyBytes: Int(integer(9))
        )
    }
}
