import Coordination
import MarketoClient
import OnewayCore
import Store
import Threads

/// Finds Marketo's leads for contacts: first remembered ones, then those that Marketo finds, then, if configured, new
/// leads.
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
        /// It may have been created.
        case unsure
        /// It can only be created once its company is there.
        case company(DeliveryKey)
        /// Refused for good; failed for now.
        case refused(DeliveryTrouble), failed(DeliveryTrouble)
        /// Marketo gave no usable answer.
        case unavailable
    }

    /// Leads are merged and deleted in Marketo, so a remembered lead is trusted for a day.
    static let trustSeconds = 86_400
    static let pause = Pause(first: 60_000, most: 6 * 3_600_000)
    /// The second pause is longer than Marketo may take to create a lead.
    static let missesWhenUnsure = 2
    /// Before a lead that a role may create is searched again on behalf of something that may not.
    static let pauseOfOthers: Int64 = 3_600_000

    let context: DeliveryContext

    init(_ context: DeliveryContext) { self.context = context }

    /// Returns the results by the values that are searched for.
    func find(_ wanted: [Wanted], in delivery: inout Delivery) async throws(StoreError) -> [String: Found] {
        let byValue = Dictionary(wanted.map { ($0.value, $0) }) { first, second in first.mayBeMade ? first : second }
        let remembered = try await context.store.leads(Array(byValue.keys))
        var found = remembered.compactMapValues(trusted)
        var answers: [String: Found] = [:]
        let asking = byValue.keys.filter { found[$0] == nil }.sorted()
        for batch in MarketoBatches.cut(asking, bytes: \.utf8.count) {
            answers.merge(await ask(Array(batch), in: &delivery)) { _, new in new }
        }
        let makeable = byValue.values.filter { wanted in
            if case .missing = answers[wanted.value] { context.lead.isCreated && wanted.mayBeMade } else { false }
        }
        for wanted in makeable { answers[wanted.value] = nil }
        if context.lead.isCreated { found.merge(missingForNow(byValue.values, &answers)) { _, new in new } }
        found.merge(try await remember(answers, remembered)) { _, new in new }
        found.merge(try await make(makeable, remembered, in: &delivery)) { _, new in new }
        return found
    }

    /// That something that may not create a lead misses it is not remembered: a role that may would wait for that.
    private func missingForNow(
        _ wanted: some Sequence<Wanted>,
        _ answers: inout [String: Found]
    ) -> [String: Found] {
        var missing: [String: Found] = [:]
        let next = context.time.now().adding(milliseconds: Self.pauseOfOthers)
        for wanted in wanted where !wanted.mayBeMade {
            guard case .missing = answers[wanted.value] else { continue }
            answers[wanted.value] = nil
            missing[wanted.value] = .missing(askAgainAt: next)
        }
        return missing
    }

    private func trusted(_ lead: RememberedLead) -> Found? {
        let now = context.time.now()
        if let id = lead.id { return now < lead.askedAt.adding(seconds: Self.trustSeconds) ? .found(id) : nil }
        let next = askAgainAt(lead)
        return now < next && !isMended(lead, now) ? .missing(askAgainAt: next) : nil
    }

    /// True when an operator has asked for a retry since the lead was found missing, and Marketo cannot still be
    /// creating it.
    private func isMended(_ lead: RememberedLead, _ now: Timestamp) -> Bool {
        let making = context.lead.isCreated ? Self.pause.milliseconds(after: Self.missesWhenUnsure) : 0
        return lead.askedAt <= context.retryAskedAt.withLock({ $0 }) && now >= lead.askedAt.adding(milliseconds: making)
    }

    private func askAgainAt(_ lead: RememberedLead) -> Timestamp {
        lead.askedAt.adding(milliseconds: Self.pause.milliseconds(after: lead.misses))
    }

    /// Adds the time at which missing leads are searched again: later each time.
    private func remember(
        _ answers: [String: Found],
        _ remembered: [String: RememberedLead]
    ) async throws(StoreError) -> [String: Found] {
        let now = context.time.now()
        var (dated, notes) = (answers, [RememberedLead]())
        for (value, answer) in answers {
            switch answer {
            case .found(let id): notes.append(RememberedLead(value, id: id, askedAt: now))
            case .missing, .unsure:
                var note = RememberedLead(value, id: nil, askedAt: now, misses: (remembered[value]?.misses ?? 0) + 1)
                if case .unsure = answer { note.misses = max(note.misses, Self.missesWhenUnsure) }
                notes.append(note)
                dated[value] = .missing(askAgainAt: askAgainAt(note))
            case .several, .company, .refused, .failed, .unavailable: break
            }
        }
        if !notes.isEmpty { try await context.store.remember(notes) }
        return dated
    }
}

