import CSQLite
import OnewayCore
import Threads

/// The writer's connection, with what it keeps in memory: the counters and the latest id it assigned.
final class WriteSession {
    let file: StoreFile
    let db: Connection
    let limits: StoreLimits
    var counters: Counters
    var latest: InboxID
    /// Where the last step of pruning ended.
    var prunedTo = InboxID(number: 0)

    /// Who has something to do because of what changed since this was last emptied.
    var topics: Topics = []
    private let terms: LocalTerms
    private let shortener: LogShortener
    private let logPagesMax: Int
    let pageBytes: Int
    private var committed: Counters

    init(_ file: StoreFile, limits: StoreLimits, terms: LocalTerms) throws(StoreError) {
        self.terms = terms
        if let loss = file.loss { throw loss }
        self.file = file
        db = try Connection(path: file.path, .write)
        self.limits = limits
        try db.execute(
            """
            PRAGMA page_size = \(Self.pageBytes);
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = FULL;
            PRAGMA journal_size_limit = \(Self.logBytesKept);
            PRAGMA cache_size = -\(Self.cacheKilobytesMax);
            PRAGMA temp_store = MEMORY;
            """
        )
        db.watchLog()
        try Schema.migrate(db)
        counters = try Self.counters(in: db)
        committed = counters
        if !(try db.prepare(SQL.counters).rows { $0.text(0) }).contains(Counters.Name.opportunitiesKnown.name) {
            counters[.opportunitiesKnown] = try db.opportunitiesKnown()
        }
        shortener = try LogShortener(path: file.path)
        pageBytes = try db.prepare("PRAGMA page_size").row { row in Int(row.integer(0)) } ?? Self.pageBytes
        logPagesMax = Self.logBytesMax / pageBytes
        latest = InboxID(number: try db.prepare(SQL.inboxLatest).row { row in row.integer(0) } ?? 0)
        let reusable = try freeBytesInFile()
        file.reusable.withLock { $0 = reusable }
    }

    deinit { shortener.close() }

    func check(_ term: Term) throws(StoreError) { try terms.check(term) }

    /// Of a new file; another keeps the size it has. A body of 2 KB, which is usual, leaves half of a page of 4 KB empty.
    static let pageBytes = 8_192
    static let logBytesMax = 4 << 20
    static let logBytesKept = 32 << 20
    /// Outlives commits, unlike a reader's: most of what a step changes is found here.
    static let cacheKilobytesMax = 5_000

    /// Runs `body` in one transaction. If it throws, nothing of it remains.
    func transaction<Result>(_ body: () throws(StoreError) -> Result) throws(StoreError) -> Result {
        let before = (counters, latest)
        do throws(StoreError) {
            try db.prepare("BEGIN IMMEDIATE").run()
            let result = try body()
            try saveCounters()
            try db.prepare("COMMIT").run()
            committed = counters
            return result
        } catch {
            (counters, latest) = before
            if db.inTransaction { try? db.prepare("ROLLBACK").run() }
            throw error
        }
    }

    /// Runs a part of the transaction that may fail alone.
    func part<Result>(_ body: () throws(StoreError) -> Result) throws(StoreError) -> Result {
        let before = counters
        try db.prepare("SAVEPOINT part").run()
        do throws(StoreError) {
            let result = try body()
            try db.prepare("RELEASE part").run()
            return result
        } catch {
            guard db.inTransaction else { throw error }
            try db.prepare("ROLLBACK TO part").run()
            try db.prepare("RELEASE part").run()
            counters = before
            throw error
        }
    }

    /// Copies the log into the file once it is long. Calls that are answered already do not wait for it.
    func shortenLog() throws(StoreError) {
        guard shortener.isWriterNeeded(pages: db.logPages, pagesMax: logPagesMax) else { return }
        _ = try db.checkpoint(SQLITE_CHECKPOINT_PASSIVE)
    }

    func emptyLog() throws(StoreError) {
        guard try db.checkpoint(SQLITE_CHECKPOINT_TRUNCATE).isComplete else {
            throw StoreError(.unavailable, "the log cannot be emptied while a reader is active")
        }
    }

    func probe() throws(StoreError) {
        try transaction { () throws(StoreError) in
            try db.prepare(SQL.metaSet).run([.text("probed"), .blob([])])
        }
    }

    private func saveCounters() throws(StoreError) {
        let save = try db.prepare(SQL.counterSet)
        for counter in counters.changes(since: committed) {
            try save.run([.text(counter.name), .integer(counters[counter])])
        }
    }

    static func counters(in db: Connection) throws(StoreError) -> Counters {
        let names = Dictionary(uniqueKeysWithValues: Counters.Name.allCases.map { ($0.name, $0) })
        var counters = Counters()
        let rows = try db.prepare(SQL.counters).rows { row in (row.text(0), row.integer(1)) }
        for (name, value) in rows {
            if let counter = names[name] { counters[counter] = value }
        }
        return counters
    }
}
