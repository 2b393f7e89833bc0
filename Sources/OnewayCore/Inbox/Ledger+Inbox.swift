extension Ledger {
    /// The result of one arrival, and the row that its body belongs to, if that row has none yet.
    public struct Arrived: Hashable, Sendable {
        public let answer: Appended
        public let bodyOf: InboxID?
    }

    /// Assigns ids to new rows, and reports the rest as duplicates. A row that could not be used when it first arrived,
    /// and now can be, waits to be applied.
    /// - Parameters:
    ///   - arrivals: Rows as they arrived, without an id yet.
    ///   - rows: Those with the same identity as one of the arrivals.
    ///   - latest: The latest id assigned.
    public static func append(
        _ arrivals: [InboxRow],
        to rows: inout RowSet<[UInt8], InboxRow>,
        latest: InboxID
    ) -> [Arrived] {
        var latest = latest
        rows.reserve(arrivals.count)
        return arrivals.map { arrival in
            guard var known = rows[arrival.identity] else {
                latest = latest.next(now: arrival.item.receivedAt)
                rows[arrival.identity] = new(arrival, latest)
                return Arrived(answer: .stored(latest), bodyOf: arrival.item.outcome.keepsBody ? latest : nil)
            }
            let answer = Appended.duplicate(of: known.id, outcome: known.item.outcome)
            guard arrival.item.outcome.isApplied, known.item.outcome.givesWay else {
                return Arrived(answer: answer, bodyOf: nil)
            }
            let isBare = known.item.bodyBytes == 0
            known.become(InboxRevision(known.id, arrival.item.labels))
            if isBare { known.item.bodyBytes = arrival.item.bodyBytes }
            known.waitsSince = known.waitsSince ?? arrival.item.receivedAt
            rows[arrival.identity] = known
            return Arrived(answer: answer, bodyOf: isBare ? known.id : nil)
        }
    }

    private static func new(_ arrival: InboxRow, _ id: InboxID) -> InboxRow {
        var row = arrival
        row.item.id = id
        row.givesWay = row.item.outcome.givesWay
        row.waitsSince = row.item.outcome.isApplied ? row.item.receivedAt : nil
        return row
    }

    public typealias Inbox = RowSet<InboxID, InboxRow>

    /// Rows that are gone, or already applied, are left unchanged.
    public static func markApplied(_ ids: [InboxID], in rows: inout Inbox) {
        for id in ids { rows.change(id) { $0.waitsSince = nil } }
    }

    /// Revises rows, which are then finished.
    public static func revise(_ revisions: [InboxRevision], in rows: inout Inbox) {
        for revision in revisions {
            rows.change(revision.id) { row in
                row.become(revision)
                row.waitsSince = nil
            }
        }
    }

    /// Marks rows to be applied again, and returns those that will be. Ignored ones have no body to apply. From now on
    /// they never give way, no matter how many arrive before they are applied.
    public static func replay(_ ids: [InboxID], in rows: inout Inbox, now: Timestamp) -> [InboxID] {
        ids.filter { id in
            guard rows[id]?.item.outcome.keepsBody ?? false else { return false }
            rows.change(id) { row in
                row.givesWay = false
                row.waitsSince = row.waitsSince ?? now
            }
            return true
        }
    }

    /// Removes the rows that do not wait, and returns their number.
    public static func erase(_ ids: [InboxID], in rows: inout Inbox) -> Int {
        ids.count { id in
            guard let row = rows[id], row.waitsSince == nil else { return false }
            rows[id] = nil
            return true
        }
    }
}

extension RowSet {
    /// Applies an event to an existing row. Returns true if the row changed.
    @discardableResult
    mutating func change(_ key: Key, _ event: (inout Row) -> Void) -> Bool {
        guard let before = self[key] else { return false }
        var row = before
        event(&row)
        guard row != before else { return false }
        self[key] = row
        return true
    }
}
