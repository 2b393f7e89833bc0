/// A table as it is copied from one store to another, in pages by its primary key.
struct MovedTable: Sendable {
    let name: String
    let columns: [(name: String, kind: ByKey.Kind)]
    let key: [String]

    /// The name of a note in the target: what a move has begun with. It is not copied.
    static let note = "moving"

    static let rowsPerPage = 1_000
    static let bytesPerPage = 4 << 20

    var kinds: [ByKey.Kind] { columns.map(\.kind) }

    var keyKinds: [ByKey.Kind] { key.compactMap { name in columns.first { $0.name == name }?.kind } }

    /// Of a row, in the order of the key.
    func key(of row: [SQLValue]) -> [SQLValue] {
        key.compactMap { name in columns.firstIndex { $0.name == name }.map { row[$0] } }
    }

    // MARK: Statements. `source` is what to read from, in the database in question.

    /// How long each of the next rows is, about: reading that costs nearly nothing.
    func sizes(in source: String, afterKey: Bool) -> String {
        let sizes = columns.filter { $0.kind != .integer }.map { "coalesce(length(\($0.name)), 0)" }
        return """
            SELECT \((["0"] + sizes).joined(separator: " + ")) \(following(in: source, afterKey)) \
            LIMIT \(Self.rowsPerPage)
            """
    }

    /// So many of the next rows as its last value says.
    func page(from source: String, afterKey: Bool) -> String {
        let names = columns.map(\.name).joined(separator: ", ")
        return "SELECT \(names) \(following(in: source, afterKey)) LIMIT $\(afterKey ? key.count + 1 : 1)"
    }

    func last(in source: String) -> String {
        let backwards = key.map { "\($0) DESC" }.joined(separator: ", ")
        return "SELECT \(keys) FROM \(source) WHERE \(condition) ORDER BY \(backwards) LIMIT 1"
    }

    private func following(in source: String, _ afterKey: Bool) -> String {
        let values = key.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
        let after = afterKey ? " AND (\(keys)) > (\(values))" : ""
        return "FROM \(source) WHERE \(condition)\(after) ORDER BY \(keys)"
    }

    private var keys: String { key.joined(separator: ", ") }

    private var condition: String { name == "meta" ? "name <> '\(Self.note)'" : "true" }
}
