import CSQLite
import Glibc

/// One connection to one SQLite file, with its prepared statements.
@safe final class Connection: @unchecked Sendable {
    // @unchecked is right because a connection belongs to one thread at a time: the one that opens it, and from then on
    // the writer's, the shortener's or a reader's, to which it is handed over. SQLite's own mutexes are therefore off.
    private let handle: OpaquePointer
    private let pages: UnsafeMutablePointer<Int32>
    private var statements: [String: Statement] = [:]

    enum Mode {
        case write, read

        fileprivate var flags: Int32 {
            switch self {
            case .write: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
            case .read: SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX
            }
        }
    }

    init(path: String, _ mode: Mode) throws(StoreError) {
        var opened: OpaquePointer?
        let code = unsafe sqlite3_open_v2(path, &opened, mode.flags, nil)
        guard code == SQLITE_OK, let opened = unsafe opened else {
            unsafe sqlite3_close_v2(opened)
            throw StoreError(sqlite: code)
        }
        unsafe handle = opened
        unsafe sqlite3_extended_result_codes(handle, 1)
        unsafe sqlite3_busy_timeout(handle, Self.busyMillisecondsMax)
        unsafe pages = .allocate(capacity: 1)
        unsafe pages.initialize(to: 0)
    }

    private static let busyMillisecondsMax: Int32 = 5_000

    deinit {
        for statement in statements.values { statement.finalize() }
        unsafe sqlite3_close_v2(handle)
        unsafe pages.deallocate()
    }

    private static let noteLogPages:
        @convention(c) (UnsafeMutableRawPointer?, OpaquePointer?, UnsafePointer<CChar>?, Int32) -> Int32 = {
            unsafe $0?.storeBytes(of: $3, as: Int32.self)
            return SQLITE_OK
        }

    /// Runs statements that take no values and return nothing.
    func execute(_ sql: String) throws(StoreError) {
        let code = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw StoreError(sqlite: code) }
    }

    /// The statement of this text, prepared once. Fetch it once per batch, before the loop.
    func prepare(_ sql: String) throws(StoreError) -> Statement {
        if let known = statements[sql] { return known }
        var prepared: OpaquePointer?
        let code = unsafe sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
        guard code == SQLITE_OK, let prepared = unsafe prepared else { throw StoreError(sqlite: code) }
        let statement = unsafe Statement(handle: prepared)
        statements[sql] = statement
        return statement
    }

    /// Rows that the last statement inserted, changed or deleted.
    var changes: Int { unsafe Int(sqlite3_changes(handle)) }

    /// False once SQLite has rolled the transaction back on its own, as it does when the disk fails.
    var inTransaction: Bool { unsafe sqlite3_get_autocommit(handle) == 0 }

    /// From now on Oneway checkpoints the log itself, so that callers waiting for a commit do not wait for that too.
    /// This replaces SQLite's automatic checkpoint: both use the same hook.
    func watchLog() { unsafe sqlite3_wal_hook(handle, Self.noteLogPages, pages) }

    /// Pages in the log after the last commit, including those that are in the file already.
    var logPages: Int { unsafe Int(pages.pointee) }

    /// Copies the log into the file, and returns how many of its pages are in the file now. A reader may keep it from
    /// being complete.
    func checkpoint(_ mode: Int32) throws(StoreError) -> (copied: Int, isComplete: Bool) {
        var logged: Int32 = 0
        var copied: Int32 = 0
        let code = unsafe sqlite3_wal_checkpoint_v2(handle, nil, mode, &logged, &copied)
        guard code == SQLITE_OK || code & 0xff == SQLITE_BUSY else { throw StoreError(sqlite: code) }
        return (Int(copied), code == SQLITE_OK && logged == copied)
    }
}

extension StoreError {
    init(sqlite code: Int32) {
        let kind: Kind =
            switch code & 0xff {
            case SQLITE_FULL: .diskFull
            case SQLITE_CORRUPT, SQLITE_NOTADB: .corrupt
            case SQLITE_CONSTRAINT, SQLITE_TOOBIG, SQLITE_MISMATCH, SQLITE_RANGE: .invalid
            default: .unavailable
            }
        // The text of the code, never the text of the error, which may contain data of a row.
        self.init(kind, unsafe "SQLite \(code), \(String(cString: sqlite3_errstr(code)))")
    }
}
