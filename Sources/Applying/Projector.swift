package import Configuration
import Coordination
package import OnewayCore
import Reading
package import Store

/// Computes what Marketo should hold from records that change: which opportunities are affected, in steps of bounded
/// size.
package struct Projector: Sendable {
    /// Opportunities per transaction, which then takes the store's writer a few milliseconds.
    static let opportunitiesMax = 64
    /// Opportunities that notifications change directly. The size of a step of these is adaptive, so it may be larger.
    static let nearMax = 128
    /// Records whose change is passed on in one step.
    static let staleMax = 32

    let store: any StoreQueries
    package let book: RuleBook
    let slices: SliceLoader
    let selection: Selection
    let jsonDepthMax: Int
    let now: @Sendable () -> Timestamp
    /// Whether Dynamics can be asked for what no notification contained.
    let asks: Bool

    init(
        store: any StoreQueries,
        book: RuleBook,
        jsonDepthMax: Int = JSONDocument.depthMaxByDefault,
        asks: Bool = false,
        now: @escaping @Sendable () -> Timestamp = TimeSource.systemNow
    ) {
        self.now = now
        self.asks = asks
        self.store = store
        self.book = book
        self.jsonDepthMax = jsonDepthMax
        slices = SliceLoader(store: store, book: book)
        selection = Selection(book.columns)
    }

    package init(_ settings: Configuration, store: any StoreQueries) {
        self.init(
            store: store,
            book: RuleBook(RuleSettings(settings)),
            jsonDepthMax: settings.limits.jsonDepthMax,
            asks: settings.dynamics.webApi != nil
        )
    }

    /// Adds these records and everything that follows from them in this step; the rest is left to later steps.
    func add(
        _ changes: [ChangedRecord],
        _ lane: DeliveryLane,
        _ application: inout Application
    ) async throws(StoreError) {
        let changed = Dictionary(changes.map { ($0.after.key, $0.after) }) { first, _ in first }
        var (opportunities, far, shared) = (Set<GUID>(), Set<RecordKey>(), [MirrorRecord]())
        for change in changes {
            keep(change, in: &application)
            if asks { ask(change.after, &application) }
            switch book.reach(before: change.before, after: change.after) {
            case .nobody: break
            case .company, .salesPerson: shared.append(change.after)
            case .opportunities(let ids): opportunities.formUnion(ids)
            case .referrers:
                far.insert(change.after.key)
                if change.after.key.entity == .account { shared.append(change.after) }
            }
        }
        let all = opportunities.sorted()
        let near = Array(all.prefix(Self.nearMax))
        try await project(near, over: changed, lane: lane, into: &application)
        application.desired += try await self.shared(shared, lane)
        if book.settings.linksPeople {
            try await addPeople(changes.map(\.after), over: changed, lane, to: &application)
        }
        application.stale += all.dropFirst(near.count).map { StaleRecord(RecordKey(.opportunity, $0), lane: lane) }
        application.stale += try await withLosers(far).map { StaleRecord($0, lane: lane) }
    }

    /// Adds a record, and nothing that follows from it.
    func keep(_ change: ChangedRecord, in application: inout Application) {
        application.records.append(stored(change.after))
        application.forgottenLeads += change.valuesGone
        let (before, after) = (change.before?.isKnownOpportunity ?? false, change.after.isKnownOpportunity)
        application.opportunitiesKnown += (after ? 1 : 0) - (before ? 1 : 0)
    }

    /// Computes the next step of passing on earlier changes. Returns false when all are passed on.
    func followUp(limit: Int, _ application: inout Application) async throws(StoreError) -> Bool {
        let stale = try await store.stale(limit: limit)
        guard let first = stale.first else { return try await sweep(&application, now: now()) }
        var (opportunities, contacts) = (Set<GUID>(), Set<RecordKey>())
        // One lane per step: records of another lane are left to the next.
        for record in stale where record.lane == first.lane {
            let room = Self.opportunitiesMax - opportunities.count
            if room <= 0 { break }
            let page = try await referrers(of: record, limit: room)
            opportunities.formUnion(page.opportunities)
            contacts.formUnion(page.contacts)
            if let last = page.last {
                application.stale.append(StaleRecord(record.key, after: last, lane: record.lane))
            } else {
                application.fresh.append(record.key)
            }
        }
        try await project(opportunities.sorted(), lane: first.lane, into: &application)
        if book.settings.linksPeople {
            let records = try await store.records(contacts.sorted())
            try await addPeople(Array(records.values), over: [:], first.lane, to: &application)
        }
        application.stale += try await withLosers(contacts).map { StaleRecord($0, lane: first.lane) }
        return true
    }

    /// Returns the records that these facts are about, merged with what is known.
    func merged(_ facts: [MirrorRecord]) async throws(StoreError) -> [ChangedRecord] {
        ChangedRecord.merging(facts, into: try await store.records(Array(Set(facts.map(\.key)))))
    }

    func stored(_ record: MirrorRecord) -> (record: MirrorRecord, references: [Reference]) {
        (record, book.storedReferences(of: record).map { Reference($0.column, to: $0.to) })
    }

    /// A connection without its ends, and anything that came back after its deletion, may be in nobody's slice. What may be
    /// rolled back is asked for even if nothing else follows from it.
    private func ask(_ record: MirrorRecord, _ application: inout Application) {
        let isAlone = record.isDeleted || record.key.entity == .connection
        guard let reason = book.question(of: record), isAlone || reason == .tentative else { return }
        application.questions[record.key] = reason
    }

    /// Adds what the rules want for these opportunities, their companies, and their sales persons, without what the
    /// outbox has already, and what has to be asked for it.
    func project(
        _ opportunities: [GUID],
        over changed: [RecordKey: MirrorRecord] = [:],
        lane: DeliveryLane = .live,
        into application: inout Application
    ) async throws(StoreError) {
        let outbox = try await store.outbox(of: opportunities)
        var desired: [DeliveryKey: DesiredRecord] = [:]
        for slice in try await slices.load(opportunities, over: changed) {
            let id = slice.opportunity.key.id
            let items = outbox[id] ?? []
            application.judged.append(Judgement(id, book.absence(of: slice.opportunity)))
            if asks { application.questions.merge(book.questions(slice)) { first, _ in first } }
            for var wanted in book.project(slice, held: items.map(CurrentRecord.init)) {
                wanted.desired.lane = lane
                if items.contains(where: { $0.key == wanted.key && $0.state.has(wanted.desired) }) { continue }
                wanted.opportunity = wanted.key.kind.isShared ? nil : id
                desired[wanted.key] = wanted
            }
        }
        application.desired += desired.values.sorted { $0.key < $1.key }
        if book.settings.linksPeople { try await passOnNewCompanies(desired.keys, lane, to: &application) }
    }

    /// A company follows its account, and a sales person its user, once some opportunity has named it.
    private func shared(_ records: [MirrorRecord], _ lane: DeliveryLane) async throws(StoreError) -> [DesiredRecord] {
        var desired: [DesiredRecord] = []
        for record in records {
            let id = record.key.id
            var wanted =
                record.key.entity == .account ? book.company(id, record) : book.salesPerson(id, record)
            wanted.desired.lane = lane
            guard let item = try await store.outboxItem(wanted.key), !item.state.has(wanted.desired) else {
                continue
            }
            desired.append(wanted)
        }
        return desired
    }
}

