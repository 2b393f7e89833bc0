import Coordination
public import OnewayCore
import Threads

/// The store in a PostgreSQL database, which any number of replicas share.
public final class PostgreSQLStore: Driver {
    let limits: StoreLimits
    private let door: DatabaseDoor
    /// Like the next two, nil when the database was opened for reading only.
    private let appender: DatabaseWriter<DatabaseAppend>?
    private let stepper: DatabaseWriter<DatabaseStep>?
    private let watch: DatabaseWatch?
    private let steps: Readers<DatabaseConnection>
    private let lists: Readers<DatabaseConnection>
    private let shared = DatabaseCounters()
    private let isClosed = Locked(false)
    let wakeups = Wakeups()

    public static var schemaVersion: Int64 { DatabaseSchema.version }

    /// Opens the database, and creates or migrates its tables. Blocks while it tries to connect.
    /// - Parameters:
    ///   - replica: What people call this process.
    ///   - isPatient: Whether a database that does not answer is waited for: until then `failure` says why it does not.
    ///   - appenders: How many batches of notifications may be on their way to the disk at once.
    ///   - beatsPerRound: In so many seconds everything is looked at once, should a notification be lost.
    ///   - committed: Called after every transaction, on a writer's thread: it must be quick.
    public init(
        _ address: DatabaseAddress,
        replica: String = "oneway",
        limits: StoreLimits = StoreLimits(),
        isPatient: Bool = false,
        appenders: Int = 2,
        beatsPerRound: Int = 5,
        committed: @escaping @Sendable (Commit) -> Void = { _ in }
    ) throws(StoreError) {
        let door = DatabaseDoor(address, name: "oneway \(replica)")
        (self.limits, self.door) = (limits, door)
        let watch = DatabaseWatch(
            door,
            replica: replica,
            counters: shared,
            wakeups: wakeups,
            beatsPerRound: beatsPerRound
        )
        let (shared, wakeups) = (shared, wakeups)
        let open = { @Sendable () throws(StoreError) in try DatabaseSession(try door.open(), limits: limits) }
        let done = { @Sendable (session: DatabaseSession, appends: Int, began: ContinuousClock.Instant) in
            shared.committed(session.writer, session.counted)
            committed(Commit(appends: appends, took: ContinuousClock.now - began))
        }
        let fire = { @Sendable (topics: Topics) in
            wakeups.fire(topics)
            watch.announce(topics)
        }
        let appender = DatabaseWriter<DatabaseAppend>(
            threads: appenders,
            itemsMax: DatabaseAppend.perBatchMax,
            secondsOfSilenceMax: address.secondsOfSilenceMax,
            counters: shared,
            open: open,
            perform: { session, batch in DatabaseAppend.perform(batch, in: session, done: done, fire: fire) },
            refuse: { append, error in append.done(.failure(error)) }
        )
        let stepper = DatabaseWriter<DatabaseStep>(
            threads: 1,
            itemsMax: 1,
            secondsOfSilenceMax: address.secondsOfSilenceMax,
            counters: shared,
            away: appender.failure,
            open: open,
            perform: { session, steps in for step in steps { step.perform(session, done, fire) } },
            refuse: { step, error in step.refuse(error) }
        )
        let away = stepper.failure
        if let away, !isPatient || !away.mends {
            appender.close()
            stepper.close()
            throw away
        }
        (self.appender, self.stepper, self.watch) = (appender, stepper, watch)
        (steps, lists) = Self.readers(door)
        watch.start(away: away)
    }

    /// Opens a database for reading only, whether or not a service works with it. The counters are as of opening. A call
    /// that would change something throws.
    public init(reading address: DatabaseAddress) throws(StoreError) {
        (limits, door) = (StoreLimits(), DatabaseDoor(address, name: "oneway reading", hasTables: true))
        (appender, stepper, watch) = (nil, nil, nil)
        let connection = try door.open()
        try DatabaseSchema.check(connection)
        try StoreMove.refusePart(connection)
        shared.read(try connection.counters())
        (steps, lists) = Self.readers(door)
    }

    private static func readers(_ door: DatabaseDoor) -> (Readers<DatabaseConnection>, Readers<DatabaseConnection>) {
        let open = { @Sendable () throws(StoreError) in try door.open() }
        return (Readers(count: 1, open: open), Readers(count: 2, open: open))
    }

    private static let onlyForReading = StoreError(.unavailable, "the store was opened for reading only")

    /// Performs the queued writes, gives up leading, and disconnects.
    public func close() async {
        isClosed.withLock { $0 = true }
        steps.close()
        lists.close()
        let (appender, stepper, watch) = (appender, stepper, watch)
        await onOwnThread {
            appender?.close()
            stepper?.close()
            watch?.close()
        }
    }

    var terms: any Terms { watch ?? NoTerms() }

    var counters: Counters { shared.sum }

