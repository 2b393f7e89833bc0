/// The tables, as numbered migrations. A released one is never edited; a new one is appended.
enum Schema {
    static let steps: [String] = [
        first, leads, groupsAndNames, slowlyStale, mentioned, places, jobs, questions, events, coverage,
    ]

    static var version: Int64 { Int64(steps.count) }

    /// Bodies are kept apart from the columns that lists and filters read, and unapplied notifications are in a short
    /// table of their own, so that applying and listing never rewrite or read past a body. `inbox_opportunity` is
    /// filled when a notification is applied: its pages are all over the file, and accepting does not wait for that.
    private static let first = """
        CREATE TABLE inbox (
            id INTEGER PRIMARY KEY,
            identity BLOB NOT NULL,
            received_at INTEGER NOT NULL,
            outcome TEXT NOT NULL,
            message TEXT,
            entity TEXT,
            record BLOB,
            opportunity BLOB,
            code TEXT,
            reasons TEXT,
            body_bytes INTEGER NOT NULL,
            gives_way INTEGER NOT NULL
        );
        CREATE UNIQUE INDEX inbox_identity ON inbox (identity);
        CREATE INDEX inbox_outcome ON inbox (outcome, id);
        CREATE INDEX inbox_gives_way ON inbox (outcome, id) WHERE gives_way = 1;
        CREATE TABLE inbox_opportunity (
            opportunity BLOB NOT NULL,
            id INTEGER NOT NULL,
            PRIMARY KEY (opportunity, id)
        ) WITHOUT ROWID;

        CREATE TABLE body (
            id INTEGER PRIMARY KEY,
            plain_bytes INTEGER NOT NULL,
            bytes BLOB NOT NULL
        );

        CREATE TABLE unapplied (
            id INTEGER PRIMARY KEY,
            since INTEGER NOT NULL,
            body_bytes INTEGER NOT NULL
        );

        CREATE TABLE mirror (
            entity TEXT NOT NULL,
            id BLOB NOT NULL,
            record BLOB NOT NULL,
            PRIMARY KEY (entity, id)
        );

        CREATE TABLE edge (
            entity TEXT NOT NULL,
            id BLOB NOT NULL,
            attribute TEXT NOT NULL,
            to_entity TEXT NOT NULL,
            to_id BLOB NOT NULL,
            PRIMARY KEY (entity, id, attribute)
        ) WITHOUT ROWID;
        CREATE INDEX edge_back ON edge (to_entity, to_id, entity, id);

        CREATE TABLE stale (
            entity TEXT NOT NULL,
            id BLOB NOT NULL,
            after BLOB,
            PRIMARY KEY (entity, id)
        ) WITHOUT ROWID;

        CREATE TABLE outbox (
            kind TEXT NOT NULL,
            key TEXT NOT NULL,
            opportunity BLOB,
            desired BLOB,
            confirmed BLOB,
            version INTEGER NOT NULL,
            stage TEXT NOT NULL,
            lane INTEGER NOT NULL,
            reasons TEXT,
            held_for TEXT,
            waiting_for TEXT,
            waits_on_kind TEXT,
            waits_on_key TEXT,
            attempts INTEGER NOT NULL,
            next_at INTEGER,
            pending_since INTEGER,
            code TEXT,
            message TEXT,
            request_id TEXT,
            claim INTEGER NOT NULL,
            is_claimed INTEGER NOT NULL,
            is_in_doubt INTEGER NOT NULL,
            PRIMARY KEY (kind, key)
        );
        CREATE INDEX outbox_due ON outbox (kind, lane, next_at) WHERE next_at IS NOT NULL;
        CREATE INDEX outbox_stage ON outbox (stage, kind, key);
        CREATE INDEX outbox_code ON outbox (code, kind, key) WHERE code IS NOT NULL;
        CREATE INDEX outbox_opportunity ON outbox (opportunity, kind, key) WHERE opportunity IS NOT NULL;
        CREATE INDEX outbox_pending ON outbox (pending_since) WHERE pending_since IS NOT NULL;
        CREATE INDEX outbox_waits_on ON outbox (waits_on_kind, waits_on_key) WHERE waits_on_key IS NOT NULL;

        CREATE TABLE refusal (
            id INTEGER PRIMARY KEY,
            door TEXT NOT NULL,
            who TEXT NOT NULL,
            opportunity BLOB NOT NULL,
            at INTEGER NOT NULL,
            count INTEGER NOT NULL,
            allowed INTEGER NOT NULL,
            UNIQUE (door, who, opportunity)
        );
        CREATE INDEX refusal_opportunity ON refusal (opportunity);

        CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
        CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL);
        """

