import OnewayCore

/// A table whose rows are saved in sets: one statement for as many as there are.
struct DatabaseTable: Sendable {
    private let columns: [ByKey.Kind]
    private let key: [ByKey.Kind]
    let insert: String
    let upsert: String
    let update: String
    let delete: String

    /// - Parameters:
    ///   - columns: In the order of the values.
    ///   - key: Those of them that make the key; the statements for deleting take only these, in this order.
    init(_ name: String, _ columns: [(name: String, kind: ByKey.Kind)], key: [String]) {
        self.columns = columns.map(\.kind)
        let keys = columns.filter { key.contains($0.name) }
        self.key = keys.map(\.kind)
        let names = columns.map(\.name).joined(separator: ", ")
        let rest = columns.map(\.name).filter { !key.contains($0) }
        insert = "INSERT INTO \(name) (\(names)) SELECT * FROM unnest(\(Self.arrays(columns.map(\.kind))))"
        let excluded = rest.map { "\($0) = excluded.\($0)" }.joined(separator: ", ")
        upsert =
            insert + " ON CONFLICT (\(key.joined(separator: ", "))) DO "
            + (rest.isEmpty ? "NOTHING" : "UPDATE SET \(excluded)")
        let isSame = key.map { "\(name).\($0) = given.\($0)" }.joined(separator: " AND ")
        let given = rest.map { "\($0) = given.\($0)" }.joined(separator: ", ")
        update = """
            UPDATE \(name) SET \(given) FROM unnest(\(Self.arrays(columns.map(\.kind)))) AS given (\(names)) WHERE \(isSame)
            """
        delete = """
            DELETE FROM \(name) USING unnest(\(Self.arrays(keys.map(\.kind)))) AS given \
            (\(keys.map(\.name).joined(separator: ", "))) WHERE \(isSame)
            """
    }

    static func arrays(_ kinds: [ByKey.Kind]) -> String {
        kinds.enumerated().map { "$\($0 + 1)::\($1.rawValue)[]" }.joined(separator: ", ")
    }

    func query(_ sql: KeyPath<Self, String>, _ rows: [[SQLValue]]) -> [DatabaseQuery] {
        if rows.isEmpty { return [] }
        let sql = self[keyPath: sql]
        return [DatabaseQuery(sql, columns: sql == delete ? key : columns, rows: rows)]
    }
}

extension DatabaseTable {
    private static let record: [(String, ByKey.Kind)] = [("entity", .text), ("id", .blob)]

    /// In the order of `InboxRow.values`, followed by what never changes.
    static let inbox = DatabaseTable(
        "inbox",
        [
            ("outcome", .text), ("message", .text), ("entity", .text), ("record", .blob), ("opportunity", .blob),
            ("code", .text), ("reasons", .text), ("body_bytes", .integer), ("gives_way", .integer), ("id", .integer),
            ("identity", .blob), ("received_at", .integer),
        ],
        key: ["id"]
    )
    static let body = DatabaseTable(
        "body",
        [("id", .integer), ("plain_bytes", .integer), ("bytes", .blob)],
        key: ["id"]
    )
    static let unapplied = DatabaseTable(
        "unapplied",
        [("id", .integer), ("since", .integer), ("body_bytes", .integer)],
        key: ["id"]
    )
    static let inboxOpportunity = DatabaseTable(
        "inbox_opportunity",
        [("opportunity", .blob), ("id", .integer)],
        key: ["opportunity", "id"]
    )
    static let mirror = DatabaseTable("mirror", record + [("record", .blob)], key: ["entity", "id"])
    static let edge = DatabaseTable(
        "edge",
        record + [("attribute", .text), ("to_entity", .text), ("to_id", .blob)],
        key: ["entity", "id", "attribute"]
    )
    /// All edges of a record.
    static let edges = DatabaseTable("edge", record, key: ["entity", "id"])
    static let opportunityName = DatabaseTable("opportunity_name", [("id", .blob), ("name", .text)], key: ["id"])
    static let stale = DatabaseTable(
        "stale",
        record + [("after", .blob), ("lane", .integer)],
        key: ["entity", "id"]
    )
    static let outbox = DatabaseTable("outbox", SQL.outboxTable, key: ["kind", "key"])
    static let lead = DatabaseTable(
        "lead",
        [("value", .text), ("id", .integer), ("asked_at", .integer), ("misses", .integer)],
        key: ["value"]
    )
    static let refusal = DatabaseTable(
        "refusal",
        [
            ("id", .integer), ("door", .text), ("who", .text), ("opportunity", .blob), ("at", .integer),
            ("count", .integer), ("allowed", .integer),
        ],
        key: ["id"]
    )
    static let job = DatabaseTable(
        "job",
        [
            ("kind", .text), ("name", .text), ("state", .text), ("work", .blob), ("cursor", .text), ("counts", .text),
            ("started_at", .integer), ("ended_at", .integer), ("message", .text),
        ],
        key: ["kind", "name"]
    )
    static let question = DatabaseTable(
        "question",
        record + [
            ("reason", .text), ("next_at", .integer), ("attempts", .integer), ("asked_at", .integer),
            ("answer", .text),
        ],
        key: ["entity", "id"]
    )
    static let event = DatabaseTable(
        "event",
        [
            ("number", .integer), ("subject", .blob), ("at", .integer), ("kind", .text), ("key", .text),
            ("what", .text),
            ("version", .integer), ("change", .blob), ("sent_at", .integer), ("code", .text), ("message", .text),
            ("request_id", .text),
        ],
        key: ["number"]
    )
    /// All events of a record.
    static let eventsOf = DatabaseTable(
        "event",
        [("subject", .blob), ("kind", .text), ("key", .text)],
        key: ["subject", "kind", "key"]
    )
    static let meta = DatabaseTable("meta", [("name", .text), ("value", .blob)], key: ["name"])
}
