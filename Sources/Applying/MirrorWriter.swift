import Coordination
import OnewayCore
import Store
import Telemetry

/// Adds changed records, and what follows from them, to a step. It reads anything else it needs from the store: if that
/// changes meanwhile, the whole step is computed again.
typealias Projecting = @Sendable ([ChangedRecord], DeliveryLane, inout Application) async throws(StoreError) -> Void

/// The only way to change the mirror, for notifications, imports, operators, and erasure alike.
///
/// One step at a time: it is computed from a version of the mirror, and refused and computed again if that has changed,
/// because what Marketo confirms changes it too. Without the mutex the shortest step would always win.
final class MirrorWriter: Sendable {
    private let mutex = AsyncMutex()
    private let store: any StoreApplying
    private let rules: Projecting
    private let now: @Sendable () -> Timestamp
    private let log: Log

    init(store: any StoreApplying, rules: @escaping Projecting, now: @escaping @Sendable () -> Timestamp, log: Log) {
        (self.store, self.rules, self.now, self.log) = (store, rules, now, log)
    }

    /// The changes of a step, and how long it kept others from writing.
    struct Written: Sendable {
        let application: Application
        let took: Duration
    }

    /// Computes a step, applies it, and logs it. Returns nil when `compute` says that there is none.
    @discardableResult
    func write(
        _ says: (Log, Application) -> Void = { $0.report(of: $1) },
        _ compute: (inout Application) async throws(StoreError) -> Bool
    ) async throws(StoreError) -> Written? {
        try await untilCurrent { version throws(StoreError) in
            var application = Application(basis: version)
            guard try await compute(&application) else { return nil }
            let took = try await store.apply(application, now: now())
            says(log, application)
            return Written(application: application, took: took)
        }
    }

    /// Merges facts into the mirror as a part of a step. Returns the number of records that they change.
    @discardableResult
    func merge(
        _ facts: some Sequence<MirrorRecord>,
        _ lane: DeliveryLane = .live,
        into application: inout Application
    ) async throws(StoreError) -> Int {
        let facts = Array(facts)
        let known = try await store.records(Array(Set(facts.map(\.key))))
        let changes = ChangedRecord.merging(facts, into: known).filter { $0.before != $0.after }
        if !changes.isEmpty { try await rules(changes, lane, &application) }
        return changes.count
    }

    /// Computes a step of an erasure and performs it; returns nil when there is none.
    func erase(
        by leader: any StoreLeader,
        _ compute: (inout Erasure) async throws(StoreError) -> Bool
    ) async throws(StoreError) -> Erased? {
        try await untilCurrent { version throws(StoreError) in
            var erasure = Erasure(basis: version)
            guard try await compute(&erasure) else { return nil }
            let erased = try await leader.erase(erasure, now: now())
            log.report(of: erasure)
            return erased
        }
    }

    private func untilCurrent<Value>(
        _ step: (MirrorVersion) async throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        while true {
            do throws(StoreError) {
                return try await mutex.withLock { () async throws(StoreError) in
                    try await step(try await store.mirrorVersion())
                }
            } catch { guard error.kind == .outdated else { throw error } }
        }
    }
}

/// A record as it was and as it will be.
struct ChangedRecord: Sendable {
    let before: MirrorRecord?
    let after: MirrorRecord

    /// Returns each record that these facts are about, in the order of their keys.
    static func merging(_ facts: [MirrorRecord], into known: [RecordKey: MirrorRecord]) -> [ChangedRecord] {
        var records: [RecordKey: MirrorRecord] = [:]
        for fact in facts { records[fact.key, default: known[fact.key] ?? MirrorRecord(fact.key)].take(fact) }
        return records.values.sorted { $0.key < $1.key }.map { ChangedRecord(before: known[$0.key], after: $0) }
    }

    /// Values that a contact had and has no longer. By one of them it was searched for in Marketo.
    var valuesGone: [String] {
        guard let before, before.key.entity == .contact else { return [] }
        return before.attributes.flatMap { column, told -> [String] in
            guard after[column] != told.value, let value = told.value.leadValue else { return [] }
            return Array(RememberedLead.spellings(of: value))
        }
    }
}
