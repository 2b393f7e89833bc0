import OnewayCore
import Store

/// `rules.linkPeopleToCompany`: people follow their contacts, once some opportunity has named their account.
extension Projector {
    /// Adds what the rules want of the people of those records that are contacts, without what the outbox has already.
    func addPeople(
        _ records: [MirrorRecord],
        over changed: [RecordKey: MirrorRecord],
        _ lane: DeliveryLane,
        to application: inout Application
    ) async throws(StoreError) {
        let companies = Set(application.desired.map(\.key))
        for (wanted, item) in try await people(of: records, over: changed, and: companies) {
            var wanted = wanted
            wanted.desired.lane = lane
            if item?.state.has(wanted.desired) ?? (wanted.desired.record == nil) { continue }
            application.desired.append(wanted)
        }
    }

    /// Returns what the rules want of these contacts' people, beside what the outbox has of them.
    /// `companies` are those that Marketo will have, in addition to those in the outbox.
    func people(
        of records: [MirrorRecord],
        over changed: [RecordKey: MirrorRecord] = [:],
        and companies: Set<DeliveryKey>
    ) async throws(StoreError) -> [(wanted: DesiredRecord, item: OutboxItem?)] {
        let contacts = records.filter { $0.key.entity == .contact }.map { changed[$0.key] ?? $0 }
        if contacts.isEmpty { return [] }
        let accounts = try await slices.accounts(of: contacts, over: changed)
        var inMarketo: Set<GUID> = []
        for account in accounts.keys {
            let company = DeliveryKey(.company, "\(account)")
            if companies.contains(company) {
                inMarketo.insert(account)
            } else if try await store.outboxItem(company) != nil {
                inMarketo.insert(account)
            }
        }
        var people: [(DesiredRecord, OutboxItem?)] = []
        for contact in contacts.sorted(by: { $0.key < $1.key }) {
            let wanted = book.person(contact, accounts.compactMapValues(\.self), isInMarketo: inMarketo.contains)
            people.append((wanted, try await store.outboxItem(wanted.key)))
        }
        return people
    }

    /// The people of an account follow as soon as an opportunity has named it: later, because they may be many.
    func passOnNewCompanies(
        _ wanted: some Sequence<DeliveryKey>,
        _ lane: DeliveryLane,
        to application: inout Application
    ) async throws(StoreError) {
        for key in wanted.sorted() where key.kind == .company {
            guard try await store.outboxItem(key) == nil, let account = GUID(key.text) else { continue }
            application.stale += try await withLosers([RecordKey(.account, account)]).map {
                StaleRecord($0, lane: lane)
            }
        }
    }

    /// The changes of these contacts' people, where Marketo has something else.
    func changes(
        ofPeople contacts: [MirrorRecord],
        and companies: Set<DeliveryKey>
    ) async throws(StoreError) -> [Change] {
        try await people(of: contacts, and: companies).flatMap { wanted, item in
            Change.between([wanted], item.map { [CurrentRecord($0)] } ?? [])
        }
    }
}
