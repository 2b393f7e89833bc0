import OnewayCore

// Rows of the inbox are locked before they are read: receivers may change them while a step does. All lock in the order
// of the identities, so that none waits for another that waits for it.
extension DatabaseSession {
    private static let lockByIdentity = """
        SELECT id FROM inbox WHERE identity = ANY ($1::bytea[]) ORDER BY identity FOR UPDATE
        """
    private static let lockByID = "SELECT id FROM inbox WHERE id = ANY ($1::bigint[]) ORDER BY identity FOR UPDATE"

    func inbox(identities: [[UInt8]]) throws(StoreError) -> [InboxRow] {
        if identities.isEmpty { return [] }
        return try inbox(Self.lockByIdentity, SQL.inboxByIdentity, Set(identities).map { .blob($0) })
    }

    func inbox(_ ids: [InboxID]) throws(StoreError) -> [InboxRow] {
        if ids.isEmpty { return [] }
        return try inbox(Self.lockByID, SQL.inboxByID, Set(ids).map { .integer($0.number) })
    }

    private func inbox(_ lock: String, _ select: ByKey, _ keys: [SQLValue]) throws(StoreError) -> [InboxRow] {
        let keys = keys.map { [$0] }
        let results = try db.run([
            DatabaseQuery(lock, columns: select.key, rows: keys),
            DatabaseQuery(select.many, columns: select.key, rows: keys),
        ])
        var rows: [InboxRow] = []
        for row in results.last?.rows ?? [] { rows.append(try row.inboxRow()) }
        return rows
    }

    func inbox(after id: InboxID, limit: Int) throws(StoreError) -> [InboxRow] {
        let sql = "SELECT id FROM inbox WHERE id > $1 ORDER BY id LIMIT $2"
        let ids = try db.rows(sql, [.integer(id.number), .integer(limit)]) { row in InboxID(number: row.integer(0)) }
        return try inbox(ids).sorted { $0.id < $1.id }
    }

    /// Rows that another receiver is removing at this moment are left to it.
    func givingWay(_ outcome: Outcome, covering surplus: Surplus) throws(StoreError) -> [InboxRow] {
        let sql = """
            SELECT id FROM inbox WHERE outcome = $1 AND gives_way = 1 ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED
            """
        let limit = surplus.bytes > 0 ? max(surplus.rows, Self.rowsForBytesMax) : surplus.rows
        let ids = try db.rows(sql, [.text(outcome.rawValue), .integer(limit)]) { row in
            SQLValue.integer(row.integer(0))
        }
        var left = surplus
        var found = try db.rows(SQL.inboxByID, keys: ids.map { [$0] }) { row throws(StoreError) in try row.inboxRow() }
        found.sort { $0.id < $1.id }
        return Array(found.prefix { left.takes($0) })
    }

    private static let rowsForBytesMax: Int64 = 1_000

    func waiting(on keys: [DeliveryKey], limit: Int) throws(StoreError) -> [OutboxItem] {
        let keys = Array(Set(keys))
        let query = DatabaseQuery(
            SQL.outboxWaitingOnMany,
            [(.text, keys.map { .text($0.kind.rawValue) }), (.text, keys.map { .text($0.text) })],
            and: [.integer(limit)]
        )
        var items: [OutboxItem] = []
        for row in try db.run(query).rows { items.append(try row.outboxItem()) }
        return items
    }
}