    /// The lead that Marketo knows a contact as, and the records that were in flight when a run ended.
    private static let leads = """
        ALTER TABLE outbox ADD COLUMN lead INTEGER;
        CREATE INDEX outbox_claimed ON outbox (kind, key) WHERE is_claimed = 1;
        CREATE TABLE lead (
            value TEXT PRIMARY KEY,
            id INTEGER,
            asked_at INTEGER NOT NULL,
            misses INTEGER NOT NULL
        ) WITHOUT ROWID;
        """

    /// For operators: why records are parked or waiting, counted as they change, and opportunities by name. The names
    /// of existing opportunities are written when the whole mirror is projected again, which deleting the note of the
    /// last rules triggers.
    private static let groupsAndNames = """
        CREATE TABLE outbox_group (
            stage TEXT NOT NULL,
            why TEXT NOT NULL,
            kind TEXT NOT NULL,
            count INTEGER NOT NULL,
            PRIMARY KEY (stage, why, kind)
        ) WITHOUT ROWID;
        INSERT INTO outbox_group (stage, why, kind, count)
            SELECT stage, coalesce(CASE stage WHEN 'parked' THEN code ELSE waiting_for END, ''), kind, count(*)
            FROM outbox WHERE stage IN ('parked', 'waiting') GROUP BY 1, 2, 3;
        CREATE INDEX outbox_parked ON outbox (code, kind, key) WHERE stage = 'parked';
        CREATE INDEX outbox_waiting ON outbox (waiting_for, kind, key) WHERE stage = 'waiting';
        CREATE TABLE opportunity_name (id BLOB PRIMARY KEY, name TEXT NOT NULL) WITHOUT ROWID;
        CREATE INDEX opportunity_by_name ON opportunity_name (name, id);
        DELETE FROM meta WHERE name = 'rules';
        """

    /// Everything that an import affects stays in the slow lane to the end.
    private static let slowlyStale = "ALTER TABLE stale ADD COLUMN lane INTEGER NOT NULL DEFAULT 0;"

    /// A mirrored record can be marked as known only from a notification that said nothing else of it, and holds more
    /// about the customer, in a form that an older program cannot read. All opportunities are projected again.
    private static let mentioned = "DELETE FROM meta WHERE name = 'rules';"

    /// The order of arrival is a column of its own. Only records with a due time need it now; the rest count as the
    /// oldest.
    private static let places = """
        ALTER TABLE outbox ADD COLUMN place INTEGER NOT NULL DEFAULT 0;
        UPDATE outbox SET place = rowid WHERE next_at IS NOT NULL;
        DROP INDEX outbox_due;
        CREATE INDEX outbox_due ON outbox (kind, lane, next_at, place) WHERE next_at IS NOT NULL;
        INSERT INTO counter (name, value) SELECT 'outboxCame', coalesce(max(rowid), 0) FROM outbox;
        INSERT INTO counter (name, value) SELECT 'refusalsCame', coalesce(max(id), 0) FROM refusal;
        """

