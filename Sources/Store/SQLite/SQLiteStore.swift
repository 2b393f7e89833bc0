public import OnewayCore
import Threads

/// The store in one SQLite file: one thread writes, a few read.
public final class SQLiteStore: Driver {
    let limits: StoreLimits
    let path: String
    /// Like the next two, nil when the file was opened for reading only.
    private let file: StoreFile?
    private let lock: StoreLock?
    private let writer: Writer?
    /// Reads of the steps of applying, one after another, so that each finds in the cache what the one before read.
    private let steps: Readers<Connection>
    /// Reads for people and health checks, some of them long.
    private let lists: Readers<Connection>
    private let countersAtOpening: Counters
    private let localTerms = LocalTerms()
    let wakeups = Wakeups()

    public static var schemaVersion: Int64 { Schema.version }

    /// Opens the file, creating it if there is none, and migrates its schema to this version. Quick: nothing is
    /// scanned.
    /// - Parameter committed: Called after every transaction, on the writer's thread: it must be quick.
    public init(
        path: String,
        limits: StoreLimits = StoreLimits(),
        committed: @escaping @Sendable (Commit) -> Void = { _ in }
    ) throws(StoreError) {
        self.path = path
        self.limits = limits
        lock = try StoreLock(path: path)
        let file = try StoreFile(path: path)
        self.file = file
        let writer = try Writer(committed: committed, wakeups: wakeups) { [localTerms] () throws(StoreError) in
            let session = try WriteSession(file, limits: limits, terms: localTerms)
            try StoreMove.refusePart(session.db)
            return session
        }
        self.writer = writer
        countersAtOpening = writer.counters
        (steps, lists) = (Readers.ofSteps(path), Readers.ofLists(path))
    }

    /// Opens an existing file for reading only, whether or not a service is writing it. Each read sees what is
    /// committed by then, but the counters are as of opening. A call that would change something throws.
    public init(reading path: String) throws(StoreError) {
        self.path = path
        limits = StoreLimits()
        (lock, file, writer) = (nil, nil, nil)
        countersAtOpening = try Connection(path: path, .read).snapshot { db throws(StoreError) in
            try Schema.check(db)
            try StoreMove.refusePart(db)
            return try WriteSession.counters(in: db)
        }
        (steps, lists) = (Readers.ofSteps(path), Readers.ofLists(path))
    }

    private static let onlyForReading = StoreError(.unavailable, "the store was opened for reading only")

    /// Performs the queued writes and closes the file.
    public func close() async {
        steps.close()
        lists.close()
        localTerms.close()
        guard let writer else { return }
        await withCheckedContinuation { done in writer.close { done.resume() } }
        lock?.release()
    }

    var terms: any Terms { localTerms }

    var counters: Counters { writer?.counters ?? countersAtOpening }

    public var failure: StoreError? {
        guard let writer, let file else { return Self.onlyForReading }
        return writer.failure ?? file.loss ?? limits.lackOfRoom(counters, file)
    }

    public var room: StoreRoom? {
        StoreRoom(
            file: DiskRoom.bytes(of: path),
            log: DiskRoom.bytes(of: path + "-wal"),
            reusable: file?.reusable.withLock(\.self),
            free: DiskRoom.free(at: path)
        )
    }

    func append(_ packed: PackedEntry) async throws(StoreError) -> Appended {
        guard let writer else { throw Self.onlyForReading }
        return try await withCheckedContinuation { (caller: CheckedContinuation<Result<Appended, StoreError>, Never>) in
            writer.append(TurnQueue.Append(entry: packed) { caller.resume(returning: $0) })
        }.get()
    }

    func write<Value: Sendable>(
        _ work: @escaping @Sendable (WriteSession) throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        guard let writer else { throw Self.onlyForReading }
        return try await withCheckedContinuation { (caller: CheckedContinuation<Result<Value, StoreError>, Never>) in
            writer.enqueue(
                TurnQueue.Job(
                    work: { session throws(StoreError) in
                        let value = try work(session)
                        return { caller.resume(returning: .success(value)) }
                    },
                    failed: { caller.resume(returning: .failure($0)) }
                )
            )
        }.get()
    }

    /// Runs `read` on a reader's thread, on one snapshot.
    func read<Value: Sendable>(
        _ pace: ReadingPace,
        _ read: @escaping @Sendable (Connection) throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        try await withCheckedContinuation { (caller: CheckedContinuation<Result<Value, StoreError>, Never>) in
            (pace == .step ? steps : lists).enqueue { connection in
                let result = Result { () throws(StoreError) in try connection.get().snapshot(read) }
                caller.resume(returning: result)
                return if case .success = result { true } else { false }
            }
        }.get()
    }
}
