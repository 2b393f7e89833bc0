import Coordination
import OnewayCore
import Store
import Threads

/// Creates leads. Marketo creates two for one person when asked twice at once, or again after a lost answer: so there is
/// one call at a time, and a lead that may have been created is searched before the next attempt, by whichever run.
extension LeadSearch {
    /// A person to be created.
    private struct NewPerson {
        /// All by which contacts name this person, beside the one that is sent.
        let spellings: Set<String>
        let record: [UInt8]
    }

    /// What a person waits for before being created.
    private enum NotYet: Error {
        case company(DeliveryKey)
        case contact
    }

    func make(
        _ wanted: [Wanted],
        _ remembered: [String: RememberedLead],
        in delivery: inout Delivery
    ) async throws(StoreError) -> [String: Found] {
        if wanted.isEmpty { return [:] }
        delivery.giveBackSlot()
        await context.leadMaking.lock()
        defer { context.leadMaking.unlock() }
        // Some may have been created by another delivery since this one asked, or it is not known yet.
        let spellings = Set(wanted.flatMap { RememberedLead.spellings(of: $0.value) })
        let known = try await context.store.leads(Array(spellings)).compactMapValues(trusted)
        var (found, people) = ([String: Found](), [[Wanted]]())
        for person in Dictionary(grouping: wanted, by: { $0.value.lowercased() }).values {
            if let answer = Self.answer(to: person, among: known) {
                for wanted in person { found[wanted.value] = answer }
            } else {
                people.append(person.sorted { $0.value < $1.value })
            }
        }
        people.sort { $0[0].value < $1[0].value }
        let (ready, waiting) = try await records(of: people)
        found.merge(waiting) { _, new in new }
        for batch in MarketoBatches.cut(ready, bytes: \.record.count) {
            found.merge(try await make(batch, remembered, in: &delivery)) { _, new in new }
        }
        return found
    }

    /// Who was found counts, in whichever spelling.
    private static func answer(to person: [Wanted], among known: [String: Found]) -> Found? {
        let answers = Set(person.flatMap { RememberedLead.spellings(of: $0.value) }).sorted().compactMap { known[$0] }
        return answers.first { if case .found = $0 { true } else { false } } ?? answers.first
    }

    /// What is remembered before the call holds for whoever comes after this run, should it not hear the answer. It is
    /// replaced by the answer before the next call may start.
    private func make(
        _ batch: ArraySlice<NewPerson>,
        _ remembered: [String: RememberedLead],
        in delivery: inout Delivery
    ) async throws(StoreError) -> [String: Found] {
        let spellings = batch.flatMap(\.spellings)
        let records = batch.map(\.record)
        let call = MarketoCall.syncLeads(context.lead.field, records, partition: context.lead.partition)
        guard delivery.hasTime(for: call), await delivery.awaitSlot() else {
            return try await learn(Self.all(spellings, .unavailable), remembered)
        }
        context.making.withLock { $0.formUnion(spellings) }
        defer { context.making.withLock { $0.subtract(spellings) } }
        _ = try await remember(Self.all(spellings, .unsure), remembered)
        let reading = await delivery.call(call, .sync, of: .company)
        if case .refused(let disposition, _)? = reading?.whole, disposition.mayBeOneRecord,
            // All of them have the same fields.
            disposition != .withoutFields, let (first, second) = MarketoBatches.halved(batch)
        {
            let made = try await make(first, remembered, in: &delivery)
            return made.merging(try await make(second, remembered, in: &delivery)) { _, new in new }
        }
        var answers: [String: Found] = [:]
        for (person, answer) in zip(batch, Self.answers(reading, count: batch.count)) {
            for spelling in person.spellings { answers[spelling] = answer }
        }
        return try await learn(answers, remembered)
    }

    /// What came of each of so many people; no reading: the call was not made.
    private static func answers(_ reading: CallReading?, count: Int) -> [Found] {
        guard let reading else { return Array(repeating: .unavailable, count: count) }
        switch reading.whole {
        case nil:
            return zip(reading.records, reading.answer?.results ?? []).map { outcome, result -> Found in
                switch outcome {
                case .refused(let complaints): return notMade(CallReading.deciding(complaints, .sync, .company))
                case .done: break
                }
                guard let id = result.fields["id"]?.int else { return .unsure }
                return .found(Int64(id))
            }
        case .refused(let disposition, let trouble):
            return Array(repeating: notMade((disposition, trouble)), count: count)
        case .notSent: return Array(repeating: .unavailable, count: count)
        case .unknown, .unclear: return Array(repeating: .unsure, count: count)
        }
    }

