extension SQL {
    /// Those that no index names, then those that one does.
    private static let outboxPlain = [
        "desired", "confirmed", "version", "reasons", "held_for", "waiting_for", "attempts", "message", "request_id",
        "claim", "is_in_doubt", "lead",
    ]
    private static let outboxIndexed = [
        "opportunity", "stage", "lane", "waits_on_kind", "waits_on_key", "next_at", "pending_since", "code",
        "is_claimed",
    ]
    private static let outboxColumns = (["kind", "key"] + outboxPlain + outboxIndexed).joined(separator: ", ")
    static let outboxGet = "SELECT \(outboxColumns) FROM outbox WHERE kind = $1 AND key = $2"
    static let outboxInsert = """
        INSERT INTO outbox (\(outboxColumns))
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)
        """
    /// Names of the indexed columns only those that change: SQLite writes to every index of a column that an UPDATE
    /// names, and each is a page somewhere else.
    static func outboxUpdate(changed: [Int]) -> String {
        let columns = outboxPlain + changed.map { outboxIndexed[$0] }
        let assignments = columns.enumerated().map { "\($1) = $\($0 + 1)" }.joined(separator: ", ")
        let count = columns.count
        return "UPDATE outbox SET \(assignments) WHERE kind = $\(count + 1) AND key = $\(count + 2)"
    }
    static let outboxDue = """
        SELECT key FROM outbox WHERE kind = $1 AND lane = $2 AND next_at <= $3 ORDER BY next_at, rowid LIMIT $4
        """
    static let outboxClaimed = "SELECT kind, key FROM outbox WHERE is_claimed = 1"
    static let outboxWaitingOn = """
        SELECT kind, key FROM outbox WHERE waits_on_kind = $1 AND waits_on_key = $2 LIMIT $3
        """
    static let outboxPendingSince = "SELECT min(pending_since) FROM outbox WHERE pending_since IS NOT NULL"
    static let outboxNextDue = "SELECT min(next_at) FROM outbox WHERE kind = $1 AND lane = $2 AND next_at IS NOT NULL"

    // Lists run in the order of an index between a cursor and the last kind, so that a page never reads what it skips.
    static let outboxList = """
        SELECT \(outboxColumns) FROM outbox WHERE (kind, key) > ($1, $2) AND kind <= $3 ORDER BY kind, key LIMIT $4
        """
    static let outboxListOfStage = """
        SELECT \(outboxColumns) FROM outbox WHERE stage = $1 AND (kind, key) > ($2, $3) AND kind <= $4
        ORDER BY kind, key LIMIT $5
        """
    static let outboxListOfCode = """
        SELECT \(outboxColumns) FROM outbox WHERE code = $1 AND (kind, key) > ($2, $3) AND kind <= $4
            AND ($5 IS NULL OR stage = $5) AND ($6 IS NULL OR waiting_for = $6)
        ORDER BY kind, key LIMIT $7
        """
    static let outboxListOfParkedCode = """
        SELECT \(outboxColumns) FROM outbox WHERE stage = 'parked' AND code = $1 AND (kind, key) > ($2, $3) AND kind <= $4
        ORDER BY kind, key LIMIT $5
        """
    static let outboxListOfWaiting = """
        SELECT \(outboxColumns) FROM outbox
        WHERE stage = 'waiting' AND waiting_for = $1 AND (kind, key) > ($2, $3) AND kind <= $4
        ORDER BY kind, key LIMIT $5
        """
    static let outboxListOfOpportunity = """
        SELECT \(outboxColumns) FROM outbox WHERE opportunity = $1 AND (kind, key) > ($2, $3) AND kind <= $4
            AND ($5 IS NULL OR stage = $5) AND ($6 IS NULL OR waiting_for = $6) AND ($7 IS NULL OR code = $7)
        ORDER BY kind, key LIMIT $8
        """

    static let groupCount = """
        INSERT INTO outbox_group (stage, why, kind, count) VALUES ($1, $2, $3, $4)
        ON CONFLICT (stage, why, kind) DO UPDATE SET count = count + excluded.count
        """
    static let groupDeleteEmpty = "DELETE FROM outbox_group WHERE stage = $1 AND why = $2 AND kind = $3 AND count = 0"
    static let groups = """
        SELECT stage, why, kind, count FROM outbox_group ORDER BY count DESC, stage, why, kind LIMIT $1
        """

    static let outboxDelete = "DELETE FROM outbox WHERE kind = $1 AND key = $2"
    static let outboxRolesOf = """
        SELECT \(outboxColumns) FROM outbox WHERE kind = 'role' AND key LIKE $1 ORDER BY key
        """

    static let leadGet = "SELECT value, id, asked_at, misses FROM lead WHERE value = $1"
    static let leadSet = """
        INSERT INTO lead (value, id, asked_at, misses) VALUES ($1, $2, $3, $4)
        ON CONFLICT (value) DO UPDATE SET id = excluded.id, asked_at = excluded.asked_at, misses = excluded.misses
        """
    static let leadDelete = "DELETE FROM lead WHERE value = $1"
}
