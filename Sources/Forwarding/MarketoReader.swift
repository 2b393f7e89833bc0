import Coordination
package import OnewayCore

/// Why Marketo could not be read.
package enum MarketoObstacle: Error, Sendable {
    /// The service is stopping.
    case stopping
    /// No call can be made before this; nil: until an operator or Marketo changes something.
    case held(until: Timestamp?, says: String)
    /// Marketo does not answer this question at all.
    case refused(DeliveryTrouble)
}

/// Reads records from Marketo, one call at a time: each waits for a slot of the budget as deliveries
/// do, and is counted. It reads while sending is paused, too.
package struct MarketoReader: Sendable {
    static let failuresMax = 3
    static let pauseSeconds = 60

    private let context: DeliveryContext
    /// The calls that were made.
    package private(set) var calls = 0

    init(_ context: DeliveryContext) { self.context = context }

    /// The field by which people are found.
    package var leadField: String { context.lead.field }

    /// What Marketo says about its fields; asked for at most once an hour.
    package mutating func fields(_ kind: RecordKind) async throws(MarketoObstacle) -> MarketoFields {
        if !context.fields.isOutdated(kind), let known = context.fields.fields(kind) { return known }
        guard let answer = try await call(.describe(kind), of: kind) else {
            throw .refused(DeliveryTrouble(code: "702", message: "Marketo describes no fields"))
        }
        do throws(MarketoAnswer.Unreadable) {
            let fields = try MarketoFields(answer)
            context.fields.learn(kind, fields)
            return fields
        } catch {
            throw .refused(DeliveryTrouble(code: "not-json", message: error.says))
        }
    }

    /// All records that have one of these values in a field, in no order; up to 300 values per call.
    package mutating func records(
        _ kind: RecordKind,
        _ values: [String],
        by field: String,
        fields: [String]
    ) async throws(MarketoObstacle) -> [JSONValue] {
        var found: [JSONValue] = []
        for batch in MarketoBatches.cut(values, bytes: \.utf8.count) {
            found += try await pages(of: kind) { page in
                .find(kind, ids: Array(batch), by: field, fields: fields, page: page)
            }
        }
        return found
    }

    /// The ids of the leads with each of these values.
    package mutating func leads(_ values: [String]) async throws(MarketoObstacle) -> [String: Set<Int64>] {
        var (ids, field) = ([String: Set<Int64>](), leadField)
        for batch in MarketoBatches.cut(values, bytes: \.utf8.count) {
            let people = try await pages(of: .role) { page in
                .findLeads(field, Array(batch), fields: ["id", field], page: page)
            }
            for lead in people.compactMap({ FoundLead($0, by: field) }) {
                ids[lead.value, default: []].insert(lead.id)
            }
        }
        let found = values.compactMap { value in ids[value.lowercased()].map { (value, $0) } }
        return Dictionary(found) { first, _ in first }
    }

    private mutating func pages(
        of kind: RecordKind,
        _ call: (String?) -> MarketoCall
    ) async throws(MarketoObstacle) -> [JSONValue] {
        var (found, page) = ([JSONValue](), String?.none)
        repeat {
            let call = call(page)
            if call.records == 0 { break }
            let answer = try await self.call(call, of: kind)
            found += answer?.results.map(\.fields) ?? []
            page = answer?.nextPage
        } while page != nil
        return found
    }

    /// Nil: Marketo found nothing. A call that Marketo may answer later is made a few times.
    private mutating func call(_ call: MarketoCall, of kind: RecordKind) async throws(MarketoObstacle) -> MarketoAnswer?
    {
        var last = DeliveryTrouble(code: "", message: "")
        for _ in 0..<Self.failuresMax {
            try checkGate()
            guard let slot = await context.gate.acquire(evenIfPaused: true) else { throw .stopping }
            calls += 1
            let began = context.time.now()
            let reading = CallReading(await context.call(call), .read, kind, count: call.records)
            context.gate.answer(reading.signal, slot)
            context.report(call, reading, began)
            switch reading.whole {
            case nil: return reading.answer
            case .refused(_, let trouble) where trouble.code == "702": return nil
            case .refused(let disposition, let trouble) where !disposition.mayPass: throw .refused(trouble)
            case .refused(_, let trouble), .notSent(let trouble), .unknown(let trouble), .unclear(let trouble):
                last = trouble
            }
        }
        let next = context.time.now().adding(seconds: Self.pauseSeconds)
        throw .held(until: next, says: "Marketo: \(last.code) \(last.message)")
    }

    /// What holds up all calls is said instead of waited for.
    private func checkGate() throws(MarketoObstacle) {
        let (status, now) = (context.gate.status, context.time.now())
        if status.leftToday == 0 { throw .held(until: status.resetsAt, says: "no calls are left today") }
        guard let until = status.heldUntil, until > now else { return }
        switch status.condition {
        case .ok: return
        case .backingOff(let trouble), .stopped(let trouble):
            throw .held(until: until, says: "Marketo: \(trouble.code) \(trouble.message)")
        }
    }
}

extension ErrorDisposition {
    /// Whether the same question may be answered later.
    fileprivate var mayPass: Bool {
        switch self {
        case .again, .away, .doubt, .fewerCalls, .fewerAtOnce, .nextDay, .stop: true
        case .done, .noLead, .rolesFirst, .withoutOwner, .withoutFields, .park, .parkTogether: false
        }
    }
}
