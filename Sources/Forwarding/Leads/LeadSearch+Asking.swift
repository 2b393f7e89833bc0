import Coordination
import MarketoClient
import OnewayCore

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

    static func all(_ values: [String], _ found: Found) -> [String: Found] {
        Dictionary(values.map { ($0, found) }) { first, _ in first }
    }

    /// The result that a refusal means for the lead it is about.
    static func found(_ disposition: ErrorDisposition, _ trouble: DeliveryTrouble) -> Found {
        switch disposition {
        case .again: .failed(trouble)
        case .away, .doubt, .fewerCalls, .fewerAtOnce, .nextDay, .stop: .unavailable
        case .park, .parkTogether, .done, .noLead, .rolesFirst, .withoutOwner, .withoutFields: .refused(trouble)
        }
    }
}
