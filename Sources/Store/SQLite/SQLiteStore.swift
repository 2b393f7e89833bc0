public import OnewayCore

/// The store in one SQLite file: one thread writes, a few read.
public final class SQLiteStore: Sendable {
    let limits: StoreLimits
    let path: String
    private let lock: StoreLock
    private let writer: Writer
    /// What a step of applying reads, one read after the other: what one has in its cache the next finds there.
    private let steps: Readers
    /// What people and health checks ask for, some of it long.
    private let lists: Readers

    /// Opens the file, creates it where there is none, and brings its schema to this version. Quick: nothing is scanned.
    public init(path: String, limits: StoreLimits = StoreLimits()) throws(StoreError) {
        self.path = path
        self.limits = limits
        lock = try StoreLock(path: path)
        writer = try Writer { () throws(StoreError) in try WriteSession(path: path, limits: limits) }
        steps = Readers(path: path, count: 1, cacheKilobytesMax: 8_000)
        lists = Readers(path: path, count: 2, cacheKilobytesMax: 1_000)
    }

    /// Writes what waits and closes the file.
    public func close() async {
        steps.close()
        lists.close()
        await withCheckedContinuation { done in writer.close { done.resume() } }
        lock.release()
    }

    var counters: Counters { writer.counters }

    public var failure: StoreError? {
        writer.failure ?? limits.lackOfRoom(counters, path: path)
    }

    public func append(_ entry: InboxEntry, now: Timestamp) async throws(StoreError) -> Appended {
        let packed = try PackedEntry(entry, receivedAt: now)
        return try await withCheckedContinuation { (caller: CheckedContinuation<Result<Appended, StoreError>, Never>) in
            writer.append(TurnQueue.Append(entry: packed) { caller.resume(returning: $0) })
        }.get()
    }

    /// Runs `work` on the writer's thread in a transaction, and answers once that is committed. A few milliseconds at
    /// most: everybody waits for it.
    func write<Value: Sendable>(
        _ work: @escaping @Sendable (WriteSession) throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        try await withCheckedContinuation { (caller: CheckedContinuation<Result<Value, StoreError>, Never>) in
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

    /// Runs `read` on a reader's thread, on one snapshot of everything committed so far.
    func read<Value: Sendable>(
        _ read: @escaping @Sendable (Connection) throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        try await Self.read(lists, read)
    }

    /// As `read`, for short reads that others follow.
    func readStep<Value: Sendable>(
        _ read: @escaping @Sendable (Connection) throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        try await Self.read(steps, read)
    }

    private static func read<Value: Sendable>(
        _ readers: Readers,
        _ read: @escaping @Sendable (Connection) throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        try await withCheckedContinuation { (caller: CheckedContinuation<Result<Value, StoreError>, Never>) in
            readers.enqueue { connection in
                let result = Result { () throws(StoreError) in try connection.get().snapshot(read) }
                caller.resume(returning: result)
                return if case .success = result { true } else { false }
            }
        }.get()
    }
}
