import OnewayCore

/// A store built on a driver, which runs steps in transactions and runs reads. The rest of `Store` follows from these.
protocol Driver: Store {
    associatedtype Session: Rows
    associatedtype Reader: Lists

    /// As of the last commit.
    var counters: Counters { get }
    func append(_ packed: PackedEntry) async throws(StoreError) -> Appended
    /// Runs `work` in a transaction, and returns once that is committed. A few milliseconds at most: everyone else
    /// waits.
    func write<Value: Sendable>(
        _ work: @escaping @Sendable (Session) throws(StoreError) -> Value
    ) async throws(StoreError) -> Value
    /// Runs `read` on everything committed so far.
    func read<Value: Sendable>(
        _ pace: ReadingPace,
        _ read: @escaping @Sendable (Reader) throws(StoreError) -> Value
    ) async throws(StoreError) -> Value
}

enum ReadingPace: Sendable {
    /// Reads of a step of applying: short, one after another.
    case step
    /// Reads for people and health checks, some of them long.
    case list
}

// MARK: Inbox

extension Driver {
    /// A few milliseconds of the writer's time.
    static var rowsPerJobMax: Int { 200 }

    public func status() async throws(StoreError) -> StoreStatus {
        let times = try await read(.list) { lists throws(StoreError) in
            (try lists.unappliedSince(), try lists.pendingSince())
        }
        var status = StoreStatus(counters)
        (status.unappliedSince, status.pendingSince) = times
        return status
    }

    public func append(_ entry: InboxEntry, now: Timestamp) async throws(StoreError) -> Appended {
        try await append(try PackedEntry(entry, receivedAt: now))
    }

    public func unapplied(limit: Int, bytesMax: Int) async throws(StoreError) -> [UnappliedEntry] {
        try await read(.step) { lists throws(StoreError) in try lists.unapplied(limit: limit, bytesMax: bytesMax) }
    }

    public func applied(
        before: InboxID?,
        limit: Int,
        rowsMax: Int,
        bytesMax: Int
    ) async throws(StoreError) -> AppliedPage {
        try await read(.list) { lists throws(StoreError) in
            try lists.applied(before: before, limit: limit, rowsMax: rowsMax, bytesMax: bytesMax)
        }
    }

    public func inbox(_ filter: InboxFilter, before: InboxID?, limit: Int) async throws(StoreError) -> [InboxItem] {
        try await read(.list) { lists throws(StoreError) in try lists.inbox(filter, before: before, limit: limit) }
    }

    public func inboxItem(_ id: InboxID) async throws(StoreError) -> InboxItem? {
        try await read(.list) { lists throws(StoreError) in try lists.inboxItem(id) }
    }

    public func body(of id: InboxID) async throws(StoreError) -> [UInt8]? {
        try await read(.list) { lists throws(StoreError) in try lists.packedBody(of: id)?.unpacked() }
    }

    public func replay(_ ids: [InboxID], now: Timestamp) async throws(StoreError) -> [InboxID] {
        var replayed: [InboxID] = []
        for first in stride(from: 0, to: ids.count, by: Self.rowsPerJobMax) {
            let some = Array(ids[first..<min(first + Self.rowsPerJobMax, ids.count)])
            replayed += try await write { rows throws(StoreError) in try rows.replay(some, now: now) }
        }
        return replayed
    }

    public func prune(olderThan oldest: Timestamp, rowsMax: Int) async throws(StoreError) -> Pruned {
        try await write { rows throws(StoreError) in try rows.prune(olderThan: oldest, rowsMax: rowsMax) }
    }
}

// MARK: Forgetting a person

extension Driver {
    public func roles(of contact: GUID) async throws(StoreError) -> [OutboxItem] {
        try await read(.list) { lists throws(StoreError) in try lists.roles(of: contact) }
    }

    public func mentions(of records: [GUID], after: InboxID?, limit: Int) async throws(StoreError) -> Mentions {
        try await read(.list) { lists throws(StoreError) in
            try lists.mentions(of: records, after: after, limit: limit)
        }
    }

    public func erase(_ erasure: Erasure) async throws(StoreError) -> Erased {
        try await write { rows throws(StoreError) in try rows.erase(erasure) }
    }
}

// MARK: Refusals and the rest

extension Driver {
    public func record(_ attempts: [RefusedAttempts], now: Timestamp) async throws(StoreError) {
        try await write { rows throws(StoreError) in try rows.record(attempts, now: now) }
    }

    public func refusals(before number: Int64?, limit: Int) async throws(StoreError) -> [RefusalItem] {
        try await read(.list) { lists throws(StoreError) in
            try lists.refusals(before: number ?? .max, limit: limit)
        }
    }

    public func allow(_ opportunity: GUID) async throws(StoreError) -> Bool {
        try await write { rows throws(StoreError) in try rows.allow(opportunity) }
    }

    public func note(_ name: String) async throws(StoreError) -> [UInt8]? {
        try await read(.list) { lists throws(StoreError) in try lists.note(name) }
    }

    public func setNote(_ name: String, _ value: [UInt8]?) async throws(StoreError) {
        try await save { $0.notes = [name: value] }
    }

    func save(_ change: @escaping @Sendable (inout Changes) -> Void) async throws(StoreError) {
        try await write { rows throws(StoreError) in
            var changes = Changes()
            change(&changes)
            try rows.save(changes)
        }
    }
}
