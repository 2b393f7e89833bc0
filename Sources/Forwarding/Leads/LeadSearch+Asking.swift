import Coordination
import MarketoClient
import OnewayCore
import Store
import Threads

// MARK: Asking

extension LeadSearch {
    enum Answer {
        case leads([String: Found])
        /// There are more pages.
        case more
        case refused(ErrorDisposition, DeliveryTrouble)
        /// Marketo gave no usable answer.
        case unavailable
    }

    /// Searches for all of them at once; if Marketo refuses that because of a few, these are found by halving.
    /// The first answer may be here already.
    func ask(
        _ values: [String],
        after first: Answer?,
        in delivery: inout Delivery
    ) async -> [String: Found] {
        var first = first
        var (found, bisection) = ([String: Found](), Bisection(count: values.count))
        // The results for values that stay open: `ofQuestion` if the request itself is at fault, otherwise `open`:
        // later.
        var (open, ofQuestion) = (Found.unavailable, Found.unavailable)
        while let range = bisection.next() {
            let some = Array(values[range])
            let answer: Answer
            if let known = first.take() { answer = known } else { answer = await self.answer(to: some, in: &delivery) }
            switch answer {
            case .leads(let leads):
                bisection.answered()
                found.merge(leads) { _, new in new }
            case .refused(let disposition, let trouble) where disposition.mayBeOneRecord:
                (open, ofQuestion) = (.failed(trouble), Self.found(disposition, trouble))
                if bisection.refused(range) { found[some[0]] = ofQuestion }
            case .refused(let disposition, let trouble):
                return Self.all(values, Self.found(disposition, trouble)).merging(found) { _, known in known }
            case .unavailable, .more: return Self.all(values, .unavailable).merging(found) { _, known in known }
            }
        }
        let rest = Self.all(values, bisection.isQuestionAtFault ? ofQuestion : open)
        return rest.merging(found) { _, known in known }
    }

    /// The answer is in no order, may give a value in another case, and may contain several leads for one.
    func answer(to values: [String], pagesMax: Int = .max, in delivery: inout Delivery) async -> Answer {
        var (ids, page, pages) = ([String: Set<Int64>](), String?.none, 0)
        repeat {
            if pages == pagesMax { return .more }
            pages += 1
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
                guard let lead = FoundLead(result.fields, by: context.lead.field) else { continue }
                ids[lead.value, default: []].insert(lead.id)
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
    func make(
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
