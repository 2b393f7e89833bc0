import Coordination
import OnewayCore

/// A store by what its driver does: a place to run steps, and a place to read. The rest of `Store` follows.
protocol Driver: QueryDriver, Store {
    associatedtype Session: Rows

    var terms: any Terms { get }
    var wakeups: Wakeups { get }
    func append(_ packed: PackedEntry) async throws(StoreError) -> Appended
    /// Runs `work` in a transaction, and returns once that is committed. A few milliseconds at most: everyone else
    /// waits.
    func write<Value: Sendable>(
        _ work: @escaping @Sendable (Session) throws(StoreError) -> Value
    ) async throws(StoreError) -> Value
}

extension Driver {
    /// A few milliseconds of the writer's time.
    static var rowsPerJobMax: Int { 200 }

    public func lead() async throws(StoreError) -> any StoreLeader { Leader(self, try await terms.begin()) }

    public func replicas() async throws(StoreError) -> StoreReplicas { StoreReplicas() }

    public func signal(_ topic: Topic) -> Signal { wakeups[topic] }
}

// MARK: Intake

extension Driver {
    public func append(_ entry: InboxEntry, now: Timestamp) async throws(StoreError) -> Appended {
        try await append(try PackedEntry(entry, receivedAt: now))
    }

    public func record(_ attempts: [RefusedAttempts], now: Timestamp) async throws(StoreError) {
        try await write { rows throws(StoreError) in try rows.record(attempts, now: now) }
    }

    public func replay(_ ids: [InboxID], now: Timestamp) async throws(StoreError) -> [InboxID] {
        var replayed: [InboxID] = []
        for first in stride(from: 0, to: ids.count, by: Self.rowsPerJobMax) {
            let some = Array(ids[first..<min(first + Self.rowsPerJobMax, ids.count)])
            replayed += try await write { rows throws(StoreError) in try rows.replay(some, now: now) }
        }
        return replayed
    }

    public func retry(_ scope: RetryScope, now: Timestamp) async throws(StoreError) -> Int {
        var retried = 0
        switch scope {
        case .key(let key): retried = try await write { rows throws(StoreError) in try rows.sendAgain(key, now: now) }
        case .code(let code): retried = try await retry(OutboxFilter(code: code), now: now)
        case .all:
            for stage in [DeliveryState.Stage.parked, .waiting, .pending] {
                retried += try await retry(OutboxFilter(stage: stage), now: now)
            }
        }
        try await order(Orders.retryNote, now)
        return retried
    }

    private func retry(_ filter: OutboxFilter, now: Timestamp) async throws(StoreError) -> Int {
        var (retried, last) = (0, DeliveryKey?.none)
        while true {
            let items = try await outbox(filter, after: last, limit: Self.rowsPerJobMax)
            // Only what it changes is worth the writer's time: of those on their way already there may be very many.
            let keys = items.filter(\.state.mayBeRetried).map(\.key)
            if !keys.isEmpty {
                retried += try await write { rows throws(StoreError) in try rows.retry(keys, now: now) }
            }
            guard items.count == Self.rowsPerJobMax else { return retried }
            last = items.last?.key
        }
    }

    public func allow(_ opportunity: GUID) async throws(StoreError) -> Bool {
        try await write { rows throws(StoreError) in try rows.allow(opportunity) }
    }

    public func setPause(since: Timestamp?) async throws(StoreError) { try await order(Orders.pauseNote, since) }

    private func order(_ note: String, _ time: Timestamp?) async throws(StoreError) {
        try await remember(note, time.map { Array(String($0.milliseconds).utf8) })
    }

    public func give(_ order: JobOrder?, to job: Job.Key) async throws(StoreError) {
        try await remember(Orders.note(of: job), order.map { Array($0.rawValue.utf8) })
    }

    private func remember(_ note: String, _ value: [UInt8]?) async throws(StoreError) {
        try await write { rows throws(StoreError) in
            var changes = Changes()
            changes.notes = [note: value]
            try rows.save(changes)
        }
    }

    public func ask(_ questions: [RecordKey: QuestionReason], now: Timestamp) async throws(StoreError) {
        try await write { rows throws(StoreError) in
            var asked = RowSet(try rows.questions(Array(questions.keys)), by: \.key)
            Ledger.ask(questions, in: &asked, now: now)
            var changes = Changes()
            changes.questions = asked.changes
            try rows.save(changes)
        }
    }

    @discardableResult
    public func apply(_ application: Application, now: Timestamp) async throws(StoreError) -> Duration {
        try await write { rows throws(StoreError) in try rows.timed(application, now: now) }
    }

    public func begin(_ job: Job) async throws(StoreError) -> Bool {
        try await write { rows throws(StoreError) in try rows.begin(job) }
    }
}

extension Orders {
    static let (pauseNote, retryNote) = ("paused", "retried")

    static func note(of job: Job.Key) -> String { "\(jobNotes)\(job)" }
    static let jobNotes = "order/"

    static func time(_ note: [UInt8]) -> Timestamp? {
        Int64(String(decoding: note, as: UTF8.self)).map(Timestamp.init(milliseconds:))
    }
}
