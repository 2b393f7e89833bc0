import OnewayCore

extension DatabaseConnection {
    /// Runs `body` on one snapshot: everything it reads is of the same moment.
    func snapshot<Result>(_ body: (DatabaseConnection) throws(StoreError) -> Result) throws(StoreError) -> Result {
        pending = [DatabaseQuery("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")]
        do throws(StoreError) {
            let result = try body(self)
            // Nothing was asked.
            if pending.isEmpty { try run([DatabaseQuery("COMMIT")]) }
            pending = []
            return result
        } catch {
            pending = []
            if !isLost { _ = try? run([DatabaseQuery("ROLLBACK")]) }
            throw error
        }
    }

    func replicas() throws(StoreError) -> StoreReplicas {
        func milliseconds(_ column: String) -> String { "floor(extract(epoch FROM \(column)) * 1000)::bigint" }
        let sql = """
            SELECT replica.name, replica.version, \(milliseconds("started_at")), \(milliseconds("heard_at")),
                (clock_timestamp() - heard_at < interval '\(StoreReplica.secondsSilentMax) s')::int,
                \(milliseconds("term.since")), (SELECT greatest(number - 1, 0) FROM term)
            FROM replica LEFT JOIN term ON term.replica = replica.id ORDER BY replica.name, started_at, replica.id
            """
        var shared = StoreReplicas()
        shared.list = try rows(sql, []) { row in
            shared.handOvers = row.integer(6)
            return StoreReplica(
                name: row.text(0),
                version: row.text(1),
                startedAt: row.timestamp(2),
                heardAt: row.timestamp(3),
                isAlive: row.integer(4) != 0,
                leadsSince: row.optionalInteger(5).map(Timestamp.init(milliseconds:))
            )
        }
        return shared
    }

    /// In pages of so many rows and so many bytes, because libpq keeps a whole result in memory.
    func entries(_ range: EntryRange, limit: Int, _ take: (StoredEntry) -> Bool) throws(StoreError) {
        var (range, left) = (PagedRange(range), limit)
        while left > 0 {
            let asked = min(left, Self.rowsPerPage)
            let page = try entries(range, limit: asked)
            for entry in page where !take(entry) { return }
            guard let last = page.last else { return }
            left -= page.count
            range = range.following(last.id)
        }
    }

    private func entries(_ range: PagedRange, limit: Int) throws(StoreError) -> [StoredEntry] {
        let values: [SQLValue] = [.integer(range.id), .integer(limit), .integer(Self.bytesPerPage)]
        return try rows(range.sql, values) { row throws(StoreError) in try row.storedEntry() }
    }

    private static let rowsPerPage = 256
    private static let bytesPerPage = 4 << 20
}

/// Where a page begins, and in which direction it goes.
private struct PagedRange {
    let sql: String
    var id: Int64

    init(_ range: EntryRange) {
        switch range {
        case .unapplied: (sql, id) = (Self.unapplied, 0)
        case .after(let id): (sql, self.id) = (Self.after, id.number)
        case .before(let id): (sql, self.id) = (Self.before, id.number)
        }
    }

    func following(_ last: InboxID) -> PagedRange {
        var next = self
        next.id = last.number
        return next
    }

    private static let unapplied = """
        SELECT \(SQL.entryColumns)
        FROM (
            SELECT id, since, sum(body_bytes) OVER (ORDER BY id) - body_bytes AS ahead
            FROM (SELECT * FROM unapplied WHERE id > $1 ORDER BY id LIMIT $2) AS next
        ) AS page JOIN inbox ON inbox.id = page.id JOIN body ON body.id = page.id
        WHERE ahead < $3::bigint ORDER BY page.id
        """
    private static let after = all("id > $1", "id")
    private static let before = all("id < $1", "id DESC")

    /// The bodies of unapplied notifications are not read.
    private static func all(_ condition: String, _ order: String) -> String {
        """
        SELECT \(SQL.entryColumns)
        FROM (
            SELECT id, sum(body_bytes) OVER (ORDER BY \(order)) - body_bytes AS ahead
            FROM (SELECT id, body_bytes FROM inbox WHERE \(condition) ORDER BY \(order) LIMIT $2) AS next
        ) AS page JOIN inbox ON inbox.id = page.id LEFT JOIN unapplied ON unapplied.id = page.id
            LEFT JOIN body ON body.id = page.id AND unapplied.id IS NULL
        WHERE ahead < $3::bigint ORDER BY page.\(order)
        """
    }
}
