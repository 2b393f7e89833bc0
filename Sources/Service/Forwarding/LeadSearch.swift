import MarketoClient
import OnewayCore
import Store

/// From contacts to Marketo's leads: what is remembered, then what Marketo answers, then, where wanted, new leads.
struct LeadSearch {
    struct Wanted: Sendable {
        let value: String
        let contact: GUID
        let mayBeMade: Bool
    }

    enum Found: Sendable {
        case found(Int64)
        case missing(askAgainAt: Timestamp)
        case several([Int64])
        case refused(DeliveryTrouble)
        /// Marketo did not say.
        case unavailable
    }

    /// Leads are merged and deleted in Marketo, so what is remembered is trusted for a day.
    static let trustSeconds = 86_400
    static let pause = Pause(first: 60_000, most: 6 * 3_600_000)

    let desk: Desk

    init(_ desk: Desk) { self.desk = desk }

    /// By the values they are looked up by.
    func find(_ wanted: [Wanted], in delivery: inout Delivery) async throws(StoreError) -> [String: Found] {
        let byValue = Dictionary(wanted.map { ($0.value, $0) }) { first, second in first.mayBeMade ? first : second }
        let remembered = try await desk.store.leads(Array(byValue.keys))
        var found = remembered.compactMapValues(trusted)
        var answers: [String: Found] = [:]
        let asking = byValue.keys.filter { found[$0] == nil }.sorted()
        for batch in MarketoBatches.cut(asking, bytes: \.utf8.count) {
            answers.merge(await ask(Array(batch), in: &delivery)) { _, new in new }
        }
        if desk.lead.isCreated {
            let missing = byValue.values.filter { wanted in
                if case .missing = answers[wanted.value] { wanted.mayBeMade } else { false }
            }
            answers.merge(try await make(missing, in: &delivery)) { _, new in new }
        }
        found.merge(try await remember(answers, remembered)) { _, new in new }
        return found
    }

    private func trusted(_ lead: RememberedLead) -> Found? {
        let now = desk.time.now()
        if let id = lead.id { return now < lead.askedAt.adding(seconds: Self.trustSeconds) ? .found(id) : nil }
        let next = askAgainAt(lead)
        return now < next ? .missing(askAgainAt: next) : nil
    }

    private func askAgainAt(_ lead: RememberedLead) -> Timestamp {
        lead.askedAt.adding(milliseconds: Self.pause.milliseconds(after: lead.misses))
    }

    /// With the time at which those that are missing are asked for again: later each time.
    private func remember(
        _ answers: [String: Found],
        _ remembered: [String: RememberedLead]
    ) async throws(StoreError) -> [String: Found] {
        let now = desk.time.now()
        var (dated, notes) = (answers, [RememberedLead]())
        for (value, answer) in answers {
            switch answer {
            case .found(let id): notes.append(RememberedLead(value, id: id, askedAt: now))
            case .missing:
                let note = RememberedLead(value, id: nil, askedAt: now, misses: (remembered[value]?.misses ?? 0) + 1)
                notes.append(note)
                dated[value] = .missing(askAgainAt: askAgainAt(note))
            case .several, .refused, .unavailable: break
            }
        }
        if !notes.isEmpty { try await desk.store.remember(notes) }
        return dated
    }
}

// MARK: Asking

extension LeadSearch {
    /// The answer is in no order, may name a value in another case, and may hold several leads for one.
    private func ask(_ values: [String], in delivery: inout Delivery) async -> [String: Found] {
        var (ids, page) = ([String: Set<Int64>](), String?.none)
        repeat {
            let call = MarketoCall.findLeads(desk.lead.field, values, fields: ["id", desk.lead.field], page: page)
            guard let reading = await delivery.call(call, .read, of: .role) else {
                return Self.all(values, .unavailable)
            }
            switch reading.whole {
            case nil: break
            case .refused(_, let trouble)? where trouble.code == "702": page = nil
            // More leads match than Marketo lists: fewer values at once.
            case .refused(_, let trouble)? where trouble.code == "1003" && values.count > 1:
                let middle = values.count / 2
                let first = await ask(Array(values[..<middle]), in: &delivery)
                return first.merging(await ask(Array(values[middle...]), in: &delivery)) { _, new in new }
            case .refused(.park, let trouble)?: return Self.all(values, .refused(trouble))
            default: return Self.all(values, .unavailable)
            }
            for result in reading.answer?.results ?? [] {
                guard let value = result.fields[desk.lead.field]?.string, let id = result.fields["id"]?.int else {
                    continue
                }
                ids[value.lowercased(), default: []].insert(Int64(id))
            }
            page = reading.answer?.nextPage
        } while page != nil
        return Dictionary(
            uniqueKeysWithValues: values.map { value in
                let leads = (ids[value.lowercased()] ?? []).sorted()
                switch leads.count {
                case 0: return (value, .missing(askAgainAt: desk.time.now()))
                case 1: return (value, .found(leads[0]))
                default: return (value, .several(leads))
                }
            }
        )
    }

    private static func all(_ values: [String], _ found: Found) -> [String: Found] {
        Dictionary(uniqueKeysWithValues: values.map { ($0, found) })
    }
}

// MARK: Making

extension LeadSearch {
    /// New leads. Marketo makes two of one person when asked twice at once, or again after an answer that was lost: so
    /// one call at a time, and who is not known to be made is asked for before the next try.
    private func make(_ wanted: [Wanted], in delivery: inout Delivery) async throws(StoreError) -> [String: Found] {
        if wanted.isEmpty { return [:] }
        await desk.leadMaking.enter()
        defer { desk.leadMaking.leave() }
        let madeMeanwhile = try await desk.store.leads(wanted.map(\.value)).compactMapValues(\.id)
        var found = madeMeanwhile.mapValues(Found.found)
        let people = wanted.filter { found[$0.value] == nil }.sorted { $0.value < $1.value }
        let contacts = try await desk.store.records(people.map { RecordKey(.contact, $0.contact) })
        let records = people.map { ($0.value, person($0, contacts[RecordKey(.contact, $0.contact)]).encoded) }
        for batch in MarketoBatches.cut(records, bytes: \.1.count) {
            let call = MarketoCall.syncLeads(desk.lead.field, batch.map(\.1))
            guard let reading = await delivery.call(call, .sync, of: .role), reading.whole == nil else { continue }
            for ((value, _), (outcome, result)) in zip(batch, zip(reading.records, reading.answer?.results ?? [])) {
                switch outcome {
                case .done: if let id = result.fields["id"]?.int { found[value] = .found(Int64(id)) }
                case .refused(let complaints):
                    found[value] = .refused(CallReading.deciding(complaints, .sync, .company).1)
                }
            }
        }
        // Before the next one may enter.
        _ = try await remember(found, [:])
        return found
    }

    private func person(_ wanted: Wanted, _ contact: MirrorRecord?) -> JSON {
        var members: [JSON.Member] = [.init(desk.lead.field, .string(wanted.value))]
        for (field, column) in [("firstName", "firstname"), ("lastName", "lastname"), ("email", "emailaddress1")]
        where field != desk.lead.field {
            if case .text(let text) = contact?[column], !text.isEmpty { members.append(.init(field, .string(text))) }
        }
        if case .reference(_, let account) = contact?["parentcustomerid"], contact != nil {
            members.append(.init("externalCompanyId", .string(account.description)))
        }
        return .object(members)
    }
}
