import OnewayCore

extension SQL {
    /// The columns that are in no index, then those that are in one.
    private static let outboxPlain = [
        "desired", "confirmed", "version", "reasons", "held_for", "waiting_for", "attempts", "message", "request_id",
        "claim", "is_in_doubt", "lead", "confirmed_at",
    ]
    private static let outboxIndexed = [
        "opportunity", "stage", "lane", "waits_on_kind", "waits_on_key", "next_at", "pending_since", "code",
        "is_claimed",
    ]
    private static let outboxColumns = [["kind", "key"], outboxPlain, outboxIndexed, ["place"]].joined()
        .joined(separator: ", ")
    /// With their kinds, in the order of `OutboxItem.values`.
    static var outboxTable: [(name: String, kind: ByKey.Kind)] {
        let integers: Set = [
            "version", "attempts", "claim", "is_in_doubt", "lead", "lane", "next_at", "pending_since", "is_claimed",
            "place", "confirmed_at",
        ]
        return (["kind", "key"] + outboxPlain + outboxIndexed + ["place"]).map { column in
            if integers.contains(column) { return (column, .integer) }
            return (column, ["desired", "confirmed", "opportunity"].contains(column) ? .blob : .text)
        }
    }
    static let outboxGet = ByKey("SELECT \(outboxColumns) FROM outbox", [("kind", .text), ("key", .text)])
    static let outboxInsert = """
        INSERT INTO outbox (\(outboxColumns))
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
            $23, $24, $25)
        """
    /// Names only those indexed columns that change: SQLite writes to every index of a column that an UPDATE names, and
    /// each write touches another page.
    static func outboxUpdate(changed: [Int]) -> String {
        let columns = outboxPlain + changed.map { outboxIndexed[$0] }
        let assignments = columns.enumerated().map { "\($1) = $\($0 + 1)" }.joined(separator: ", ")
        let count = columns.count
        return "UPDATE outbox SET \(assignments) WHERE kind = $\(count + 1) AND key = $\(count + 2)"
    }
    static let outboxDue = """
        SELECT \(outboxColumns) FROM outbox WHERE kind = $1 AND lane = $2 AND next_at <= $3
        ORDER BY next_at, place LIMIT $4
        """
    static let outboxClaimed = "SELECT \(outboxColumns) FROM outbox WHERE is_claimed = 1"
    static let outboxWaitingOn = """
        SELECT \(outboxColumns) FROM outbox WHERE waits_on_kind = $1 AND waits_on_key = $2 LIMIT $3
        """
    /// For PostgreSQL, which takes many keys.
    static let outboxWaitingOnMany = """
        SELECT \(outboxColumns) FROM outbox
        WHERE (waits_on_kind, waits_on_key) IN (SELECT * FROM unnest($1::text[], $2::text[])) LIMIT $3
        """
    static let outboxOfMany = """
        SELECT \(outboxColumns) FROM outbox WHERE opportunity = ANY ($1::bytea[]) ORDER BY kind, key
        """
    static let outboxPendingSince = "SELECT min(pending_since) FROM outbox WHERE pending_since IS NOT NULL"
    static let outboxNextDue = "SELECT min(next_at) FROM outbox WHERE kind = $1 AND lane = $2 AND next_at IS NOT NULL"

    /// Lists run in the order of an index between a cursor and the last kind, so that a page never reads what it skips.
    /// The condition that selects that index comes first; the rest is hidden from the planner, which might choose
    /// another index by it. The values of the filter are followed by the cursor's kind and key, the last kind, and the
    /// limit.
    static func outboxList(_ filter: OutboxFilter) -> (sql: String, values: [SQLValue]) {
        var (conditions, values) = ([String](), [SQLValue]())
        func add(_ column: String, _ value: SQLValue) {
            values.append(value)
            conditions.append("\(values.count == 1 ? column : "coalesce(\(column), '')") = $\(values.count)")
        }
        // The planner recognizes a partial index by its stage.
        let isOfPartialIndex =
            filter.opportunity == nil
            && (filter.stage == .parked && filter.code != nil
                || filter.stage == .waiting && filter.waitingFor != nil && filter.code == nil)
        if isOfPartialIndex, let stage = filter.stage { conditions.append("stage = '\(stage.rawValue)'") }
        if let opportunity = filter.opportunity { add("opportunity", .blob(opportunity.bytes)) }
        if let code = filter.code { add("code", .text(code)) }
        if let waitingFor = filter.waitingFor { add("waiting_for", .text(waitingFor.rawValue)) }
        if let stage = filter.stage, !isOfPartialIndex { add("stage", .text(stage.rawValue)) }
        let count = values.count
        conditions += ["(kind, key) > ($\(count + 1), $\(count + 2))", "kind <= $\(count + 3)"]
        let sql = """
            SELECT \(outboxColumns) FROM outbox WHERE \(conditions.joined(separator: " AND "))
            ORDER BY kind, key LIMIT $\(count + 4)
            """
        return (sql, values)
    }

    static let groupCount = """
        INSERT INTO outbox_group (stage, why, kind, count) VALUES ($1, $2, $3, $4)
        ON CONFLICT (stage, why, kind) DO UPDATE SET count = outbox_group.count + excluded.count
        """
    static let groupDeleteEmpty = "DELETE FROM outbox_group WHERE stage = $1 AND why = $2 AND kind = $3 AND count = 0"
    static let groups = """
        SELECT stage, why, kind, count FROM outbox_group ORDER BY count DESC, stage, why, kind LIMIT $1
        """

    static let outboxDelete = "DELETE FROM outbox WHERE kind = $1 AND key = $2"
    static let outboxRolesOf = """
        SELECT \(outboxColumns) FROM outbox WHERE kind = 'role' AND key LIKE $1 ORDER BY key
        """

    static let leadGet = ByKey("SELECT value, id, asked_at, misses FROM lead", [("value", .text)])
    static let leadSet = """
        INSERT INTO lead (value, id, asked_at, misses) VALUES ($1, $2, $3, $4)
        ON CONFLICT (value) DO UPDATE SET id = excluded.id, asked_at = excluded.asked_at, misses = excluded.misses
        """
    static let leadDelete = "DELETE FROM lead WHERE value = $1"
}