    public var failure: StoreError? {
        guard let appender, let watch else { return Self.onlyForReading }
        if isClosed.withLock(\.self) { return .closed }
        if let failure = appender.failure ?? appender.stall ?? watch.failure { return failure }
        return Ledger.isFull(counters, limits) ? .inboxIsFull : nil
    }

    /// Asks the database: the leader may be another process. (The leader's own view of it knows.)
    public func mirrorVersion() async throws(StoreError) -> MirrorVersion {
        let counters = try await read(.list) { db throws(StoreError) in try db.counters() }
        shared.read(counters)
        return MirrorVersion(number: counters.values.reduce(0) { $0 + $1[.mirrorVersion] })
    }

    public func replicas() async throws(StoreError) -> StoreReplicas {
        var shared = try await read(.list) { db throws(StoreError) in try db.replicas() }
        shared.answeredIn = watch?.answeredIn
        return shared
    }

    /// The database's disk is not this machine's.
    public var room: StoreRoom? { nil }

    func append(_ packed: PackedEntry) async throws(StoreError) -> Appended {
        guard let appender else { throw Self.onlyForReading }
        // It would wait too: whoever sends it had better try elsewhere, or again.
        if let stall = appender.stall { throw stall }
        return try await withCheckedContinuation { (caller: CheckedContinuation<Result<Appended, StoreError>, Never>) in
            appender.enqueue(DatabaseAppend(entry: packed) { caller.resume(returning: $0) })
        }.get()
    }

    func write<Value: Sendable>(
        _ work: @escaping @Sendable (DatabaseSession) throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        guard let stepper else { throw Self.onlyForReading }
        return try await withCheckedContinuation { (caller: CheckedContinuation<Result<Value, StoreError>, Never>) in
            stepper.enqueue(
                DatabaseStep(
                    work: { session throws(StoreError) in
                        let value = try session.persistently(.step, work)
                        return { caller.resume(returning: .success(value)) }
                    },
                    refuse: { caller.resume(returning: .failure($0)) }
                )
            )
        }.get()
    }

    func read<Value: Sendable>(
        _ pace: ReadingPace,
        _ read: @escaping @Sendable (DatabaseConnection) throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        let door = door
        return try await withCheckedContinuation { (caller: CheckedContinuation<Result<Value, StoreError>, Never>) in
            (pace == .step ? steps : lists).enqueue { connection in
                let result = Result { () throws(StoreError) in
                    let known = try connection.get()
                    known.look()
                    // A server that was restarted meanwhile: the thread's next read connects again.
                    return try (known.isLost ? door.open() : known).snapshot(read)
                }
                caller.resume(returning: result)
                if case .success(let connection) = connection { return !connection.isLost }
                return false
            }
        }.get()
    }

    public func problems() async throws(StoreError) -> [String] {
        let door = door
        return try await onOwnThread {
            Result { () throws(StoreError) in
                try door.open().snapshot { db throws(StoreError) in try db.miscounts() }
            }
        }.get()
    }
}

/// One notification on its way.
struct DatabaseAppend: Sendable {
    let entry: PackedEntry
    let done: @Sendable (Result<Appended, StoreError>) -> Void

    static let perBatchMax = 512

    typealias Done = @Sendable (DatabaseSession, Int, ContinuousClock.Instant) -> Void
    typealias Fire = @Sendable (Topics) -> Void

    static func perform(_ batch: [DatabaseAppend], in session: DatabaseSession, done: Done, fire: Fire) {
        let began = ContinuousClock.now
        do throws(StoreError) {
            let answers = try session.persistently(.append) { session throws(StoreError) in
                let lack = Ledger.isFull(session.counters, session.limits) ? StoreError.inboxIsFull : nil
                return try session.append(batch.map(\.entry), lack: lack)
            }
            done(session, batch.count, began)
            fire(session.topics)
            for (append, answer) in zip(batch, answers) { append.done(answer) }
        } catch  where error.kind == .invalid && batch.count > 1 {
            // One of them breaks a rule of the database: performed one by one, it does not fail the others.
            for append in batch { perform([append], in: session, done: done, fire: fire) }
        } catch {
            for append in batch { append.done(.failure(error)) }
        }
    }
}

/// One step, in a transaction of its own.
struct DatabaseStep: Sendable {
    /// Does the work and returns a closure that hands over the result.
    let work: @Sendable (DatabaseSession) throws(StoreError) -> @Sendable () -> Void
    let refuse: @Sendable (StoreError) -> Void

    func perform(_ session: DatabaseSession, _ done: DatabaseAppend.Done, _ fire: DatabaseAppend.Fire) {
        let began = ContinuousClock.now
        do throws(StoreError) {
            let handOver = try work(session)
            done(session, 0, began)
            fire(session.topics)
            handOver()
        } catch {
            refuse(error)
        }
    }
}
