import OnewayCore

/// The index that finds parts of names. It needs the extension `pg_trgm`, which an administrator may have to create;
/// without it only beginnings are found.
extension DatabaseConnection {
    /// Creates the index, and the extension if that is allowed, in the transaction of the caller.
    func makeTrigrams() throws(StoreError) {
        if try hasTrigrams() { return }
        var schema = try trigramSchema()
        if schema == nil { schema = try createTrigrams() }
        guard let schema else { return }
        try execute(
            """
            SET LOCAL statement_timeout = 0;
            CREATE INDEX search_words_trigram ON search_words USING gin (words \(schema).gin_trgm_ops)
            """
        )
    }

    func hasTrigrams() throws(StoreError) -> Bool {
        let sql = "SELECT (to_regclass('search_words_trigram') IS NOT NULL)::int"
        return try row(sql) { row in row.integer(0) != 0 } ?? false
    }

    /// Where the extension is, quoted; nil: it is not.
    private func trigramSchema() throws(StoreError) -> String? {
        let sql = "SELECT extnamespace::regnamespace::text FROM pg_extension WHERE extname = 'pg_trgm'"
        return try row(sql) { row in row.text(0) }
    }

    /// In the schema that all share, because other installations in this database need it too.
    private func createTrigrams() throws(StoreError) -> String? {
        do throws(StoreError) {
            try execute("SAVEPOINT trigrams")
            try execute("CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public")
            return try trigramSchema()
        } catch {
            if isLost { throw error }
            try execute("ROLLBACK TO SAVEPOINT trigrams")
            return nil
        }
    }

    func found(containing words: String, limit: Int) throws(StoreError) -> [RecordKey] {
        guard try hasTrigrams() else { return try found(beginning: words, limit: limit) }
        // Whatever its characters mean elsewhere in a pattern.
        let text = words.replacing("\\", with: "\\\\").replacing("%", with: "\\%").replacing("_", with: "\\_")
        return try rows(SQL.wordsLike, [.text("%\(text)%"), .integer(limit)]) { row throws(StoreError) in
            try row.recordKey()
        }
    }
}

extension SQL {
    /// Newest first.
    static let wordsLike = "SELECT entity, id FROM search_words WHERE words LIKE $1 ORDER BY number DESC LIMIT $2"
}
