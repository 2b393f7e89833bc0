package import OnewayCore
package import Store

/// A pass over everything after the rules changed. It runs in bounded steps like any far-reaching change, after those
/// that are about one record, and in this order.
enum Sweep: UInt64, CaseIterable {
    /// Kept notifications are read again, for columns that were not selected when they arrived.
    case keptBodies
    /// Columns that are not selected any more are removed.
    case contacts, accounts, connections
    /// The same, and everything that follows from the current rules.
    case opportunities

    /// Its place among the records whose change is passed on: after all of them.
    var key: RecordKey {
        RecordKey(.account, GUID(high: .max, low: .max - (Self.opportunities.rawValue - rawValue)))
    }

    init?(_ key: RecordKey) {
        guard let sweep = Self.allCases.first(where: { $0.key == key }) else { return nil }
        self = sweep
    }

    /// The table that it goes through.
    var entity: Entity? {
        switch self {
        case .keptBodies: nil
        case .contacts: .contact
        case .accounts: .account
        case .connections: .connection
        case .opportunities: .opportunity
        }
    }
}

/// Rules that changed since the last run change what is kept and what follows from it. Unchanged results are left
/// alone.
extension Projector {
    private static let note = "rules"
    private static let recordsMax = 256

    /// Call this once, before anything is projected.
    package func noticeChangedRules(now: Timestamp) async throws(StoreError) {
        let (rules, noted) = (NotedRules(book), try await store.note(Self.note).map(NotedRules.init(bytes:)))
        if rules == noted { return }
        var application = Application(basis: try await store.mirrorVersion())
        application.stale = sweeps(since: noted).map { StaleRecord($0.key) }
        // In this order: a crash in between causes one sweep too many, never one too few.
        try await store.apply(application, now: now)
        try await store.setNote(Self.note, rules.bytes)
    }

    private func sweeps(since noted: NotedRules?) -> [Sweep] {
        Sweep.allCases.filter { sweep in
            switch sweep {
            case .opportunities: return true
            case .keptBodies:
                return Entity.allCases.contains { entity in
                    guard let before = noted?.columns(of: entity) else { return true }
                    return !(book.columns[entity] ?? []).isSubset(of: before)
                }
            case .contacts, .accounts, .connections:
                guard let entity = sweep.entity, let before = noted?.columns(of: entity) else { return true }
                return !before.isSubset(of: book.columns[entity] ?? [])
            }
        }
    }

    /// Adds the next step of a sweep that has got this far.
    func step(_ sweep: Sweep, after cursor: GUID?, to application: inout Application) async throws(StoreError) {
        let last: GUID?
        if let entity = sweep.entity {
            last = try await goOn(through: entity, after: cursor, to: &application)
        } else {
            last = try await readAgain(before: cursor, to: &application)
        }
        if let last {
            application.stale.append(StaleRecord(sweep.key, after: last))
        } else {
            application.fresh.append(sweep.key)
        }
    }

    /// Other rules may also follow other lookups of an opportunity, so its references are written again.
    private func goOn(
        through entity: Entity,
        after cursor: GUID?,
        to application: inout Application
    ) async throws(StoreError) -> GUID? {
        let isProjected = entity == .opportunity
        let limit = isProjected ? Self.opportunitiesMax : Self.recordsMax
        let records = try await store.records(of: entity, after: cursor, limit: limit)
        var changed: [RecordKey: MirrorRecord] = [:]
        for record in records {
            var kept = record
            kept.keepOnly(book.columns[entity] ?? [])
            if kept != record { changed[kept.key] = kept }
            if isProjected || kept != record { application.records.append(stored(kept)) }
        }
        if isProjected {
            application.desired += try await desired(for: records.map(\.key.id), over: changed, lane: .slow)
        }
        return records.count == limit ? records.last?.key.id : nil
    }
}