    /// Long work is rows of its own table: what earlier versions kept as notes, and as made-up records that are stale.
    /// Passes over all records begin again, which forgetting the note of the last rules makes happen.
    private static let jobs = """
        CREATE TABLE job (
            kind TEXT NOT NULL,
            name TEXT NOT NULL,
            state TEXT NOT NULL,
            work BLOB NOT NULL,
            cursor TEXT,
            counts TEXT NOT NULL,
            started_at INTEGER NOT NULL,
            ended_at INTEGER,
            message TEXT,
            PRIMARY KEY (kind, name)
        ) WITHOUT ROWID;
        CREATE INDEX job_by_start ON job (kind, started_at, name);
        INSERT INTO job (kind, name, state, work, counts, started_at)
            SELECT 'erasure', json_extract(value, '$.contact'), 'running', CAST('{}' AS BLOB), '{}',
                json_extract(value, '$.since')
            FROM json_each((SELECT CAST(value AS TEXT) FROM meta WHERE name = 'erasing'));
        INSERT INTO job (kind, name, state, work, cursor, counts, started_at, ended_at, message)
            SELECT 'replay', json_extract(job, '$.job'), json_extract(job, '$.state'), work, json_extract(job, '$.before'),
                json_object('replayed', json_extract(job, '$.replayed'), 'skipped', json_extract(job, '$.skipped')),
                strftime('%s', json_extract(job, '$.startedAt')) * 1000,
                strftime('%s', json_extract(job, '$.endedAt')) * 1000, json_extract(job, '$.message')
            FROM (
                SELECT CAST(value AS TEXT) AS job,
                    coalesce((SELECT value FROM meta WHERE name = 'replay-work'), CAST('{}' AS BLOB)) AS work
                FROM meta WHERE name = 'replay'
            );
        DELETE FROM stale WHERE entity = 'account' AND id >= X'fffffffffffffffffffffffffffffff0';
        DELETE FROM meta WHERE name IN ('erasing', 'replay', 'replay-work', 'rules');
        INSERT INTO counter (name, value) SELECT 'jobs', count(*) FROM job WHERE state = 'running';
        UPDATE counter SET value = (SELECT count(*) FROM stale) WHERE name = 'stale';
        """

    /// Records that Dynamics is asked for.
    private static let questions = """
        CREATE TABLE question (
            entity TEXT NOT NULL,
            id BLOB NOT NULL,
            reason TEXT NOT NULL,
            next_at INTEGER,
            attempts INTEGER NOT NULL,
            asked_at INTEGER,
            answer TEXT,
            PRIMARY KEY (entity, id)
        ) WITHOUT ROWID;
        CREATE INDEX question_open ON question (entity, next_at, id) WHERE next_at IS NOT NULL;
        """

    /// The known opportunities are counted in code, because SQL cannot read a mirrored record.
    private static let coverage = """
        INSERT INTO counter (name, value)
            SELECT 'opportunitiesHeld', count(*) FROM outbox WHERE kind = 'opportunity' AND confirmed IS NOT NULL;
        """

    /// What happened to the records of Marketo, in the order in which it did, and found by opportunity or account.
    private static let events = """
        ALTER TABLE outbox ADD COLUMN confirmed_at INTEGER;
        CREATE TABLE event (
            number INTEGER PRIMARY KEY,
            subject BLOB NOT NULL,
            at INTEGER NOT NULL,
            kind TEXT NOT NULL,
            key TEXT NOT NULL,
            what TEXT NOT NULL,
            version INTEGER NOT NULL,
            change BLOB,
            sent_at INTEGER,
            code TEXT,
            message TEXT,
            request_id TEXT
        );
        CREATE INDEX event_subject ON event (subject, number);
        INSERT INTO counter (name, value) VALUES ('eventsCame', 0);
        """

    /// Brings the file to this version, each step in a transaction of its own.
    static func migrate(_ connection: Connection) throws(StoreError) {
        let found = try version(of: connection)
        guard found <= version else {
            throw StoreError(.newerSchema, "the store has schema \(found), this Oneway supports \(version)")
        }
        for number in Int(found)..<Int(version) {
            try connection.execute("BEGIN IMMEDIATE; \(steps[number]); PRAGMA user_version = \(number + 1); COMMIT;")
        }
    }

    /// Throws unless the file has exactly this version, which reading alone requires.
    static func check(_ connection: Connection) throws(StoreError) {
        let found = try version(of: connection)
        if found > version {
            throw StoreError(.newerSchema, "the store has schema \(found), this Oneway supports \(version)")
        }
        if found == 0 { throw StoreError(.corrupt, "the file is not a store") }
        if found < version {
            throw StoreError(.olderSchema, "the store has schema \(found), this Oneway reads \(version)")
        }
    }

    static func version(of connection: Connection) throws(StoreError) -> Int64 {
        try connection.prepare("PRAGMA user_version").row { row in row.integer(0) } ?? 0
    }
}
