/// A database at one end of a move.
final class DatabaseEnd: MoveEnd {
    let db: DatabaseConnection

    /// Each writer counts by itself.
    let counters = "(SELECT name, sum(value)::bigint AS value FROM counter GROUP BY name) AS counter"

    /// - Parameter isTarget: Whether tables are created if there are none.
    init(_ address: DatabaseAddress, isTarget: Bool) throws(StoreError) {
        db = try DatabaseConnection(address, name: "oneway migrate-store")
        // Pages by key are found in the index only by plans that know how short they are.
        try db.execute("SET plan_cache_mode = force_custom_plan")
        if isTarget, try DatabaseSchema.found(in: db).version == 0 { try DatabaseSchema.migrate(db) }
        try DatabaseSchema.checkIsOurs(db)
        try lock()
    }

    /// The server may need a moment to see that the session has ended; a service may start now.
    deinit { _ = try? db.execute("SELECT pg_advisory_unlock_all()") }

    /// Takes the numbers of all writers: as long as this session lives, no service can write.
    private func lock() throws(StoreError) {
        let sql = """
            SELECT count(*) FROM generate_series(0, \(DatabaseSession.writersMax - 1)) AS number
            WHERE pg_try_advisory_lock(\(DatabaseLock.writer("number")))
            """
        var alive: [String] = []
        // A service that has just left needs no more than a moment: the server ends its sessions after it.
        for _ in 0..<30 where alive.isEmpty {
            if try db.row(sql, read: { row in row.integer(0) }) == DatabaseSession.writersMax { return }
            alive = try db.replicas().list.filter(\.isAlive).map(\.name)
            if alive.isEmpty { try db.execute("SELECT pg_sleep(0.1)") }
        }
        let users = alive.isEmpty ? "a service, or another migration," : alive.joined(separator: ", ")
        throw StoreError(.inUse, "the database is in use: \(users) \(alive.count > 1 ? "work" : "works") with it")
    }

    func insert(_ rows: [[SQLValue]], into table: MovedTable) throws(StoreError) {
        var (columns, key, rows) = (table.columns, table.key, rows)
        if table.name == "counter" {
            columns.append(("writer", .integer))
            key.append("writer")
            rows = rows.map { $0 + [.integer(0)] }
        }
        // Also where the database numbers rows by itself, which goes on after the last of these.
        let insert = DatabaseTable(table.name, columns, key: key).insert
            .replacing(") SELECT", with: ") OVERRIDING SYSTEM VALUE SELECT", maxReplacements: 1)
        do throws(StoreError) {
            try db.run(
                [DatabaseQuery("BEGIN"), DatabaseQuery(insert, columns: columns.map(\.kind), rows: rows)]
                    + (table.name == "search_words" ? [DatabaseQuery(Self.numberOn)] : [])
                    + [DatabaseQuery("COMMIT")]
            )
        } catch {
            if !db.isLost { _ = try? db.run(DatabaseQuery("ROLLBACK")) }
            throw error
        }
    }

    private static let numberOn = """
        SELECT setval(pg_get_serial_sequence('search_words', 'number'), (SELECT max(number) FROM search_words))
        """

    func execute(_ sql: String) throws(StoreError) { try db.execute(sql) }
}
