import Coordination
import OnewayCore

/// Whose turn it is to lead. A driver of one process counts in memory; one of several asks the database.
protocol Terms: Sendable {
    func begin() async throws(StoreError) -> Term
    /// Returns once another has begun, or the store is closed.
    func end(of term: Term) async
    /// Whether no other can have begun yet, as far as this process knows without asking.
    func isSure(of term: Term) -> Bool
}

/// A driver in the hands of the one who leads: every change is refused once another term has begun.
struct Leader<Base: Driver>: StoreLeader, QueryDriver {
    private let driver: Base
    private let term: Term

    init(_ driver: Base, _ term: Term) { (self.driver, self.term) = (driver, term) }

    var counters: Counters { driver.counters }

    func over() async { await driver.terms.end(of: term) }

    var isSure: Bool { driver.terms.isSure(of: term) }

    func signal(_ topic: Topic) -> Signal { driver.signal(topic) }

    func read<Value: Sendable>(
        _ pace: ReadingPace,
        _ read: @escaping @Sendable (Base.Reader) throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        try await driver.read(pace, read)
    }

    private func write<Value: Sendable>(
        _ work: @escaping @Sendable (Base.Session) throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        try await driver.write { [term] rows throws(StoreError) in
            try rows.check(term)
            return try work(rows)
        }
    }

    private func save(_ change: @escaping @Sendable (inout Changes) -> Void) async throws(StoreError) {
        try await write { rows throws(StoreError) in
            var changes = Changes()
            change(&changes)
            try rows.save(changes)
        }
    }
}

// MARK: Mirror and inbox

extension Leader {
    @discardableResult
    func apply(_ application: Application, now: Timestamp) async throws(StoreError) -> Duration {
        try await write { rows throws(StoreError) in try rows.timed(application, now: now) }
    }

    func erase(_ erasure: Erasure, now: Timestamp) async throws(StoreError) -> Erased {
        try await write { rows throws(StoreError) in try rows.erase(erasure, now: now) }
    }

    func prune(olderThan oldest: Timestamp, rowsMax: Int) async throws(StoreError) -> Pruned {
        try await write { rows throws(StoreError) in try rows.prune(olderThan: oldest, rowsMax: rowsMax) }
    }

    func forgetEvents(olderThan oldest: Timestamp, rowsMax: Int) async throws(StoreError) -> Pruned {
        try await write { rows throws(StoreError) in try rows.forgetEvents(olderThan: oldest, rowsMax: rowsMax) }
    }

    func replay(_ ids: [InboxID], as job: Job, now: Timestamp) async throws(StoreError) -> [InboxID] {
        try await write { rows throws(StoreError) in try rows.replay(ids, as: job, now: now) }
    }
}

// MARK: Outbox

extension Leader {
    func claim(
        _ kind: RecordKind,
        limit: Int,
        now: Timestamp,
        until: Timestamp
    ) async throws(StoreError) -> [OutboxItem] {
        try await write { rows throws(StoreError) in try rows.claim(kind, limit: limit, now: now, until: until) }
    }

    func settle(_ settlements: [Settlement], now: Timestamp) async throws(StoreError) {
        var keys = try await write { rows throws(StoreError) in
            let over = try rows.settle(settlements, now: now)
            return try rows.wake(on: over, limit: Base.rowsPerJobMax, now: now)
        }
        while !keys.isEmpty {
            keys = try await write { [keys] rows throws(StoreError) in
                try rows.wake(on: keys, limit: Base.rowsPerJobMax, now: now)
            }
        }
    }

    func releaseClaims(next: Timestamp) async throws(StoreError) -> Int {
        try await write { rows throws(StoreError) in try rows.releaseClaims(next: next) }
    }

    func aim(_ aims: [RoleAim], now: Timestamp) async throws(StoreError) {
        if aims.isEmpty { return }
        try await write { rows throws(StoreError) in try rows.aim(aims, now: now) }
    }

    func doubt(_ keys: [DeliveryKey], now: Timestamp) async throws(StoreError) {
        if keys.isEmpty { return }
        try await write { rows throws(StoreError) in try rows.doubt(keys, now: now) }
    }
}

// MARK: Notes, leads, and jobs

extension Leader {
    func remember(_ leads: [RememberedLead]) async throws(StoreError) {
        try await save { $0.leads = leads }
    }

    func forgetLeads(_ values: [String]) async throws(StoreError) {
        try await save { $0.forgottenLeads = values }
    }

    func setNote(_ name: String, _ value: [UInt8]?) async throws(StoreError) {
        try await save { $0.notes = [name: value] }
    }

    func save(_ job: Job) async throws(StoreError) {
        try await write { rows throws(StoreError) in try rows.save(job) }
    }
}
