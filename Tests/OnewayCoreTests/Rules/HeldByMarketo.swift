import TestSupport

@testable import OnewayCore

/// A small model of the path from facts to Marketo: the mirror merges, the rules project, and Marketo keeps the fields
/// that it is not sent.
struct HeldByMarketo {
    /// How a delivery may end.
    enum End: CaseIterable {
        case confirmed
        /// Marketo executed it, and the answer was lost.
        case unheard
        /// It never arrived, but this is not known.
        case lost
        /// It arrives, but is only answered at the next delivery.
        case open
    }

    let book: RuleBook
    private(set) var mirror: [RecordKey: MirrorRecord] = [:]
    private(set) var outbox: [DeliveryKey: DeliveryState] = [:]
    /// The fields of each record in Marketo, each value as JSON text.
    var marketo: [DeliveryKey: [String: String]] = [:]
    /// The fields of the opportunity that Oneway has set.
    private(set) var put: Set<String> = []
    private var unanswered: [DeliveryKey: [UInt8]?] = [:]

    static let key = DeliveryKey(.opportunity, "\(Who.opportunity)")
    private static let now = Timestamp(second: 0)

    init(_ settings: RuleSettings = RuleSettings()) { book = RuleBook(settings) }

    var opportunity: [String: String]? { marketo[Self.key] }
    var account: GUID? { opportunity?["externalCompanyId"].flatMap { GUID($0) } }
    var reasons: String {
        (outbox[Self.key]?.reasons ?? []).map { "\($0.rule ?? "-"): \($0.says)" }.joined(separator: "\n")
    }

    /// The contacts of the roles that Marketo holds.
    var roles: Set<GUID> { Set(marketo.keys.compactMap { $0.role?.contact }) }
    /// Nil: more roles than there may be.
    var expectation: CustomerExpectation? {
        roles.count > 1 ? nil : CustomerExpectation(account: account, role: roles.first)
    }

    /// The record as desired, sent, and confirmed before the first fact.
    mutating func hold(_ key: DeliveryKey, _ record: JSON) {
        var state = DeliveryState()
        state.want(DesiredState(record.encoded), now: Self.now)
        outbox[key] = state
        deliver(key, .confirmed)
    }

    /// Merges facts, and applies the rules.
    mutating func learn(_ facts: [MirrorRecord]) {
        for fact in facts { mirror[fact.key, default: MirrorRecord(fact.key)].merge(fact) }
        // Nothing refers to a contact before there is an opportunity.
        if mirror[RecordKey(.opportunity, Who.opportunity)] != nil { project() }
    }

    private mutating func project() {
        let slice = book.slice(of: Who.opportunity, in: mirror)
        let held = outbox.filter { !$0.key.kind.isShared }.map { CurrentRecord($0.key, $0.value) }
        for projection in book.project(slice, held: held) {
            outbox[projection.key, default: DeliveryState()].want(projection.desired, now: Self.now)
        }
    }

    mutating func deliver(_ end: () -> End = { .confirmed }) {
        for (key, record) in unanswered { answer(key, record) }
        unanswered = [:]
        for key in outbox.keys.sorted() where outbox[key]?.stage == .pending { deliver(key, end()) }
    }

    /// Delivers and confirms everything desired.
    mutating func settle() {
        while !unanswered.isEmpty || outbox.values.contains(where: { $0.stage == .pending }) { deliver() }
    }

    private mutating func deliver(_ key: DeliveryKey, _ end: End) {
        outbox[key]?.claim(now: Self.now, until: Self.now)
        let record = outbox[key]?.desired
        guard end == .lost || arrive(key, record) else {
            let trouble = DeliveryTrouble(code: "1006", message: "a name is missing")
            return answer(key, record, .parked(trouble, requestID: nil))
        }
        switch end {
        case .confirmed: answer(key, record)
        case .unheard, .lost: outbox[key]?.release(next: Self.now)
        case .open: unanswered[key] = .some(record)
        }
    }

    private mutating func answer(
        _ key: DeliveryKey,
        _ record: [UInt8]?,
        _ verdict: DeliveryVerdict = .confirmed(requestID: nil)
    ) {
        guard let claim = outbox[key]?.claim else { return }
        outbox[key]?.answer(verdict, claim: claim, sent: record, now: Self.now)
    }

    /// False: Marketo refuses it, because it creates no opportunity without a name.
    private mutating func arrive(_ key: DeliveryKey, _ record: [UInt8]?) -> Bool {
        guard let record, let root = try? JSONDocument(record).root else {
            marketo[key] = nil
            return true
        }
        if key == Self.key, marketo[key] == nil, root["name"]?.string == nil { return false }
        for (name, value) in root.members {
            marketo[key, default: [:]][name] = value.string ?? value.number ?? value.bool?.description ?? "null"
            if key == Self.key { put.insert(name) }
        }
        return true
    }
}
