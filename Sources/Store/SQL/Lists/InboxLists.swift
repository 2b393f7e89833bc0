import OnewayCore

extension SQLLists {
    func unappliedSince() throws(StoreError) -> Timestamp? {
        try row(SQL.unappliedSince) { row in row.timestamp(0) }
    }

    func entries(_ range: EntryRange, limit: Int, _ take: (StoredEntry) -> Bool) throws(StoreError) {
        let (sql, values): (String, [SQLValue]) =
            switch range {
            case .unapplied: (SQL.unappliedNext, [])
            case .after(let id): (SQL.inboxAfter, [.integer(id.number)])
            case .before(let id): (SQL.inboxBefore, [.integer(id.number)])
            }
        _ = try rows(sql, values + [.integer(limit)]) { row throws(StoreError) in
            take(try row.storedEntry()) ? () : nil
        }
    }

    /// Newest first.
    func inbox(_ filter: InboxFilter, before: InboxID?, limit: Int) throws(StoreError) -> [InboxItem] {
        let from = filter.from.map { InboxID(earliestAt: $0).number } ?? 0
        let to = min(filter.to.map { InboxID(earliestAt: $0).number } ?? .max, before?.number ?? .max)
        if let opportunity = filter.opportunity {
            return try inbox(of: opportunity, filter.outcome, from: from, to: to, limit: limit)
        }
        if let outcome = filter.outcome {
            return try rows(
                SQL.inboxListOfOutcome,
                [
                    .integer(from), .integer(to), .text(outcome.rawValue), .integer(limit),
                ]
            ) { row throws(StoreError) in try row.inboxItem() }
        }
        return try rows(SQL.inboxList, [.integer(from), .integer(to), .integer(limit)]) {
            row throws(StoreError) in try row.inboxItem()
        }
    }

    /// Applied notifications are in an index; of the unapplied ones, the newest `unappliedSearchedMax` are searched.
    private func inbox(
        of opportunity: GUID,
        _ outcome: Outcome?,
        from: Int64,
        to: Int64,
        limit: Int
    ) throws(StoreError) -> [InboxItem] {
        let (range, opportunity) = ([SQLValue.integer(from), .integer(to)], SQLValue.blob(opportunity.bytes))
        let read: (borrowing Row) throws(StoreError) -> InboxItem = { row throws(StoreError) in try row.inboxItem() }
        let waiting = try rows(
            SQL.inboxUnappliedOfOpportunity,
            range + [.integer(Self.unappliedSearchedMax), opportunity],
            read: read
        )
        .filter { item in outcome.map { $0 == item.outcome } ?? true }
        let found =
            if let outcome {
                try rows(
                    SQL.inboxListOfOpportunityAndOutcome,
                    [opportunity] + range + [.text(outcome.rawValue), .integer(limit)],
                    read: read
                )
            } else {
                try rows(SQL.inboxListOfOpportunity, [opportunity] + range + [.integer(limit)], read: read)
            }
        let replayed = Set(waiting.map(\.id))
        let all = waiting + found.filter { !replayed.contains($0.id) }
        return Array(all.sorted { $0.id > $1.id }.prefix(limit))
    }

    private static var unappliedSearchedMax: Int { 1_000 }

    func inboxItem(_ id: InboxID) throws(StoreError) -> InboxItem? {
        try row(SQL.inboxItem, [.integer(id.number)]) { row throws(StoreError) in try row.inboxItem() }
    }

    func packedBody(of id: InboxID) throws(StoreError) -> PackedBody? {
        try row(SQL.bodyOf, [.integer(id.number)]) { row in
            PackedBody(plainBytes: Int(row.integer(0)), bytes: row.bytes(1))
        }
    }
}

extension SQLRow {
    func storedEntry() throws(StoreError) -> StoredEntry {
        StoredEntry(
            id: InboxID(number: integer(0)),
            receivedAt: timestamp(1),
            outcome: try named(2),
            record: optionalGUID(3),
            isWaiting: !isNull(4),
            body: isNull(5) ? nil : PackedBody(plainBytes: Int(integer(5)), bytes: bytes(6))
        )
    }
}