    private static func notMade(_ refusal: (disposition: ErrorDisposition, trouble: DeliveryTrouble)) -> Found {
        refusal.disposition == .doubt ? .unsure : found(refusal.disposition, refusal.trouble)
    }

    /// Whoever was surely not created is not waited for.
    private func learn(
        _ answers: [String: Found],
        _ remembered: [String: RememberedLead]
    ) async throws(StoreError) -> [String: Found] {
        let notMade = answers.filter { _, answer in
            switch answer {
            case .found, .missing, .unsure: false
            case .several, .company, .refused, .failed, .unavailable: true
            }
        }
        if !notMade.isEmpty { try await context.store.forgetLeads(Array(notMade.keys)) }
        return try await remember(answers, remembered)
    }
}

// MARK: Their records

extension LeadSearch {
    /// Returns the people who can be created, and what the others wait for. One contact speaks for all that name a person.
    private func records(
        of people: [[Wanted]]
    ) async throws(StoreError) -> (ready: [NewPerson], waiting: [String: Found]) {
        let contacts = try await context.store.records(people.map { RecordKey(.contact, $0[0].contact) })
        let accounts = try await accounts(of: Array(contacts.values))
        var (ready, waiting) = ([NewPerson](), [String: Found]())
        for person in people {
            let contact = contacts[RecordKey(.contact, person[0].contact)]
            switch try await record(of: person[0], contact, accounts) {
            case .success(let record):
                let spellings = Set(person.flatMap { RememberedLead.spellings(of: $0.value) })
                ready.append(NewPerson(spellings: spellings, record: record.encoded))
            case .failure(.company(let company)):
                for wanted in person { waiting[wanted.value] = .company(company) }
            case .failure(.contact):
                // Not remembered: as soon as more is known, there is nothing to wait for.
                let next = context.time.now().adding(milliseconds: Self.pause.milliseconds(after: 1))
                for wanted in person { waiting[wanted.value] = .missing(askAgainAt: next) }
            }
        }
        return (ready, waiting)
    }

    /// Returns the record of a person, with name, e-mail, and company. A company's fields cannot be written through a
    /// person (1021), so it is sent first, in a call of its own; one that no opportunity names is not sent to Marketo,
    /// and the person is created without it.
    private func record(
        of wanted: Wanted,
        _ contact: MirrorRecord?,
        _ accounts: [GUID: MirrorRecord]
    ) async throws(StoreError) -> Result<JSON, NotYet> {
        // Nothing but the id is known, and nobody sends later what a person lacks.
        if contact?.attributes.isEmpty ?? true, wanted.value == "\(wanted.contact)" { return .failure(.contact) }
        var members: [JSON.Member] = [.init(context.lead.field, .string(wanted.value))]
        for (field, column) in [("firstName", "firstname"), ("lastName", "lastname"), ("email", "emailaddress1")]
        where field != context.lead.field {
            if case .text(let text) = contact?[column], !text.isEmpty { members.append(.init(field, .string(text))) }
        }
        guard let account = contact.flatMap({ RuleBook.account(ofPerson: $0, among: accounts) }) else {
            return .success(.object(members))
        }
        let company = DeliveryKey(.company, "\(account)")
        if let item = try await context.store.outboxItem(company), item.state.desired != nil {
            if item.state.confirmed == nil { return .failure(.company(company)) }
            members.append(.init("externalCompanyId", .string(company.text)))
        }
        return .success(.object(members))
    }

    /// The accounts of these contacts, and those that they were merged into.
    private func accounts(of contacts: [MirrorRecord]) async throws(StoreError) -> [GUID: MirrorRecord] {
        var accounts: [GUID: MirrorRecord] = [:]
        while true {
            let named = Set(contacts.compactMap { RuleBook.account(ofPerson: $0, among: accounts) })
            let unknown = named.filter { accounts[$0] == nil }
            if unknown.isEmpty { return accounts }
            let found = try await context.store.records(unknown.map { RecordKey(.account, $0) })
            if found.isEmpty { return accounts }
            for record in found.values { accounts[record.key.id] = record }
        }
    }
}
