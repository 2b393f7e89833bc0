/// A value as a database stores it. SQLite and PostgreSQL have the same four kinds.
enum SQLValue: Hashable, Sendable {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])

    static func integer(_ value: Int) -> Self { .integer(Int64(value)) }
    static func optional(_ value: Int64?) -> Self { value.map(Self.integer) ?? .null }
    static func optional(_ value: String?) -> Self { value.map(Self.text) ?? .null }
    static func optional(_ value: [UInt8]?) -> Self { value.map(Self.blob) ?? .null }
}

/// One row of a result. Copies what it returns; never keep it.
protocol SQLRow {
    func isNull(_ column: Int32) -> Bool
    func integer(_ column: Int32) -> Int64
    func optionalText(_ column: Int32) -> String?
    func optionalBytes(_ column: Int32) -> [UInt8]?
}

extension SQLRow {
    func optionalInteger(_ column: Int32) -> Int64? { isNull(column) ? nil : integer(column) }

    func text(_ column: Int32) -> String { optionalText(column) ?? "" }

    func bytes(_ column: Int32) -> [UInt8] { optionalBytes(column) ?? [] }
}

/// Runs statements that return rows.
protocol SQLReading {
    associatedtype Row: SQLRow

    /// Returns what `read` makes of each row, until it returns nil.
    func rows<Result>(
        _ sql: String,
        _ values: [SQLValue],
        read: (borrowing Row) throws(StoreError) -> Result?
    ) throws(StoreError) -> [Result]

    /// Returns the rows of these keys, in any order, those of a key that is given twice perhaps twice.
    func rows<Result>(
        _ select: ByKey,
        keys: [[SQLValue]],
        read: (borrowing Row) throws(StoreError) -> Result
    ) throws(StoreError) -> [Result]
}

/// A SELECT of rows by their keys: one statement for each key in SQLite, and one for all of them in PostgreSQL.
struct ByKey: Sendable {
    enum Kind: String { case integer = "bigint", text, blob = "bytea" }

    let key: [Kind]
    let one: String
    let many: String

    init(_ select: String, _ key: [(column: String, kind: Kind)]) {
        self.key = key.map(\.kind)
        let conditions = key.enumerated().map { "\($1.column) = $\($0 + 1)" }
        one = "\(select) WHERE \(conditions.joined(separator: " AND "))"
        let columns = key.map(\.column).joined(separator: ", ")
        let arrays = key.enumerated().map { "$\($0 + 1)::\($1.kind.rawValue)[]" }.joined(separator: ", ")
        many = "\(select) WHERE (\(columns)) IN (SELECT * FROM unnest(\(arrays)))"
    }
}

extension SQLReading {
    /// Returns the only row.
    func row<Result>(
        _ sql: String,
        _ values: [SQLValue] = [],
        read: (borrowing Row) throws(StoreError) -> Result
    ) throws(StoreError) -> Result? {
        try rows(sql, values) { row throws(StoreError) in Optional(try read(row)) }.first
    }

    /// Returns the rows of these keys, each once.
    func rows<Key: Hashable, Result>(
        _ select: ByKey,
        of keys: some Collection<Key>,
        _ values: (Key) -> [SQLValue],
        read: (borrowing Row) throws(StoreError) -> Result
    ) throws(StoreError) -> [Result] {
        keys.isEmpty ? [] : try rows(select, keys: Set(keys).map(values), read: read)
    }
}

/// Lists that differ between the databases only in how many rows by their keys are read.
protocol SQLLists: Lists, SQLReading {}
