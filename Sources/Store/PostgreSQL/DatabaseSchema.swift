/// The tables, as numbered steps: those of `Schema`, with PostgreSQL's types. A released one is never edited; a new one
/// is appended.
enum DatabaseSchema {
    static let steps: [String] = [first]

    static var version: Int64 { Int64(steps.count) }

    /// The oldest version whose programs can go on with these tables, beside newer ones and after them. A step raises it to
    /// its own number if it takes away, renames, or requires something, or lets rows say what an older version does not
    /// understand.
    static let oldest: Int64 = 1

    /// Where SQLite has `TEXT`, texts are compared by their bytes, whatever the database's collation.
    ///
    /// Counters are kept for each writer, so that writers do not wait for each other; they count in sums. `term` has one
    /// row: whoever changes anything but accepts nothing locks it, so that all such changes come one after the other.
    private static let first = """
        CREATE TABLE inbox (
            id bigint PRIMARY KEY,
            identity bytea NOT NULL,
            received_at bigint NOT NULL,
            outcome text COLLATE "C" NOT NULL,
            message text COLLATE "C",
            entity text COLLATE "C",
            record bytea,
            opportunity bytea,
            code text COLLATE "C",
            reasons text COLLATE "C",
            body_bytes bigint NOT NULL,
            gives_way bigint NOT NULL
        );
        CREATE UNIQUE INDEX inbox_identity ON inbox (identity);
        CREATE INDEX inbox_outcome ON inbox (outcome, id);
        CREATE INDEX inbox_gives_way ON inbox (outcome, id) WHERE gives_way = 1;
        CREATE TABLE inbox_opportunity (opportunity bytea NOT NULL, id bigint NOT NULL, PRIMARY KEY (opportunity, id));
        CREATE TABLE body (id bigint PRIMARY KEY, plain_bytes bigint NOT NULL, bytes bytea NOT NULL);
        -- They are compressed.
        ALTER TABLE body ALTER COLUMN bytes SET STORAGE EXTERNAL;
        CREATE TABLE unapplied (id bigint PRIMARY KEY, since bigint NOT NULL, body_bytes bigint NOT NULL);

        CREATE TABLE mirror (
            entity text COLLATE "C" NOT NULL,
            id bytea NOT NULL,
            record bytea NOT NULL,
            PRIMARY KEY (entity, id)
        );
        CREATE TABLE edge (
            entity text COLLATE "C" NOT NULL,
            id bytea NOT NULL,
            attribute text COLLATE "C" NOT NULL,
            to_entity text COLLATE "C" NOT NULL,
            to_id bytea NOT NULL,
            PRIMARY KEY (entity, id, attribute)
        );
        CREATE INDEX edge_back ON edge (to_entity, to_id, entity, id);
        CREATE TABLE search_words (
            number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            entity text COLLATE "C" NOT NULL,
            id bytea NOT NULL,
            words text COLLATE "C" NOT NULL,
            UNIQUE (entity, id)
        );
        CREATE INDEX search_words_beginning ON search_words (words, number);
        CREATE TABLE stale (
            entity text COLLATE "C" NOT NULL,
            id bytea NOT NULL,
            after bytea,
            lane bigint NOT NULL,
            PRIMARY KEY (entity, id)
        );

        CREATE TABLE outbox (
            kind text COLLATE "C" NOT NULL,
            key text COLLATE "C" NOT NULL,
            opportunity bytea,
            desired bytea,
            confirmed bytea,
            version bigint NOT NULL,
            stage text COLLATE "C" NOT NULL,
            lane bigint NOT NULL,
            reasons text COLLATE "C",
            held_for text COLLATE "C",
            waiting_for text COLLATE "C",
            waits_on_kind text COLLATE "C",
            waits_on_key text COLLATE "C",
            attempts bigint NOT NULL,
            next_at bigint,
            pending_since bigint,
            code text COLLATE "C",
            message text COLLATE "C",
            request_id text COLLATE "C",
            claim bigint NOT NULL,
            is_claimed bigint NOT NULL,
            is_in_doubt bigint NOT NULL,
            lead bigint,
            place bigint NOT NULL,
            confirmed_at bigint,
            waiting_since bigint,
            PRIMARY KEY (kind, key)
        );
        CREATE INDEX outbox_missing ON outbox (substr(key, 38, 36), key, waiting_since)
            WHERE waiting_for = 'lead' AND kind = 'role';
        CREATE INDEX outbox_due ON outbox (kind, lane, next_at, place) WHERE next_at IS NOT NULL;
        CREATE INDEX outbox_stage ON outbox (stage, kind, key);
        CREATE INDEX outbox_code ON outbox (code, kind, key) WHERE code IS NOT NULL;
        CREATE INDEX outbox_opportunity ON outbox (opportunity, kind, key) WHERE opportunity IS NOT NULL;
        CREATE INDEX outbox_pending ON outbox (pending_since) WHERE pending_since IS NOT NULL;
        CREATE INDEX outbox_waits_on ON outbox (waits_on_kind, waits_on_key) WHERE waits_on_key IS NOT NULL;
        CREATE INDEX outbox_claimed ON outbox (kind, key) WHERE is_claimed = 1;
        CREATE INDEX outbox_parked ON outbox (code, kind, key) WHERE stage = 'parked';
        CREATE INDEX outbox_waiting ON outbox (waiting_for, kind, key) WHERE stage = 'waiting';
        CREATE TABLE outbox_group (
            stage text COLLATE "C" NOT NULL,
            why text COLLATE "C" NOT NULL,
            kind text COLLATE "C" NOT NULL,
            count bigint NOT NULL,
            PRIMARY KEY (stage, why, kind)
        );
        CREATE TABLE standing (
            id bytea PRIMARY KEY,
            state text COLLATE "C" NOT NULL,
            absence text COLLATE "C",
            waiting_for text COLLATE "C",
            waiting_since bigint,
            code text COLLATE "C",
            account bytea,
            confirmed_at bigint,
            changed_at bigint NOT NULL
        );
        CREATE INDEX standing_changed ON standing (changed_at, id);
        CREATE INDEX standing_state ON standing (state, changed_at, id);
        CREATE INDEX standing_waiting ON standing (waiting_for, changed_at, id) WHERE waiting_for IS NOT NULL;
        CREATE INDEX standing_code ON standing (code, changed_at, id) WHERE code IS NOT NULL;
        CREATE INDEX standing_account ON standing (account, changed_at, id) WHERE account IS NOT NULL;
        CREATE TABLE lead (
            value text COLLATE "C" PRIMARY KEY,
            id bigint,
            asked_at bigint NOT NULL,
            misses bigint NOT NULL
        );

        CREATE TABLE refusal (
            id bigint PRIMARY KEY,
            door text COLLATE "C" NOT NULL,
            who text COLLATE "C" NOT NULL,
            opportunity bytea NOT NULL,
            at bigint NOT NULL,
            count bigint NOT NULL,
            allowed bigint NOT NULL,
            UNIQUE (door, who, opportunity)
        );
        CREATE INDEX refusal_opportunity ON refusal (opportunity);
        CREATE TABLE job (
            kind text COLLATE "C" NOT NULL,
            name text COLLATE "C" NOT NULL,
            state text COLLATE "C" NOT NULL,
            work bytea NOT NULL,
            cursor text COLLATE "C",
            counts text COLLATE "C" NOT NULL,
            started_at bigint NOT NULL,
            ended_at bigint,
            message text COLLATE "C",
            PRIMARY KEY (kind, name)
        );
        CREATE INDEX job_by_start ON job (kind, started_at, name);
        CREATE TABLE question (
            entity text COLLATE "C" NOT NULL,
            id bytea NOT NULL,
            reason text COLLATE "C" NOT NULL,
            next_at bigint,
            attempts bigint NOT NULL,
            asked_at bigint,
            answer text COLLATE "C",
            PRIMARY KEY (entity, id)
        );
        CREATE INDEX question_open ON question (entity, next_at, id) WHERE next_at IS NOT NULL;

        CREATE TABLE event (
            number bigint PRIMARY KEY,
            subject bytea NOT NULL,
            at bigint NOT NULL,
            kind text COLLATE "C" NOT NULL,
            key text COLLATE "C" NOT NULL,
            what text COLLATE "C" NOT NULL,
            version bigint NOT NULL,
            change bytea,
            sent_at bigint,
            code text COLLATE "C",
            message text COLLATE "C",
            request_id text COLLATE "C"
        );
        CREATE INDEX event_subject ON event (subject, number);

        CREATE TABLE meta (name text COLLATE "C" PRIMARY KEY, value bytea NOT NULL);
        CREATE TABLE counter (
            writer bigint NOT NULL,
            name text COLLATE "C" NOT NULL,
            value bigint NOT NULL,
            PRIMARY KEY (writer, name)
        ) WITH (fillfactor = 50);
        CREATE TABLE term (number bigint NOT NULL, replica text COLLATE "C", since timestamptz) WITH (fillfactor = 50);
        INSERT INTO term (number) VALUES (0);
        CREATE TABLE replica (
            id text COLLATE "C" PRIMARY KEY,
            name text COLLATE "C" NOT NULL,
            version text COLLATE "C" NOT NULL,
            process bigint NOT NULL,
            started_at timestamptz NOT NULL,
            heard_at timestamptz
        ) WITH (fillfactor = 50);
        """

