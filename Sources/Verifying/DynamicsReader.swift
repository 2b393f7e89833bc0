import Applying
import Completing
import Coordination
import DataverseClient
import OnewayCore

/// Reads the records that decide about opportunities from Dynamics, as facts like those of notifications.
struct DynamicsReader: Sendable {
    static let retrySeconds = 60

    let tables: Tables
    let projector: Projector
    let marketoUsers: Set<GUID>
    /// Records that were modified so shortly before they were read are passed over: their notifications are on their way.
    let graceSeconds: Int
    let time: TimeSource

    struct Facts {
        var records: [MirrorRecord] = []
        /// All that were asked for.
        var asked: Set<RecordKey> = []
    }

    /// The opportunities, their connections, and the contacts and accounts that these lead to.
    func facts(about opportunities: [GUID]) async throws -> Facts {
        var facts = Facts()
        try await read(opportunities.map { RecordKey(.opportunity, $0) }, &facts)
        let selection = try outcome(await tables.selection(of: .connection))
        try await take(outcome(tables.client.connections(of: opportunities, selection)), of: .connection, &facts)
        // A contact leads to its account, and one that was merged to its winner. Nothing that is compared follows from a
        // user, and Dynamics may not show any.
        while true {
            let keys = try await projector.dependencies(of: opportunities, given: facts.records)
                .subtracting(facts.asked).filter(\.entity.isReported)
            if keys.isEmpty { return facts }
            try await read(keys.sorted(), &facts)
        }
    }

    func facts(aboutAccounts ids: [GUID]) async throws -> [MirrorRecord] {
        var facts = Facts()
        try await read(ids.map { RecordKey(.account, $0) }, &facts)
        return facts.records
    }

    /// Those of these ids that Dynamics has.
    func existing(_ ids: [GUID]) async throws -> Set<GUID> {
        if ids.isEmpty { return [] }
        let found = try outcome(await tables.rows(ids, of: .opportunity))
        return Set(ids).subtracting(found.missing)
    }

    /// The next page of the ids of all opportunities; nil: the first one.
    func opportunities(_ next: DataverseLink?) async throws -> (ids: [GUID], next: DataverseLink?) {
        let table = try outcome(await tables.client.table(.opportunity))
        let selection = RowSelection([], of: table)
        let page: RowPage
        if let next {
            page = try outcome(await tables.client.page(next, selection))
        } else {
            page = try outcome(await tables.client.page(selection))
        }
        return (page.rows.map(\.key.id), page.next)
    }

    private func read(_ keys: [RecordKey], _ facts: inout Facts) async throws {
        facts.asked.formUnion(keys)
        for entity in Entity.allCases {
            let ids = keys.filter { $0.entity == entity }.map(\.id)
            if ids.isEmpty { continue }
            let found = try outcome(await tables.rows(ids, of: entity))
            take(found, of: entity, &facts)
            facts.records += found.missing.map { MirrorRecord(gone: RecordKey(entity, $0), now: time.now()) }
        }
    }

    private func take(_ found: RowsFound, of entity: Entity, _ facts: inout Facts) {
        for (row, readAt) in found.rows {
            facts.asked.insert(row.key)
            guard let modifiedOn = row.modifiedOn, modifiedOn.adding(seconds: graceSeconds) <= readAt,
                let fact = MirrorRecord(row: row, readAt: readAt, marketoUsers)
            else { continue }
            facts.records.append(fact)
        }
    }

    private func outcome<Value>(_ outcome: DataverseOutcome<Value>) throws -> Value {
        switch outcome {
        case .success(let value): return value
        case .failure(let failure):
            throw Obstacle(failure, retryAt: time.now().adding(seconds: Self.retrySeconds))
        }
    }
}
