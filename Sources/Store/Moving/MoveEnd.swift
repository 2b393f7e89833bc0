/// One end of a move: a store that nobody else has open, and that no service can open until the move ends.
protocol MoveEnd {
    associatedtype Reading: SQLReading

    var db: Reading { get }
    /// What to read counters from: one row for each.
    var counters: String { get }
    /// In one transaction.
    func insert(_ rows: [[SQLValue]], into table: MovedTable) throws(StoreError)
    func execute(_ sql: String) throws(StoreError)
}

extension MoveEnd {
    private func source(of table: MovedTable) -> String { table.name == "counter" ? counters : table.name }

    /// The rows that follow those of this key: so many, and so many bytes with one row more at most.
    func page(of table: MovedTable, after key: [SQLValue]?) throws(StoreError) -> [[SQLValue]] {
        let (source, values) = (source(of: table), key ?? [])
        let sizes = try db.rows(table.sizes(in: source, afterKey: key != nil), values) { row in row.integer(0) }
        var (count, bytes) = (0, Int64(0))
        for size in sizes where bytes < MovedTable.bytesPerPage { (count, bytes) = (count + 1, bytes + size) }
        if count == 0 { return [] }
        let page = table.page(from: source, afterKey: key != nil)
        return try db.rows(page, values + [.integer(count)]) { row in row.values(table.kinds) }
    }

    func lastKey(of table: MovedTable) throws(StoreError) -> [SQLValue]? {
        try db.rows(table.last(in: source(of: table)), []) { row in row.values(table.keyKinds) }.first
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

    /// What a move into this store has begun with, if it has not ended.
    var note: String? {
        get throws(StoreError) {
            try db.row("SELECT value FROM meta WHERE name = '\(MovedTable.note)'") { row in
                String(decoding: row.bytes(0), as: UTF8.self)
            }
        }
    }
}

extension SQLRow {
    func values(_ kinds: [ByKey.Kind]) -> [SQLValue] { kinds.enumerated().map { value(Int32($0), $1) } }

    private func value(_ column: Int32, _ kind: ByKey.Kind) -> SQLValue {
        switch kind {
        case .integer: .optional(optionalInteger(column))
        case .text: .optional(optionalText(column))
        case .blob: .optional(optionalBytes(column))
        }
    }
}