    /// What the tables are.
    struct Found {
        /// 0: there are none.
        var version: Int64 = 0
        /// The oldest version that can go on with them.
        var oldest: Int64 = 0
    }

    /// Brings the database to this version. Of several that start at once, one does it and the others wait.
    static func migrate(
        _ connection: DatabaseConnection,
        steps: [String] = steps,
        oldest: Int64 = oldest
    ) throws(StoreError) {
        do throws(StoreError) {
            // Whoever is first may take long; but while tables change, nobody may wait for long behind a lock of others.
            try connection.execute(
                """
                BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0;
                SELECT pg_advisory_xact_lock(\(lock));
                SET LOCAL lock_timeout = '\(DatabaseConnection.lockSecondsMax)s'
                """
            )
            let found = try found(in: connection)
            if found.version < steps.count {
                try connection.execute(
                    "CREATE TABLE IF NOT EXISTS schema_version (version bigint NOT NULL, oldest bigint NOT NULL)"
                )
                if found.version > 0, found.version < oldest { try endOlder(connection) }
                for step in steps[Int(found.version)...] { try connection.execute(step) }
                try connection.execute(
                    """
                    DELETE FROM schema_version;
                    INSERT INTO schema_version (version, oldest) VALUES (\(steps.count), \(oldest))
                    """
                )
            } else if found.oldest > steps.count {
                throw newer(found)
            }
            try connection.makeTrigrams()
            try connection.execute("COMMIT")
        } catch {
            _ = try? connection.execute("ROLLBACK")
            throw error
        }
    }

