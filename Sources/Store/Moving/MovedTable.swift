/// A table as it is copied from one store to another, in pages by its primary key.
struct MovedTable: Sendable {
    let name: String
    let columns: [(name: String, kind: ByKey.Kind)]
    let key: [String]

    /// What a move has begun with, in the target. It is not copied.
    static let note = "moving"

    var kinds: [ByKey.Kind] { columns.map(\.kind) }

    private var keys: String { key.joined(separator: ", ") }
    private var condition: String { name == "meta" ? "name <> '\(Self.note)'" : "true" }

    static let rowsPerPage = 500
    static let bytesPerPage = 4 << 20

    /// The rows that follow those of this key: so many, and so many bytes with one row more at most.
    /// - Parameter source: What to read from, in the database in question.
    func page(from source: String, after isAfter: Bool) -> String {
        let names = columns.map(\.name).joined(separator: ", ")
        let sizes = columns.filter { $0.kind != .integer }.map { "coalesce(length(\($0.name)), 0)" }
        let size = (sizes + ["0"]).joined(separator: " + ")
        let values = key.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
        let following = isAfter ? " AND (\(keys)) > (\(values))" : ""
        return """
            SELECT \(names) FROM (
                SELECT \(names), sum(page_bytes) OVER (ORDER BY \(keys)) - page_bytes AS ahead FROM (
                    SELECT \(names), \(size) AS page_bytes FROM \(source) WHERE \(condition)\(following)
                    ORDER BY \(keys) LIMIT \(Self.rowsPerPage)
                ) AS next
            ) AS page WHERE ahead < \(Self.bytesPerPage) ORDER BY \(keys)
            """
    }

    func last(in source: String) -> String {
        let backwards = key.map { "\($0) DESC" }.joined(separator: ", ")
        return "SELECT \(keys) FROM \(source) WHERE \(condition) ORDER BY \(backwards) LIMIT 1"
    }

    /// Of a row, in the order of the key.
    func key(of row: [SQLValue]) -> [SQLValue] {
        key.compactMap { name in columns.firstIndex { $0.name == name }.map { row[$0] } }
    }

    var keyKinds: [ByKey.Kind] { key.compactMap { name in columns.first { $0.name == name }?.kind } }
}

extension SQLRow {
    func value(_ column: Int32, _ kind: ByKey.Kind) -> SQLValue {
        switch kind {
        case .integer: .optional(optionalInteger(column))
        case .text: .optional(optionalText(column))
        case .blob: .optional(optionalBytes(column))
        }
    }

    func values(_ kinds: [ByKey.Kind]) -> [SQLValue] { kinds.enumerated().map { value(Int32($0), $1) } }
}
