package import OnewayCore
package import Store

/// Computes what would change in Marketo, compared with what it confirmed last. Only reads.
extension Projector {
    /// Returns what these facts would change if they arrived now. Of the opportunities that a change affects through
    /// other records, the first are shown, and the reasons give the number of the rest.
    package func preview(_ facts: [MirrorRecord]) async throws(StoreError) -> (changes: [Change], reasons: [Reason]) {
        let changes = try await merged(facts)
        var (near, far) = (Set<GUID>(), Set<RecordKey>())
        for change in changes {
            switch book.reach(before: change.before, after: change.after) {
            case .nobody, .company, .salesPerson: break
            case .opportunities(let ids): near.formUnion(ids)
            case .referrers: far.insert(change.after.key)
            }
        }
        let reached = try await reached(from: far)
        let rest = reached.opportunities.subtracting(near).sorted()
        let shown = near.sorted() + rest.prefix(Self.opportunitiesMax)
        let records = Dictionary(changes.map { ($0.after.key, $0.after) }) { first, _ in first }
        var reasons: [Reason] = []
        if rest.count > Self.opportunitiesMax || !reached.isAll {
            let more = reached.isAll ? "\(rest.count)" : "more than \(Self.reachedMax)"
            let says = "\(more) opportunities follow; the changes of the first \(Self.opportunitiesMax) are shown"
            reasons.append(Reason(rule: "R9", says: says))
        }
        let found = try await self.changes(of: shown, over: records)
        if !book.settings.linksPeople { return (found, reasons) }
        let people = try await self.changes(ofPeople: changes.map(\.after), and: Set(found.map(\.key)))
        return ((found + people).sorted { $0.key < $1.key }, reasons)
    }

    /// Returns what the rules want for these opportunities where Marketo has, or is to have, something else.
    package func changes(
        of opportunities: [GUID],
        over changed: [RecordKey: MirrorRecord] = [:],
        against side: Change.Side = .confirmed
    ) async throws(StoreError) -> [Change] {
        var found: [DeliveryKey: Change] = [:]
        for first in stride(from: 0, to: opportunities.count, by: Self.opportunitiesMax) {
            let some = Array(opportunities[first..<min(first + Self.opportunitiesMax, opportunities.count)])
            let outbox = try await store.outbox(of: some)
            for slice in try await slices.load(some, over: changed) {
                var held = (outbox[slice.opportunity.key.id] ?? []).map(CurrentRecord.init)
                let projections = book.project(slice, held: held)
                for shared in projections where shared.key.kind.isShared {
                    if let item = try await store.outboxItem(shared.key) { held.append(CurrentRecord(item)) }
                }
                for change in Change.between(projections, held, side) { found[change.key] = change }
            }
        }
        return found.values.sorted { $0.key < $1.key }
    }

    /// Visits everything that the rules would change in what is wanted now, one change after another. Keeps only a page
    /// and the keys of companies and sales persons in memory. Returns the number of selected values that no
    /// notification contained, of all opportunities, changed or not.
    func eachChange(_ visit: (Change) -> Void) async throws(StoreError) -> Int {
        var (shared, last, unknown) = (Set<DeliveryKey>(), GUID?.none, 0)
        while true {
            let records = try await store.records(of: .opportunity, after: last, limit: Self.opportunitiesMax)
            for change in try await changes(of: records.map(\.key.id), against: .wanted) {
                guard !change.key.kind.isShared || shared.insert(change.key).inserted else { continue }
                visit(change)
            }
            unknown += records.reduce(0) { $0 + book.unknownFields(of: $1) }
            guard records.count == Self.opportunitiesMax else { break }
            last = records.last?.key.id
        }
        try await eachChangeOfPeople(shared, visit)
        return unknown
    }

    /// Also where people are linked no longer.
    private func eachChangeOfPeople(
        _ companies: Set<DeliveryKey>,
        _ visit: (Change) -> Void
    ) async throws(StoreError) {
        let held = try await store.status().outbox[.person] ?? [:]
        guard book.settings.linksPeople || held.values.contains(where: { $0 > 0 }) else { return }
        var last: GUID?
        repeat {
            let records = try await store.records(of: .contact, after: last, limit: Self.opportunitiesMax)
            for change in try await changes(ofPeople: records, and: companies) { visit(change) }
            last = records.count == Self.opportunitiesMax ? records.last?.key.id : nil
        } while last != nil
    }
}
