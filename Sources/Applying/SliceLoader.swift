import OnewayCore
import Store

/// Reads everything that the rules need for some opportunities, many at a time: in a few reads, however many there are.
struct SliceLoader: Sendable {
    let store: any StoreQueries
    let book: RuleBook

    /// `changed` are records as they will be, which the store does not have yet.
    func load(
        _ opportunities: [GUID],
        over changed: [RecordKey: MirrorRecord] = [:]
    ) async throws(StoreError) -> [Slice] {
        let keys = opportunities.map { RecordKey(.opportunity, $0) }
        var connections = try await store.referrers(to: keys, from: .connection)
            .mapValues { ids in Set(ids.map { RecordKey(.connection, $0) }) }
        for record in changed.values where record.key.entity == .connection {
            guard case .opportunities(let ids) = book.reach(through: record) else { continue }
            for id in ids { connections[RecordKey(.opportunity, id), default: []].insert(record.key) }
        }
        var known = changed
        try await add(Set(keys).union(connections.values.joined()), to: &known)
        var slices = keys.map { key in
            var slice = Slice(known[key] ?? MirrorRecord(key))
            slice.connections = (connections[key] ?? []).compactMap { known[$0] }
            return slice
        }
        try await complete(&slices, known)
        return slices
    }

    /// The accounts of these contacts, and those that they were merged into; nil where the mirror does not have one.
    func accounts(
        of contacts: [MirrorRecord],
        over changed: [RecordKey: MirrorRecord]
    ) async throws(StoreError) -> [GUID: MirrorRecord?] {
        var (accounts, records) = ([GUID: MirrorRecord?](), contacts)
        while !records.isEmpty {
            let named = Set(records.flatMap(book.references).map(\.to).filter { $0.entity == .account })
            let missing = named.filter { accounts[$0.id] == nil }
            var known = changed
            try await add(missing, to: &known)
            for key in missing { accounts[key.id] = .some(known[key]) }
            records = missing.compactMap { known[$0] }
        }
        return accounts
    }

    /// A contact leads to its account, a loser to its winner: this continues until no known record is missing. One
    /// slice may need a step later what another has asked for, so it ends when no slice gains anything, not when
    /// nothing is left to ask for.
    private func complete(_ slices: inout [Slice], _ known: [RecordKey: MirrorRecord]) async throws(StoreError) {
        var (known, asked, gains) = (known, Set<RecordKey>(), true)
        while gains {
            let missing = slices.map(book.missing)
            let wanted = Set(missing.joined()).subtracting(asked)
            asked.formUnion(wanted)
            try await add(wanted, to: &known)
            gains = false
            for (index, keys) in missing.enumerated() {
                for record in keys.compactMap({ known[$0] }) {
                    slices[index].add(record)
                    gains = true
                }
            }
        }
    }

    private func add(_ keys: Set<RecordKey>, to known: inout [RecordKey: MirrorRecord]) async throws(StoreError) {
        let unknown = keys.filter { known[$0] == nil }
        if unknown.isEmpty { return }
        known.merge(try await store.records(Array(unknown))) { first, _ in first }
    }
}