extension Projector {
    /// The records that one record's change affects next. `last` is where to continue, nil at the end.
    private struct Page {
        var opportunities: Set<GUID> = []
        var contacts: Set<RecordKey> = []
        var last: GUID?
    }

    /// The most opportunities that a preview counts.
    static let reachedMax = 1_000

    /// Returns the opportunities that a change of these records affects, as far as they are counted.
    func reached(
        from records: Set<RecordKey>
    ) async throws(StoreError) -> (opportunities: Set<GUID>, isAll: Bool) {
        var found: Set<GUID> = []
        var known = try await withLosers(records)
        var next = known.sorted().map { StaleRecord($0) }
        while let record = next.popLast() {
            let page = try await referrers(of: record, limit: Self.opportunitiesMax)
            found.formUnion(page.opportunities)
            let contacts = try await withLosers(page.contacts).subtracting(known)
            known.formUnion(contacts)
            next += contacts.sorted().map { StaleRecord($0) }
            if let last = page.last { next.append(StaleRecord(record.key, after: last)) }
            if found.count > Self.reachedMax { return (found, false) }
        }
        return (found, true)
    }

    /// Returns a page of all records that refer to this one, from all tables, in the order of their ids: one cursor for
    /// all.
    private func referrers(of stale: StaleRecord, limit: Int) async throws(StoreError) -> Page {
        if stale.key.entity == .opportunity { return Page(opportunities: [stale.key.id]) }
        var found: [RecordKey] = []
        for entity in [Entity.opportunity, .connection, .contact] where entity != stale.key.entity {
            let ids = try await store.referrers(to: stale.key, from: entity, after: stale.after, limit: limit)
            found += ids.map { RecordKey(entity, $0) }
        }
        found.sort { $0.id < $1.id }
        var page = Page()
        if found.count >= limit {
            let last = found[limit - 1].id
            page.last = last
            found.removeAll { $0.id > last }
        }
        let connections = try await store.records(found.filter { $0.entity == .connection })
        for key in found {
            switch key.entity {
            case .opportunity: page.opportunities.insert(key.id)
            case .contact: page.contacts.insert(key)
            default:
                if let record = connections[key], case .opportunities(let ids) = book.reach(through: record) {
                    page.opportunities.formUnion(ids)
                }
            }
        }
        return page
    }

    /// Adds all records that were merged into these, however long the chain: a reference to a loser means the winner.
    func withLosers(_ records: Set<RecordKey>) async throws(StoreError) -> Set<RecordKey> {
        var (all, latest) = (records, records)
        while !latest.isEmpty {
            var losers: Set<RecordKey> = []
            for entity in [Entity.contact, .account] {
                let winners = latest.filter { $0.entity == entity }
                if winners.isEmpty { continue }
                let found = Set(try await store.referrers(to: Array(winners), from: entity).values.joined())
                // A contact may also name the one that it belongs to.
                for record in try await store.records(found.map { RecordKey(entity, $0) }).values {
                    guard let winner = record["masterid"]?.reference?.id else { continue }
                    if winners.contains(RecordKey(entity, winner)) { losers.insert(record.key) }
                }
            }
            latest = losers.subtracting(all)
            all.formUnion(latest)
        }
        return all
    }
}

extension CurrentRecord {
    init(_ item: OutboxItem) {
        self.init(item.key, item.state)
    }
}

extension DeliveryState {
    /// Whether setting this again would change nothing.
    func has(_ wanted: DesiredState) -> Bool {
        desired == wanted.record && heldFor == wanted.heldFor && reasons == wanted.reasons && lane <= wanted.lane
    }
}
