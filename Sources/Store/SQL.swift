/// What the SQL stores say. Values are `$1`, `$2`, ... in the order of their first use, which both SQLite and
/// PostgreSQL read alike.
enum SQL {
    static let inboxInsert = """
        INSERT INTO inbox (id, identity, received_at, outcome, message, entity, record, opportunity, code, reasons,
            body_bytes)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        ON CONFLICT (identity) DO NOTHING
        """
    static let inboxByIdentity = "SELECT id, outcome FROM inbox WHERE identity = $1"
    static let inboxLatest = "SELECT max(id) FROM inbox"
    static let inboxOldest = "SELECT min(id) FROM inbox WHERE outcome = $1"
    static let inboxDelete = "DELETE FROM inbox WHERE id = $1 RETURNING outcome, body_bytes"
    static let bodyInsert = "INSERT INTO body (id, plain_bytes, bytes) VALUES ($1, $2, $3)"
    static let bodyDelete = "DELETE FROM body WHERE id = $1"
    static let bodyOf = "SELECT plain_bytes, bytes FROM body WHERE id = $1"

    static let inboxColumns = """
        id, received_at, outcome, message, entity, record, opportunity, code, reasons, body_bytes
        """
    static let inboxItem = "SELECT \(inboxColumns) FROM inbox WHERE id = $1"
    static let inboxList = """
        SELECT \(inboxColumns) FROM inbox WHERE id >= $1 AND id < $2 ORDER BY id DESC LIMIT $3
        """
    static let inboxListOfOutcome = """
        SELECT \(inboxColumns) FROM inbox WHERE id >= $1 AND id < $2 AND outcome = $3 ORDER BY id DESC LIMIT $4
        """
    static let inboxListOfOpportunity = """
        SELECT \(inboxColumns) FROM inbox
        WHERE id >= $1 AND id < $2 AND opportunity = $3 AND ($4 IS NULL OR outcome = $4)
        ORDER BY id DESC LIMIT $5
        """

    static let unappliedInsert = """
        INSERT INTO unapplied (id, since, body_bytes) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING
        """
    static let unappliedDelete = "DELETE FROM unapplied WHERE id = $1 RETURNING body_bytes"
    static let unappliedOldest = "SELECT since FROM unapplied ORDER BY id LIMIT 1"
    static let unappliedNext = """
        SELECT unapplied.id, received_at, outcome, plain_bytes, bytes
        FROM unapplied JOIN inbox ON inbox.id = unapplied.id JOIN body ON body.id = unapplied.id
        ORDER BY unapplied.id LIMIT $1
        """

    static let counters = "SELECT name, value FROM counter"
    static let counterSet = """
        INSERT INTO counter (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value
        """
    static let metaGet = "SELECT value FROM meta WHERE name = $1"
    static let metaSet = """
        INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value
        """
    static let metaDelete = "DELETE FROM meta WHERE name = $1"
}
