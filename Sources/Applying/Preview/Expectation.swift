package import OnewayCore
package import Store

/// Computes what Marketo should hold if Dynamics' present records were known. Only reads.
extension Projector {
    /// By opportunity. `facts` are records as Dynamics has them now.
    package func expected(
        of opportunities: [GUID],
        given facts: [MirrorRecord] = []
    ) async throws(StoreError) -> [GUID: [DesiredRecord]] {
        let changed = try await changed(by: facts)
        let outbox = try await store.outbox(of: opportunities)
        var expected: [GUID: [DesiredRecord]] = [:]
        for slice in try await slices.load(opportunities, over: changed) {
            let id = slice.opportunity.key.id
            expected[id] = book.project(slice, held: (outbox[id] ?? []).map(CurrentRecord.init))
        }
        return expected
    }

    /// The companies of these accounts. An account of which nothing is known has none.
    package func expectedCompanies(
        _ accounts: [GUID],
        given facts: [MirrorRecord] = []
    ) async throws(StoreError) -> [GUID: DesiredRecord] {
        let changed = try await changed(by: facts)
        let known = try await store.records(accounts.map { RecordKey(.account, $0) })
        var expected: [GUID: DesiredRecord] = [:]
        for id in accounts {
            let key = RecordKey(.account, id)
            if let record = changed[key] ?? known[key] { expected[id] = book.company(id, record) }
        }
        return expected
    }

    /// These opportunities and all records that decide about them, as far as they are known by name.
    package func dependencies(
        of opportunities: [GUID],
        given facts: [MirrorRecord]
    ) async throws(StoreError) -> Set<RecordKey> {
        var keys = Set(opportunities.map { RecordKey(.opportunity, $0) })
        for slice in try await slices.load(opportunities, over: try await changed(by: facts)) {
            keys.formUnion(slice.connections.map(\.key))
            keys.formUnion(book.missing(in: slice))
            keys.formUnion([slice.contacts, slice.accounts, slice.users].flatMap(\.values).map(\.key))
        }
        return keys
    }

    package func dependencies(of opportunity: GUID) async throws(StoreError) -> [RecordKey] {
        try await dependencies(of: [opportunity], given: []).sorted()
    }

    private func changed(by facts: [MirrorRecord]) async throws(StoreError) -> [RecordKey: MirrorRecord] {
        Dictionary(try await merged(facts).map { ($0.after.key, $0.after) }) { first, _ in first }
    }
}
