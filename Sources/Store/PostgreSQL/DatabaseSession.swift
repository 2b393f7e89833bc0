import OnewayCore

/// A writer's connection. It owns a number for as long as it lives, under which it counts and assigns ids.
final class DatabaseSession: SQLRows {
    let db: DatabaseConnection
    let limits: StoreLimits
    let writer: Int64
    /// Everybody's, as of the beginning of the transaction, with what it has changed since.
    private(set) var counters = Counters()
    var latest: InboxID
    var prunedTo = InboxID(number: 0)

    /// What this writer has counted, as of its last commit.
    private(set) var counted: Counters
    private var change = Counters()
    private(set) var topics: Topics = []
    private var term = Term(number: 0)

    static let writersMax: Int64 = 128

    init(_ db: DatabaseConnection, limits: StoreLimits) throws(StoreError) {
        (self.db, self.limits) = (db, limits)
        try StoreMove.refusePart(db)
        writer = try Self.number(in: db)
        try DatabaseSchema.admit(db)
        counted = Counters()
        let newest = try db.row(SQL.inboxLatest) { row in row.integer(0) } ?? 0
        latest = InboxID(latest: newest, writer: writer)
        for (writer, counters) in try db.counters() where writer == self.writer { counted = counters }
    }

    /// The lowest that no other session has. The lock ends with the session.
    private static func number(in db: DatabaseConnection) throws(StoreError) -> Int64 {
        let sql = """
            SELECT number FROM generate_series(0, \(writersMax - 1)) AS number
            WHERE pg_try_advisory_lock(\(DatabaseLock.writer("number"))) LIMIT 1
            """
        guard let number = try db.row(sql, read: { row in row.integer(0) }) else {
            throw StoreError(
                .unavailable,
                "\(writersMax) sessions write to the database already, or `oneway migrate-store` works with it"
            )
        }
        return number
    }

    /// Runs `body` in a transaction; a step comes after all steps before it, whoever made them.
    func transaction<Result>(
        _ kind: Kind,
        _ body: (DatabaseSession) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        let before = (latest, prunedTo)
        (change, topics) = (Counters(), [])
        do throws(StoreError) {
            try begin(kind)
            let result = try body(self)
            try commit()
            return result
        } catch {
            (latest, prunedTo) = before
            (topics, db.pending) = ([], [])
            // What failed is still known afterwards.
            let state = db.lastState
            if !db.isLost { _ = try? db.run(DatabaseQuery("ROLLBACK")) }
            db.lastState = state
            throw error
        }
    }

    enum Kind { case append, step }

    private func begin(_ kind: Kind) throws(StoreError) {
        db.lastState = ""
        var queries = [DatabaseQuery("BEGIN")]
        // In statements of their own: what follows a lock is to see what was committed before.
        if kind == .step { queries.append(DatabaseQuery("SELECT number FROM term FOR UPDATE")) }
        queries.append(DatabaseQuery(SQL.countersOfAll))
        let results = try db.run(queries)
        if kind == .step, results.count == 3 { term = Term(number: results[1].rows.first?.integer(0) ?? -1) }
        counters = Counters(results.last?.rows ?? [], name: 0)
    }

    private func commit() throws(StoreError) {
        let names = change.changes(since: Counters())
        var queries: [DatabaseQuery] = []
        if !names.isEmpty {
            queries.append(
                DatabaseQuery(
                    SQL.countersAdd,
                    [(.text, names.map { .text($0.name) }), (.integer, names.map { .integer(change[$0]) })],
                    and: [.integer(writer)]
                )
            )
        }
        try db.run(queries + [DatabaseQuery("COMMIT")])
        counted += change
    }

    func check(_ term: Term) throws(StoreError) {
        if term != self.term { throw .notLeader }
    }

    func save(_ changes: Changes) throws(StoreError) {
        // With what is read next, or with the commit: it fails there, and nothing after it is done.
        db.pending += queries(changes)
        for change in changes.inbox where change.before == nil {
            if let row = change.after { latest = max(latest, row.id) }
        }
        counters += changes.counted
        change += changes.counted
        topics.formUnion(changes.topics)
    }
}

/// The keys of advisory locks. They contain the number of a table, because two installations may share a database.
enum DatabaseLock {
    static func writer(_ number: String) -> String { "('term'::regclass::oid::bigint << 16) | \(number)" }

    static let leader = "('term'::regclass::oid::bigint << 16) | 32768"
}

extension SQL {
    static let countersByWriter = "SELECT writer, name, value FROM counter"
    static let countersAdd = """
        INSERT INTO counter (writer, name, value) SELECT $3, * FROM unnest($1::text[], $2::bigint[])
        ON CONFLICT (writer, name) DO UPDATE SET value = counter.value + excluded.value
        """
}

extension DatabaseConnection {
    /// What each writer has counted.
    func counters() throws(StoreError) -> [Int64: Counters] {
        let rows = try run(DatabaseQuery(SQL.countersByWriter)).rows
        return Dictionary(grouping: rows) { $0.integer(0) }.mapValues { Counters($0, name: 1) }
    }
}

extension Counters {
    private static let names = Dictionary(uniqueKeysWithValues: Name.allCases.map { ($0.name, $0) })

    /// - Parameter name: The column of the names; the values are in the next one.
    init(_ rows: [DatabaseRow], name: Int32) {
        self.init()
        for row in rows {
            if let counter = Self.names[row.text(name)] { self[counter] = row.integer(name + 1) }
        }
    }
}
