import OnewayCore
import Store

/// What would change in Marketo against what it confirmed last. Reads, and writes nothing.
extension Projector {
    /// What these facts would change, if they were told now. Of what reaches far, the first step.
    func preview(_ facts: [MirrorRecord]) async throws(StoreError) -> [Change] {
        let known = try await store.records(Array(Set(facts.map(\.key))))
        var changed = known
        for fact in facts { changed[fact.key, default: MirrorRecord(fact.key)].merge(fact) }
        var opportunities: Set<GUID> = []
        for (key, record) in changed {
            switch book.reach(before: known[key], after: record) {
            case .nobody, .company: break
            case .opportunities(let ids): opportunities.formUnion(ids)
            case .referrers:
                opportunities.formUnion(try await firstReferrers(of: key))
            }
        }
        return try await changes(of: opportunities.sorted(), over: changed).map(\.change)
    }

    /// What the rules want of these opportunities where Marketo has something else, and what nobody has told.
    func changes(
        of opportunities: [GUID],
        over changed: [RecordKey: MirrorRecord] = [:]
    ) async throws(StoreError) -> [(change: Change, unknown: Int)] {
        var found: [DeliveryKey: (change: Change, unknown: Int)] = [:]
        for first in stride(from: 0, to: opportunities.count, by: Self.opportunitiesMax) {
            let some = Array(opportunities[first..<min(first + Self.opportunitiesMax, opportunities.count)])
            let outbox = try await store.outbox(of: some)
            for slice in try await slices.load(some, over: changed) {
                var held = (outbox[slice.opportunity.key.id] ?? []).map(Held.init)
                let projections = book.project(slice, held: held)
                for company in projections where company.key.kind == .company {
                    if let item = try await store.outboxItem(company.key) { held.append(Held(item)) }
                }
                let unknown = Dictionary(projections.map { ($0.key, $0.unknown.count) }) { first, _ in first }
                for change in Change.between(projections, held) {
                    found[change.key] = (change, unknown[change.key] ?? 0)
                }
            }
        }
        return found.values.sorted { $0.change.key < $1.change.key }
    }

    /// All that the rules would change, the first so many of them, and how many selected values are not known.
    func allChanges(limit: Int) async throws(StoreError) -> (changes: [Change], total: Int, unknown: Int) {
        var (changes, total, unknown) = ([Change](), 0, 0)
        try await eachChange { change, unknownHere in
            total += 1
            unknown += unknownHere
            if changes.count < limit { changes.append(change) }
        }
        return (changes, total, unknown)
    }

    /// All that the rules would change, one after the other. Keeps no more in memory than a page and the companies' keys.
    func eachChange(_ visit: (_ change: Change, _ unknown: Int) -> Void) async throws(StoreError) {
        var (companies, last) = (Set<DeliveryKey>(), GUID?.none)
        while true {
            let ids = try await store.records(of: .opportunity, after: last, limit: Self.opportunitiesMax).map(\.key.id)
            for (change, unknown) in try await changes(of: ids) {
                guard change.key.kind != .company || companies.insert(change.key).inserted else { continue }
                visit(change, unknown)
            }
            guard ids.count == Self.opportunitiesMax else { return }
            last = ids.last
        }
    }
}
