/// The statements of the SQL stores. Values are `$1`, `$2`, ... in the order of their first use, which SQLite and
/// PostgreSQL read alike.
enum SQL {
    static let inboxInsert = """
        INSERT INTO inbox (outcome, message, entity, record, opportunity, code, reasons, body_bytes, gives_way, id,
            identity, received_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        """
    static let inboxUpdate = """
        UPDATE inbox SET outcome = $1, message = $2, entity = $3, record = $4, opportunity = $5, code = $6,
            reasons = $7, body_bytes = $8, gives_way = $9
        WHERE id = $10
        """
    static let inboxDelete = "DELETE FROM inbox WHERE id = $1"
    static let inboxLatest = "SELECT max(id) FROM inbox"
    static let bodySet = """
        INSERT INTO body (id, plain_bytes, bytes) VALUES ($1, $2, $3)
        ON CONFLICT (id) DO UPDATE SET plain_bytes = excluded.plain_bytes, bytes = excluded.bytes
        """
    static let bodyDelete = "DELETE FROM body WHERE id = $1"
    static let bodyOf = "SELECT plain_bytes, bytes FROM body WHERE id = $1"

    static let inboxColumns = """
        id, received_at, outcome, message, entity, record, opportunity, code, reasons, body_bytes
        """
    static let inboxRow = """
        SELECT \(inboxColumns), identity, gives_way, (SELECT since FROM unapplied WHERE unapplied.id = inbox.id)
        FROM inbox
        """
    static let inboxByIdentity = ByKey(inboxRow, [("identity", .blob)])
    static let inboxByID = ByKey(inboxRow, [("id", .integer)])
    static let inboxOldest = "\(inboxRow) WHERE id > $1 ORDER BY id LIMIT $2"
    static let inboxGivingWay = "\(inboxRow) WHERE outcome = $1 AND gives_way = 1 ORDER BY id"
    static let inboxItem = "SELECT \(inboxColumns) FROM inbox WHERE id = $1"
    static let inboxList = """
        SELECT \(inboxColumns) FROM inbox WHERE id >= $1 AND id < $2 ORDER BY id DESC LIMIT $3
        """
    static let inboxListOfOutcome = """
        SELECT \(inboxColumns) FROM inbox WHERE id >= $1 AND id < $2 AND outcome = $3 ORDER BY id DESC LIMIT $4
        """
    static let inboxListOfOpportunity = """
        SELECT \(inboxColumns) FROM inbox
        WHERE id IN (SELECT id FROM inbox_opportunity WHERE opportunity = $1 AND id >= $2 AND id < $3)
        ORDER BY id DESC LIMIT $4
        """
    static let inboxListOfOpportunityAndOutcome = """
        SELECT \(inboxColumns) FROM inbox
        WHERE id IN (SELECT id FROM inbox_opportunity WHERE opportunity = $1 AND id >= $2 AND id < $3)
            AND coalesce(outcome, '') = $4
        ORDER BY id DESC LIMIT $5
        """
    /// Only the newest unapplied notifications are searched.
    static let inboxUnappliedOfOpportunity = """
        SELECT \(inboxColumns) FROM inbox
        WHERE id IN (SELECT id FROM unapplied WHERE id >= $1 AND id < $2 ORDER BY id DESC LIMIT $3)
            AND opportunity = $4
        ORDER BY id DESC
        """
    static let opportunitySet = """
        INSERT INTO inbox_opportunity (opportunity, id) VALUES ($1, $2) ON CONFLICT (opportunity, id) DO NOTHING
        """
    static let opportunityDelete = "DELETE FROM inbox_opportunity WHERE opportunity = $1 AND id = $2"

    static let unappliedSet = """
        INSERT INTO unapplied (id, since, body_bytes) VALUES ($1, $2, $3)
        ON CONFLICT (id) DO UPDATE SET since = excluded.since, body_bytes = excluded.body_bytes
        """
    static let unappliedDelete = "DELETE FROM unapplied WHERE id = $1"
    static let unappliedSince = "SELECT since FROM unapplied ORDER BY id LIMIT 1"

    static let entryColumns = "inbox.id, received_at, outcome, record, since, plain_bytes, bytes"
    static let unappliedNext = """
        SELECT \(entryColumns)
        FROM unapplied JOIN inbox ON inbox.id = unapplied.id JOIN body ON body.id = unapplied.id
        ORDER BY unapplied.id LIMIT $1
        """
    /// The bodies of unapplied notifications are not read.
    private static let entries = """
        SELECT \(entryColumns)
        FROM inbox LEFT JOIN unapplied ON unapplied.id = inbox.id
            LEFT JOIN body ON body.id = inbox.id AND unapplied.id IS NULL
        """
    static let inboxAfter = "\(entries) WHERE inbox.id > $1 ORDER BY inbox.id LIMIT $2"
    static let inboxBefore = "\(entries) WHERE inbox.id < $1 ORDER BY inbox.id DESC LIMIT $2"

