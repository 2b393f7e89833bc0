/// The tables, as numbered steps forward. A released step is never edited: another is appended.
enum Schema {
    static let steps: [String] = [first]

    static var version: Int64 { Int64(steps.count) }

    /// Bodies lie apart from what lists and filters read, and what is still to be applied is a short table of its own,
    /// so that applying and listing never rewrite or read past a body.
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
            body_bytes INTEGER NOT NULL
        );
        CREATE UNIQUE INDEX inbox_identity ON inbox (identity);
        CREATE INDEX inbox_outcome ON inbox (outcome, id);
        CREATE INDEX inbox_opportunity ON inbox (opportunity, id) WHERE opportunity IS NOT NULL;

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

        CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
        CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL);
        """

    /// Brings the file to this version, each step in a transaction of its own.
    static func migrate(_ connection: Connection) throws(StoreError) {
        let found = try version(of: connection)
        guard found <= version else {
            throw StoreError(.newerSchema, "the store has schema \(found), this Oneway knows \(version)")
        }
        for number in Int(found)..<Int(version) {
            try connection.execute("BEGIN IMMEDIATE; \(steps[number]); PRAGMA user_version = \(number + 1); COMMIT;")
        }
    }

    static func version(of connection: Connection) throws(StoreError) -> Int64 {
        try connection.prepare("PRAGMA user_version").row { row in row.integer(0) } ?? 0
    }
}
