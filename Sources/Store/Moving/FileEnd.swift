/// A file at one end of a move.
final class FileEnd: MoveEnd {
    let db: Connection
    private let lock: StoreLock

    let counters = "counter"

    init(source path: String) throws(StoreError) {
        // Before the lock, which would make a file beside one that does not exist.
        db = try Connection(path: path, .read)
        lock = try StoreLock(path: path)
        try Schema.check(db)
    }

    /// Creates the file if there is none.
    init(target path: String) throws(StoreError) {
        lock = try StoreLock(path: path)
        _ = try StoreFile(path: path)
        db = try Connection(path: path, .write)
        var isEmpty = true
        for table in try tables() where isEmpty && table.name != "counter" { isEmpty = try lastKey(of: table) == nil }
        guard isEmpty else {
            // What another version has filled is left as it is.
            try Schema.check(db)
            return
        }
        try db.execute(
            "PRAGMA page_size = \(WriteSession.pageBytes); PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
        )
        try Schema.migrate(db)
    }

    /// All that are copied, as the file describes them: the database has the same. Indexes for searching, which the
    /// file fills by itself, are not among them.
    func tables() throws(StoreError) -> [MovedTable] {
        let names = try db.rows(
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' ORDER BY name",
            []
        ) { row in row.text(0) }
        var tables: [MovedTable] = []
        for name in names where !name.hasPrefix("sqlite_") {
            let columns = try db.rows("SELECT name, type, pk FROM pragma_table_info('\(name)')", []) { row in
                (name: row.text(0), type: row.text(1), place: row.integer(2))
            }
            let key = columns.filter { $0.place > 0 }.sorted { $0.place < $1.place }.map(\.name)
            var kinds: [(name: String, kind: ByKey.Kind)] = []
            for column in columns {
                guard let kind = Self.kinds[column.type] else {
                    throw StoreError(.corrupt, "\(name).\(column.name) is of a type that no store has")
                }
                kinds.append((column.name, kind))
            }
            tables.append(MovedTable(name: name, columns: kinds, key: key))
        }
        return tables
    }

    private static let kinds: [String: ByKey.Kind] = ["INTEGER": .integer, "TEXT": .text, "BLOB": .blob]

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