// MARK: Asking

extension LeadSearch {
    private enum Answer {
        case leads([String: Found])
        case refused(ErrorDisposition, DeliveryTrouble)
        /// Marketo gave no usable answer.
        case unavailable
    }

    /// Searches for all of them at once; if Marketo refuses that because of a few, these are found by halving.
    private func ask(_ values: [String], in delivery: inout Delivery) async -> [String: Found] {
        var (found, bisection) = ([String: Found](), Bisection(count: values.count))
        // The results for values that stay open: `ofQuestion` if the request itself is at fault, otherwise `open`:
        // later.
        var (open, ofQuestion) = (Found.unavailable, Found.unavailable)
        while let range = bisection.next() {
            let some = Array(values[range])
            switch await answer(to: some, in: &delivery) {
            case .leads(let leads):
                bisection.answered()
                found.merge(leads) { _, new in new }
            case .refused(let disposition, let trouble) where disposition.mayBeOneRecord:
                (open, ofQuestion) = (.failed(trouble), Self.found(disposition, trouble))
                if bisection.refused(range) { found[some[0]] = ofQuestion }
            case .refused(let disposition, let trouble):
                return Self.all(values, Self.found(disposition, trouble)).merging(found) { _, known in known }
            case .unavailable: return Self.all(values, .unavailable).merging(found) { _, known in known }
            }
        }
        let rest = Self.all(values, bisection.isQuestionAtFault ? ofQuestion : open)
        return rest.merging(found) { _, known in known }
    }

    /// The answer is in no order, may give a value in another case, and may contain several leads for one.
    private func answer(to values: [String], in delivery: inout Delivery) async -> Answer {
        var (ids, page) = ([String: Set<Int64>](), String?.none)
        repeat {
            let call = MarketoCall.findLeads(
                context.lead.field,
                values,
                fields: ["id", context.lead.field],
                page: page
            )
            // A value that Marketo cannot be asked for has no lead.
            if call.records == 0 { break }
            guard let reading = await delivery.call(call, .read, of: .role) else { return .unavailable }
            switch reading.whole {
            case nil: break
            case .refused(_, let trouble)? where trouble.code == "702": page = nil
            case .refused(let disposition, let trouble)?: return .refused(disposition, trouble)
            case .notSent, .unknown, .unclear: return .unavailable
            }
            for result in reading.answer?.results ?? [] {
                let field = result.fields[context.lead.field]
                guard let value = field?.string ?? field?.number, let id = result.fields["id"]?.int else { continue }
                ids[value.lowercased(), default: []].insert(Int64(id))
            }
            page = reading.answer?.nextPage
        } while page != nil
        return .leads(
            Dictionary(
                uniqueKeysWithValues: values.map { value in
                    let leads = (ids[value.lowercased()] ?? []).sorted()
                    switch leads.count {
                    case 0: return (value, .missing(askAgainAt: context.time.now()))
                    case 1: return (value, .found(leads[0]))
                    default: return (value, .several(leads))
                    }
                }
            )
        )
    }

    private static func all(_ values: [String], _ found: Found) -> [String: Found] {
        Dictionary(uniqueKeysWithValues: values.map { ($0, found) })
    }

    /// The result that a refusal means for the lead it is about.
    private static func found(_ disposition: ErrorDisposition, _ trouble: DeliveryTrouble) -> Found {
        switch disposition {
        case .again: .failed(trouble)
        case .away, .doubt, .fewerCalls, .fewerAtOnce, .nextDay, .stop: .unavailable
        case .park, .parkTogether, .done, .noLead, .rolesFirst, .withoutOwner, .withoutFields: .refused(trouble)
        }
    }
}

// MARK: Creating