    /// Ends the sessions of programs that cannot go on: of all that write or lead, by the locks that they have. They may
    /// connect again, and then look at the version, which they cannot read before the new tables are there.
    private static func endOlder(_ connection: DatabaseConnection) throws(StoreError) {
        try connection.execute("LOCK TABLE schema_version IN ACCESS EXCLUSIVE MODE")
        let ended = """
            SELECT string_agg(pid::text, ',') FROM (
                SELECT pid, pg_terminate_backend(pid) FROM pg_locks
                WHERE locktype = 'advisory' AND pid <> pg_backend_pid()
                    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                    AND (classid::bigint << 32 | objid::bigint) >> 16 = 'term'::regclass::oid::bigint
            ) AS ended
            """
        guard let processes = try connection.execute(ended).first, !processes.isEmpty else { return }
        let left = "SELECT count(*) FROM pg_locks WHERE pid IN (\(processes))"
        while try connection.execute(left).first != "0" { try connection.execute("SELECT pg_sleep(0.05)") }
    }

    /// Throws where this program cannot go on with what a newer one has made of the tables. To be asked after a session has
    /// taken its lock, by which a newer program ends it.
    static func admit(_ connection: DatabaseConnection) throws(StoreError) {
        let found = try found(in: connection)
        if found.oldest > version { throw newer(found) }
    }

    /// Throws unless the tables can be read, which nobody migrates for that.
    static func check(_ connection: DatabaseConnection) throws(StoreError) {
        let found = try found(in: connection)
        if found.oldest > version { throw newer(found) }
        if found.version == 0 {
            throw StoreError(.corrupt, "the database has no tables of Oneway; the service creates them")
        }
        if found.version < version {
            throw StoreError(.olderSchema, "the database has schema \(found.version), this Oneway reads \(version)")
        }
    }

    /// The same, where whatever a newer program may have added would be lost.
    static func checkIsOurs(_ connection: DatabaseConnection) throws(StoreError) {
        try check(connection)
        let found = try found(in: connection)
        if found.version > version { throw newer(found) }
    }

    static func found(in connection: DatabaseConnection) throws(StoreError) -> Found {
        let isThere = try connection.execute("SELECT to_regclass('schema_version') IS NOT NULL").first == "t"
        guard isThere else { return Found() }
        let numbers = try connection.execute("SELECT version, oldest FROM schema_version").compactMap { Int64($0) }
        return numbers.count == 2 ? Found(version: numbers[0], oldest: numbers[1]) : Found()
    }

    private static func newer(_ found: Found) -> StoreError {
        let says = "the database has schema \(found.version), which needs a newer Oneway; this one supports \(version)"
        return StoreError(.newerSchema, says)
    }

    /// Any number that no other program uses for its locks.
    private static let lock: Int64 = 0x6f6e_6577_6179
}
