import OnewayCore

extension Connection: SQLLists {
    func rows<Result>(
        _ sql: String,
        _ values: [SQLValue],
        read: (borrowing Row) throws(StoreError) -> Result?
    ) throws(StoreError) -> [Result] {
        try prepare(sql).rows(values, read: read)
    }

    func rows<Result>(
        _ select: ByKey,
        keys: [[SQLValue]],
        read: (borrowing Row) throws(StoreError) -> Result
    ) throws(StoreError) -> [Result] {
        let statement = try prepare(select.one)
        var found: [Result] = []
        for key in keys {
            found += try statement.rows(key) { row throws(StoreError) in Optional(try read(row)) }
        }
        return found
    }

    func found(containing words: String, limit: Int) throws(StoreError) -> [RecordKey] {
        // Between quotes it is text, whatever its characters mean elsewhere in a search.
        let quoted = "\"\(words.replacing("\"", with: "\"\""))\""
        return try rows(SQL.wordsContaining, [.text(quoted), .integer(limit)]) { row throws(StoreError) in
            try row.recordKey()
        }
    }
}
