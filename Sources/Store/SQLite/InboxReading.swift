import OnewayCore

extension Connection {
    /// The oldest that are not applied yet, up to so many and so many bytes; at least one where there is one.
    func unapplied(limit: Int, bytesMax: Int) throws(StoreError) -> [UnappliedEntry] {
        var bytes = 0
        return try prepare(SQL.unappliedNext).rows([.integer(limit)]) { row throws(StoreError) in
            if bytes >= bytesMax { return nil }
            // A damaged one is an empty one: it is set aside as what cannot be read, and stops nobody.
            let body = (try? PackedBody(plainBytes: Int(row.integer(3)), bytes: row.bytes(4)).unpacked()) ?? []
            bytes += body.count
            return UnappliedEntry(
                id: InboxID(number: row.integer(0)),
                receivedAt: row.timestamp(1),
                outcome: try row.named(2),
                body: body
            )
        }
    }

    func applied(before: InboxID?, limit: Int, rowsMax: Int, bytesMax: Int) throws(StoreError) -> AppliedPage {
        let rows = try prepare(SQL.inboxBefore).rows([.integer(before?.number ?? .max), .integer(rowsMax)]) {
            row throws(StoreError) in
            (InboxID(number: row.integer(0)), row.timestamp(1), try row.named(2) as Outcome, row.integer(3) == 1)
        }
        var (page, bytes) = (AppliedPage(), 0)
        for (id, receivedAt, outcome, isWaiting) in rows where page.entries.count < limit && bytes < bytesMax {
            page.last = id
            guard outcome.isApplied, !isWaiting else { continue }
            let body = (try? body(of: id)) ?? []
            bytes += body.count
            page.entries.append(UnappliedEntry(id: id, receivedAt: receivedAt, outcome: outcome, body: body))
        }
        return page
    }

    /// Newest first.
    func inbox(_ filter: InboxFilter, before: InboxID?, limit: Int) throws(StoreError) -> [InboxItem] {
        let from = filter.from.map { InboxID(earliestAt: $0).number } ?? 0
        let to = min(filter.to.map { InboxID(earliestAt: $0).number } ?? .max, before?.number ?? .max)
        if let opportunity = filter.opportunity {
            return try inbox(of: opportunity, filter.outcome, from: from, to: to, limit: limit)
        }
        if let outcome = filter.outcome {
            return try prepare(SQL.inboxListOfOutcome).rows([
                .integer(from), .integer(to), .text(outcome.rawValue), .integer(limit),
            ]) { row throws(StoreError) in try row.inboxItem() }
        }
        return try prepare(SQL.inboxList).rows([.integer(from), .integer(to), .integer(limit)]) {
            row throws(StoreError) in try row.inboxItem()
        }
    }

    /// Those that are applied stand in an index; of those that are not, the newest `unappliedSearchedMax` are looked
    /// through.
    private func inbox(
        of opportunity: GUID,
        _ outcome: Outcome?,
        from: Int64,
        to: Int64,
        limit: Int
    ) throws(StoreError) -> [InboxItem] {
        let (opportunity, outcome) = (SQLValue.blob(opportunity.bytes), SQLValue.optional(outcome?.rawValue))
        let applied = try prepare(SQL.inboxListOfOpportunity)
            .rows([opportunity, .integer(from), .integer(to), outcome, .integer(limit)]) { row throws(StoreError) in
                try row.inboxItem()
            }
        let unapplied = try prepare(SQL.inboxUnappliedOfOpportunity)
            .rows([
                .integer(from), .integer(to), .integer(Self.unappliedSearchedMax), opportunity, outcome,
                .integer(limit),
            ]) { row throws(StoreError) in try row.inboxItem() }
        let replayed = Set(unapplied.map(\.id))
        let all = unapplied + applied.filter { !replayed.contains($0.id) }
        return Array(all.sorted { $0.id > $1.id }.prefix(limit))
    }

    private static let unappliedSearchedMax = 1_000

    func inboxItem(_ id: InboxID) throws(StoreError) -> InboxItem? {
        try prepare(SQL.inboxItem).row([.integer(id.number)]) { row throws(StoreError) in try row.inboxItem() }
    }

    func body(of id: InboxID) throws(StoreError) -> [UInt8]? {
        try prepare(SQL.bodyOf).row([.integer(id.number)]) { row throws(StoreError) in
            try PackedBody(plainBytes: Int(row.integer(0)), bytes: row.bytes(1)).unpacked()
        }
    }
}

extension Row {
    func inboxItem() throws(StoreError) -> InboxItem {
        InboxItem(
            id: InboxID(number: integer(0)),
            receivedAt: timestamp(1),
            outcome: try named(2),
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
