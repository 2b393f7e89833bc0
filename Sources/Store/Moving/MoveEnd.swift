import OnewayCore

/// One end of a move: a store that nobody else has open, and that nobody can open until it ends.
protocol MoveEnd {
    /// What to read counters from: one row for each.
    var counters: String { get }
    func rows(_ sql: String, _ values: [SQLValue], _ kinds: [ByKey.Kind]) throws(StoreError) -> [[SQLValue]]
    /// In one transaction.
    func insert(_ rows: [[SQLValue]], into table: MovedTable) throws(StoreError)
    func execute(_ sql: String) throws(StoreError)
}

extension MoveEnd {
    private func source(of table: MovedTable) -> String { table.name == "counter" ? counters : table.name }

    func page(of table: MovedTable, after key: [SQLValue]?) throws(StoreError) -> [[SQLValue]] {
        let sql = table.page(from: source(of: table), after: key != nil)
        return try rows(sql, key ?? [], table.kinds)
    }

    func lastKey(of table: MovedTable) throws(StoreError) -> [SQLValue]? {
        try rows(table.last(in: source(of: table)), [], table.keyKinds).first
    }

    var note: String? {
        get throws(StoreError) {
            let sql = "SELECT value FROM meta WHERE name = '\(MovedTable.note)'"
            guard case .blob(let bytes)? = try rows(sql, [], [.blob]).first?.first else { return nil }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    /// The number of rows, and what differs if any of them does.
    func digest(of table: MovedTable) throws(StoreError) -> MovedRows {
        var (digest, key) = (RowDigest(), [SQLValue]?.none)
        while true {
            let page = try page(of: table, after: key)
            guard let last = page.last else { return MovedRows(rows: digest.rows, checksum: "\(digest)") }
            for row in page { digest.add(row) }
            key = table.key(of: last)
        }
    }
}

/// A file.
final class FileEnd: MoveEnd {
    private let db: Connection
    private let lock: StoreLock

    /// - Parameter isTarget: It is created if there is none.
    init(path: String, isTarget: Bool) throws(StoreError) {
        if isTarget {
            lock = try StoreLock(path: path)
            _ = try StoreFile(path: path)
            db = try Connection(path: path, .write)
            try db.execute(
                "PRAGMA page_size = \(WriteSession.pageBytes); PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
            )
            try Schema.migrate(db)
        } else {
            db = try Connection(path: path, .read)
            lock = try StoreLock(path: path)
            try Schema.check(db)
        }
    }

    let counters = "counter"

    /// All that are copied, as the file describes them; the database's are the same.
    func tables() throws(StoreError) -> [MovedTable] {
        let names = try db.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name", []) { $0.text(0) }
        var tables: [MovedTable] = []
        for name in names where !name.hasPrefix("sqlite_") {
            let columns = try db.rows("SELECT name, type, pk FROM pragma_table_info('\(name)')", []) { row in
                (name: row.text(0), type: row.text(1), place: row.integer(2))
            }
            let key = columns.filter { $0.place > 0 }.sorted { $0.place < $1.place }.map(\.name)
            let kinds: [String: ByKey.Kind] = ["INTEGER": .integer, "TEXT": .text, "BLOB": .blob]
            tables.append(
                MovedTable(name: name, columns: columns.map { ($0.name, kinds[$0.type] ?? .blob) }, key: key)
            )
        }
        return tables
    }

    func rows(_ sql: String, _ values: [SQLValue], _ kinds: [ByKey.Kind]) throws(StoreError) -> [[SQLValue]] {
        try db.rows(sql, values) { row in row.values(kinds) }
    }

    func insert(_ rows: [[SQLValue]], into table: MovedTable) throws(StoreError) {
        let names = table.columns.map(\.name).joined(separator: ", ")
        let values = table.columns.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
        try db.execute("BEGIN IMMEDIATE")
        do throws(StoreError) {
            let statement = try db.prepare("INSERT INTO \(table.name) (\(names)) VALUES (\(values))")
            for row in rows { try statement.run(row) }
            try db.execute("COMMIT")
        } catch {
            if db.inTransaction { try? db.execute("ROLLBACK") }
            throw error
        }
    }

    func execute(_ sql: String) throws(StoreError) { try db.execute(sql) }
}

/// A database.
final class DatabaseEnd: MoveEnd {
    private let db: DatabaseConnection

    /// - Parameter isTarget: Its tables are created if there are none.
    init(_ address: DatabaseAddress, isTarget: Bool) throws(StoreError) {
        db = try DatabaseConnection(address, name: "oneway migrate-store")
        if isTarget { try DatabaseSchema.migrate(db) }
        try DatabaseSchema.check(db)
        // Every number of a writer: as long as this session lives, no service can write.
        let sql = """
            SELECT count(*) FROM generate_series(0, \(DatabaseSession.writersMax - 1)) AS number
            WHERE pg_try_advisory_lock(\(DatabaseLock.writer("number")))
            """
        guard try db.row(sql, read: { row in row.integer(0) }) == DatabaseSession.writersMax else {
            throw StoreError(.inUse, "a service, or another migration, works with the database")
        }
    }

    /// Each writer counts by itself.
    let counters = "(SELECT name, sum(value)::bigint AS value FROM counter GROUP BY name) AS counter"

    func rows(_ sql: String, _ values: [SQLValue], _ kinds: [ByKey.Kind]) throws(StoreError) -> [[SQLValue]] {
        try db.rows(sql, values) { row in row.values(kinds) }
    }

    func insert(_ rows: [[SQLValue]], into table: MovedTable) throws(StoreError) {
        var (columns, key, rows) = (table.columns, table.key, rows)
        if table.name == "counter" {
            columns.append(("writer", .integer))
            key.append("writer")
            rows = rows.map { $0 + [.integer(0)] }
        }
        let insert = DatabaseTable(table.name, columns, key: key).query(\.insert, rows)
        do throws(StoreError) {
            try db.run([DatabaseQuery("BEGIN")] + insert + [DatabaseQuery("COMMIT")])
        } catch {
            if !db.isLost { _ = try? db.run(DatabaseQuery("ROLLBACK")) }
            throw error
        }
    }

    func execute(_ sql: String) throws(StoreError) { try db.execute(sql) }
}