    private static let record: [(String, ByKey.Kind)] = [("entity", .text), ("id", .blob)]
    static let mirrorGet = ByKey("SELECT record FROM mirror", record)
    static let mirrorKnown = ByKey("SELECT entity, id FROM mirror", record)
    static let mirrorSet = """
        INSERT INTO mirror (entity, id, record) VALUES ($1, $2, $3)
        ON CONFLICT (entity, id) DO UPDATE SET record = excluded.record
        """
    static let mirrorList = "SELECT id, record FROM mirror WHERE entity = $1 AND id > $2 ORDER BY id LIMIT $3"
    static let nameSet = """
        INSERT INTO opportunity_name (id, name) VALUES ($1, $2)
        ON CONFLICT (id) DO UPDATE SET name = excluded.name WHERE opportunity_name.name <> excluded.name
        """
    static let nameDelete = "DELETE FROM opportunity_name WHERE id = $1"
    static let namesFrom = """
        SELECT id FROM opportunity_name WHERE name >= $1 AND name < $2 ORDER BY name, id LIMIT $3
        """
    static let mirrorDelete = "DELETE FROM mirror WHERE entity = $1 AND id = $2"
    static let edgesDelete = "DELETE FROM edge WHERE entity = $1 AND id = $2"
    static let edgesOf = ByKey("SELECT entity, id, attribute, to_entity, to_id FROM edge", record)
    static let edgeSet = """
        INSERT INTO edge (entity, id, attribute, to_entity, to_id) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (entity, id, attribute) DO UPDATE SET to_entity = excluded.to_entity, to_id = excluded.to_id
        """
    static let edgeDelete = "DELETE FROM edge WHERE entity = $1 AND id = $2 AND attribute = $3"
    static let edgesBack = """
        SELECT DISTINCT id FROM edge WHERE to_entity = $1 AND to_id = $2 AND entity = $3 AND id > $4
        ORDER BY id LIMIT $5
        """

    static let staleSet = """
        INSERT INTO stale (entity, id, after, lane) VALUES ($1, $2, $3, $4)
        ON CONFLICT (entity, id) DO UPDATE SET after = excluded.after, lane = excluded.lane
        """
    static let staleGet = ByKey("SELECT entity, id, after, lane FROM stale", record)
    static let staleDelete = "DELETE FROM stale WHERE entity = $1 AND id = $2"
    static let staleNext = "SELECT id, after, lane FROM stale WHERE entity = $1 ORDER BY id LIMIT $2"

    static let refusalSet = """
        INSERT INTO refusal (id, door, who, opportunity, at, count, allowed) VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (id) DO UPDATE SET at = excluded.at, count = excluded.count, allowed = excluded.allowed
        """
    static let refusalDelete = "DELETE FROM refusal WHERE id = $1"
    private static let refusal = "SELECT id, at, door, who, opportunity, count, allowed FROM refusal"
    static let refusalGet = ByKey(refusal, [("door", .text), ("who", .text), ("opportunity", .blob)])
    static let refusalsOf = "\(refusal) WHERE opportunity = $1"
    static let refusalsOldest = "\(refusal) ORDER BY id LIMIT $1"
    static let refusalList = "\(refusal) WHERE id < $1 ORDER BY id DESC LIMIT $2"

    static let questionSet = """
        INSERT INTO question (entity, id, reason, next_at, attempts, asked_at, answer) VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (entity, id) DO UPDATE SET reason = excluded.reason, next_at = excluded.next_at,
            attempts = excluded.attempts, asked_at = excluded.asked_at, answer = excluded.answer
        """
    static let questionDelete = "DELETE FROM question WHERE entity = $1 AND id = $2"
    private static let question = "SELECT entity, id, reason, next_at, attempts, asked_at, answer FROM question"
    static let questionGet = ByKey(question, record)
    static let questionsOpen = "\(question) WHERE entity = $1 AND next_at IS NOT NULL ORDER BY next_at, id LIMIT $2"

    static let jobSet = """
        INSERT INTO job (kind, name, state, work, cursor, counts, started_at, ended_at, message)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ON CONFLICT (kind, name) DO UPDATE SET state = excluded.state, work = excluded.work, cursor = excluded.cursor,
            counts = excluded.counts, started_at = excluded.started_at, ended_at = excluded.ended_at,
            message = excluded.message
        """
    static let jobDelete = "DELETE FROM job WHERE kind = $1 AND name = $2"
    private static let job = "SELECT kind, name, state, work, cursor, counts, started_at, ended_at, message FROM job"
    static let jobGet = ByKey(job, [("kind", .text), ("name", .text)])
    static let jobs = "\(job) WHERE kind = $1 ORDER BY started_at DESC, name DESC LIMIT $2"
    static let jobsOfState = "\(job) WHERE kind = $1 AND state = $2 ORDER BY started_at DESC, name DESC LIMIT $3"
    /// A hundred at a time: the next job takes the rest.
    static let jobsEnded = """
        \(job) WHERE kind = $1 AND state <> 'running' ORDER BY started_at DESC, name DESC LIMIT 100 OFFSET $2
        """

    private static let eventColumns = """
        number, subject, at, kind, key, what, version, change, sent_at, code, message, request_id
        """
    static let eventInsert = """
        INSERT INTO event (\(eventColumns)) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        """
    static let eventsOf = "SELECT \(eventColumns) FROM event WHERE subject = $1 ORDER BY number DESC LIMIT $2"
    static let eventsOldest = "SELECT number, at FROM event ORDER BY number LIMIT $1"
    static let eventsDeleteTo = "DELETE FROM event WHERE number <= $1"
    static let eventsDeleteOf = "DELETE FROM event WHERE subject = $1 AND kind = $2 AND key = $3"

    static let counters = "SELECT name, value FROM counter"
    /// PostgreSQL keeps those of each writer.
    static let countersOfAll = "SELECT name, CAST(sum(value) AS bigint) FROM counter GROUP BY name"
    static let counterSet = """
        INSERT INTO counter (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value
        """
    static let metaGet = "SELECT value FROM meta WHERE name = $1"
    static let metaSet = """
        INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value
        """
    static let metaDelete = "DELETE FROM meta WHERE name = $1"
}
