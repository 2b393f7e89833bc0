public import OnewayCore
import Threads

/// A store that keeps nothing beyond the process: for trying Oneway, and for tests.
public final class MemoryStore: Sendable {
    private struct Contents {
        let tables: MemoryTables
        var isClosed = false
    }

    private let contents: Locked<Contents>
    private let localTerms = LocalTerms()
    let wakeups = Wakeups()

    public init(limits: StoreLimits = StoreLimits()) {
        contents = Locked(Contents(tables: MemoryTables(limits, localTerms)))
    }

    private func with<Value: Sendable>(
        _ work: (MemoryTables) throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        let (value, topics) = try contents.withLock { contents throws(StoreError) in
            if contents.isClosed { throw .closed }
            defer { contents.tables.topics = [] }
            return (try work(contents.tables), contents.tables.topics)
        }
        wakeups.fire(topics)
        return value
    }
}

extension MemoryStore: Driver {
    public var room: StoreRoom? { nil }

    public var failure: StoreError? { contents.withLock { $0.isClosed ? .closed : nil } }

    var terms: any Terms { localTerms }

    var counters: Counters { contents.withLock { $0.tables.counters } }

    func append(_ packed: PackedEntry) async throws(StoreError) -> Appended {
        try with { tables throws(StoreError) in
            let lack = Ledger.isFull(tables.counters, tables.limits) ? StoreError.inboxIsFull : nil
            return try tables.append([packed], lack: lack)
        }[0].get()
    }

    func write<Value: Sendable>(
        _ work: @escaping @Sendable (MemoryTables) throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        try with(work)
    }

    func read<Value: Sendable>(
        _ pace: ReadingPace,
        _ read: @escaping @Sendable (MemoryTables) throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        try with(read)
    }

    public func problems() async throws(StoreError) -> [String] { try with { $0.problems } }

    public func close() async {
        contents.withLock { $0.isClosed = true }
        localTerms.close()
    }
}
