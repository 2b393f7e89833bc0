import CPostgres
import Glibc

/// One session of a PostgreSQL server, with its prepared statements. All its calls block: for threads of our own.
@safe final class DatabaseConnection: @unchecked Sendable {
    // @unchecked is right because a connection belongs to one thread at a time: the one that opens it, and from then on
    // a writer's, a reader's or the watch's, to which it is handed over.
    let handle: OpaquePointer
    /// The names of the statements that the server knows, by their text.
    var statements: [String: String] = [:]
    /// Sent before the next statements, in the same round trip.
    var pending: [DatabaseQuery] = []
    /// The SQLSTATE of the last failure.
    var lastState = ""
    /// The longest that the server may take to answer; nil: as long as it lives. (A commit may have to wait for a standby.)
    var secondsMax: Int?
    private(set) var isGivenUp = false
    let secondsOfSilenceMax: Int
    /// Tests count them.
    var roundTrips = 0
    private(set) var serverVersion = 0

    /// - Parameter name: What administrators see in `pg_stat_activity`.
    init(_ address: DatabaseAddress, name: String) throws(StoreError) {
        secondsOfSilenceMax = address.secondsOfSilenceMax
        unsafe handle = try address.connect(name: name)
        // The server's notices would go to the standard error as they are.
        unsafe PQsetNoticeProcessor(handle, { _, _ in }, nil)
        serverVersion = unsafe Int(PQserverVersion(handle))
        try checkServer()
        for setting in settings { try execute(setting) }
        unsafe PQenterPipelineMode(handle)
    }

    deinit { unsafe PQfinish(handle) }

    /// Whether it can be of no use any more.
    var isLost: Bool { unsafe isGivenUp || PQstatus(handle) != CONNECTION_OK }

    /// Notices that the server has gone while nothing was asked of it. Asks the kernel only.
    func look() {
        // The server's last words, then the end.
        for _ in 0..<2 where unsafe PQconsumeInput(handle) == 0 { return }
    }

    var processID: Int32 { unsafe PQbackendPID(handle) }

    var socket: Int32 { unsafe PQsocket(handle) }

    static let oldestVersion = 130_000
    static let lockSecondsMax = 10

    /// What the service relies on, whatever the server's defaults are.
    private var settings: [String] {
        [
            // A stricter level of a synchronous standby is kept.
            """
            SELECT set_config('synchronous_commit', 'on', false)
            WHERE current_setting('synchronous_commit') <> 'remote_apply'
            """,
            "SET default_transaction_isolation = 'read committed'",
            "SET lock_timeout = '\(Self.lockSecondsMax)s'", "SET statement_timeout = '60s'",
            // A paused process must not hold up the others: nothing here waits between two statements.
            "SET idle_in_transaction_session_timeout = '\(secondsOfSilenceMax)s'",
            "SET tcp_user_timeout = '\(secondsOfSilenceMax)s'",
            "SET jit = off", "SET client_min_messages = warning",
        ]
    }

    private func checkServer() throws(StoreError) {
        guard serverVersion >= Self.oldestVersion else {
            throw StoreError(.misconfigured, "PostgreSQL 13 or later is needed")
        }
        let values = try execute("SELECT pg_backend_pid(), current_setting('server_encoding')")
        guard values.first == "\(processID)" else {
            throw StoreError(
                .misconfigured,
                "a connection pooler is between Oneway and PostgreSQL; connect to the server itself: sessions hold locks"
            )
        }
        guard values.last == "UTF8" else {
            let encoding = values.last ?? ""
            throw StoreError(.misconfigured, "the database's encoding is \(encoding); create one with ENCODING 'UTF8'")
        }
    }

    /// Runs statements that take no values, as a script; returns the first row of the last one.
    @discardableResult
    func execute(_ sql: String) throws(StoreError) -> [String] {
        roundTrips += 1
        let wasInPipeline = unsafe PQpipelineStatus(handle) != PQ_PIPELINE_OFF
        if wasInPipeline { unsafe PQexitPipelineMode(handle) }
        defer { if wasInPipeline { unsafe PQenterPipelineMode(handle) } }
        guard let result = unsafe PQexec(handle, sql) else { throw connectionError }
        defer { unsafe PQclear(result) }
        switch unsafe PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK: break
        default: throw unsafe error(of: result)
        }
        if unsafe PQntuples(result) == 0 { return [] }
        return unsafe (0..<PQnfields(result)).map { unsafe String(cString: PQgetvalue(result, 0, $0)) }
    }

    /// Blocks until a result can be read without blocking, or time is over.
    func awaitAnswer() throws(StoreError) {
        guard let secondsMax else { return }
        let end = ContinuousClock.now + .seconds(secondsMax)
        while unsafe PQisBusy(handle) == 1 {
            let left = Int(ContinuousClock.now.duration(to: end) / .milliseconds(1))
            if left <= 0 {
                isGivenUp = true
                throw StoreError(.unavailable, "PostgreSQL has not answered for \(secondsMax) s")
            }
            var source = [pollfd(fd: socket, events: Int16(POLLIN), revents: 0)]
            unsafe poll(&source, 1, Int32(left))
            guard unsafe PQconsumeInput(handle) == 1 else { throw connectionError }
        }
    }

    /// Blocks until the server says something, another thread wakes `descriptor`, or time is over.
    func wait(for descriptor: Int32, milliseconds: Int) {
        var sources = [
            pollfd(fd: socket, events: Int16(POLLIN), revents: 0),
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
        ]
        unsafe poll(&sources, 2, Int32(milliseconds))
    }

    /// What other sessions have notified since the last call.
    func notifications() throws(StoreError) -> [String] {
        guard unsafe PQconsumeInput(handle) == 1 else { throw connectionError }
        var payloads: [String] = []
        while let note = unsafe PQnotifies(handle) {
            if unsafe note.pointee.be_pid != processID { payloads.append(unsafe String(cString: note.pointee.extra)) }
            unsafe PQfreemem(note)
        }
        return payloads
    }
}