extension LeadSearch {
    /// Creates leads. Marketo creates two for one person when asked twice at once, or again after a lost answer: so
    /// there is one call at a time, and a lead that may not have been created is searched before the next attempt.
    private func make(
        _ wanted: [Wanted],
        _ remembered: [String: RememberedLead],
        in delivery: inout Delivery
    ) async throws(StoreError) -> [String: Found] {
        if wanted.isEmpty { return [:] }
        await context.leadMaking.lock()
        defer { context.leadMaking.unlock() }
        // Some may have been created by another delivery since this one asked, or it is not known yet.
        var found = try await context.store.leads(wanted.map(\.value)).compactMapValues(trusted)
        let people = wanted.filter { found[$0.value] == nil }.sorted { $0.value < $1.value }
        let contacts = try await context.store.records(people.map { RecordKey(.contact, $0.contact) })
        var records: [(String, [UInt8])] = []
        for wanted in people {
            switch try await person(wanted, contacts[RecordKey(.contact, wanted.contact)]) {
            case .success(let record): records.append((wanted.value, record.encoded))
            case .failure(let waiting): found[wanted.value] = .company(waiting.company)
            }
        }
        var made: [String: Found] = [:]
        for batch in MarketoBatches.cut(records, bytes: \.1.count) {
            made.merge(await make(batch, in: &delivery)) { _, new in new }
        }
        // In this order: before the next call may start.
        return found.merging(try await remember(made, remembered)) { _, new in new }
    }

    private func make(
        _ batch: ArraySlice<(String, [UInt8])>,
        in delivery: inout Delivery
    ) async -> [String: Found] {
        let values = batch.map(\.0)
        let call = MarketoCall.syncLeads(context.lead.field, batch.map(\.1), partition: context.lead.partition)
        guard let reading = await delivery.call(call, .sync, of: .company) else {
            return Self.all(values, .unavailable)
        }
        switch reading.whole {
        case nil:
            var found: [String: Found] = [:]
            for (value, (outcome, result)) in zip(values, zip(reading.records, reading.answer?.results ?? [])) {
                switch (outcome, result.fields["id"]?.int) {
                case (.done, let id?): found[value] = .found(Int64(id))
                case (.done, nil): found[value] = .unavailable
                case (.refused(let complaints), _):
                    let (disposition, trouble) = CallReading.deciding(complaints, .sync, .company)
                    found[value] = Self.found(disposition, trouble)
                }
            }
            return found
        case .refused(let disposition, let trouble):
            // All of them have the same fields.
            let mayBeOne = disposition.mayBeOneRecord && disposition != .withoutFields
            guard mayBeOne, let (first, second) = MarketoBatches.halved(batch) else {
                return Self.all(values, Self.found(disposition, trouble))
            }
            return await make(first, in: &delivery).merging(await make(second, in: &delivery)) { _, new in new }
        case .notSent: return Self.all(values, .unavailable)
        case .unknown, .unclear: return Self.all(values, .unsure)
        }
    }

    private struct CompanyFirst: Error { let company: DeliveryKey }

    /// Returns the record of a person, with name, e-mail, and company. A company's fields cannot be written through a
    /// person (1021), so it is sent first, in a call of its own; one that no opportunity names is not sent to Marketo,
    /// and the person is created without it.
    private func person(
        _ wanted: Wanted,
        _ contact: MirrorRecord?
    ) async throws(StoreError) -> Result<JSON, CompanyFirst> {
        var members: [JSON.Member] = [.init(context.lead.field, .string(wanted.value))]
        for (field, column) in [("firstName", "firstname"), ("lastName", "lastname"), ("email", "emailaddress1")]
        where field != context.lead.field {
            if case .text(let text) = contact?[column], !text.isEmpty { members.append(.init(field, .string(text))) }
        }
        guard case .reference(entity: "account", let account) = contact?["parentcustomerid"] else {
            return .success(.object(members))
        }
        let company = DeliveryKey(.company, "\(account)")
        if let item = try await context.store.outboxItem(company), item.state.desired != nil {
            if item.state.confirmed == nil { return .failure(CompanyFirst(company: company)) }
            members.append(.init("externalCompanyId", .string(company.text)))
        }
        return .success(.object(members))
    }
}
