import TestSupport

@testable import OnewayCore

extension CustomerHistory.Message {
    var facts: [MirrorRecord] {
        var telling = Telling(source: .target)
        func tell(_ name: String, _ value: Value) { telling.attributes.append(Attribute(name: name, value: value)) }
        switch customer {
        case .account(let id): tell("customerid", .account(id))
        case .contact(let id): tell("customerid", .contact(id))
        case .empty: tell("customerid", .null)
        case nil: break
        }
        if let account { tell("parentaccountid", account.map(Value.account) ?? .null) }
        if let contact { tell("parentcontactid", contact.map(Value.contact) ?? .null) }
        let key = RecordKey(.opportunity, Who.opportunity)
        let change = RecordChange(key: key, kind: isCreate ? .created : .updated, tellings: [telling])
        return [change.facts(Envelope(), receivedAt: Timestamp(second: second))]
    }
}

extension CustomerHistory {
    var facts: [[MirrorRecord]] {
        messages.map(\.facts)
            + accounts.sorted { $0.key < $1.key }.map { contact, account in
                [record(.contact, contact, ["parentcustomerid": account.map(Value.account) ?? .null])]
            }
    }
}

/// Marketo as far as one opportunity goes: a field that is left out stays as it was.
struct HeldByMarketo {
    private var mirror: [RecordKey: MirrorRecord] = [:]
    private var desired: [DeliveryKey: [UInt8]?] = [:]
    private var confirmed: [DeliveryKey: [UInt8]?] = [:]
    private(set) var account: GUID?
    private(set) var roles: Set<GUID> = []
    private let book = RuleBook(RuleSettings())

    /// Tells facts, and lets the rules say what follows.
    mutating func tell(_ facts: [MirrorRecord]) {
        for fact in facts { mirror[fact.key, default: MirrorRecord(fact.key)].merge(fact) }
        let own = RecordKey(.opportunity, Who.opportunity)
        var slice = Slice(mirror[own] ?? MirrorRecord(own))
        for record in mirror.values where record.key != own { slice.add(record) }
        let held = desired.keys.map {
            Held($0, desired: desired[$0] ?? nil, confirmed: confirmed[$0] ?? nil)
        }
        for projection in book.project(slice, held: held) { desired[projection.key] = .some(projection.wish.record) }
    }

    /// Sends what is wanted, and Marketo confirms it.
    mutating func deliver() throws {
        for (key, record) in desired where confirmed[key] != record {
            confirmed[key] = .some(record)
            switch key.kind {
            case .company: break
            case .role:
                guard let contact = key.role?.contact else { continue }
                if record == nil { roles.remove(contact) } else { roles.insert(contact) }
            case .opportunity:
                guard let record, let company = try JSONDocument(record).root["externalCompanyId"] else { continue }
                account = company.string.flatMap { GUID($0) }
            }
        }
    }

    var expectation: CustomerExpectation? {
        roles.count > 1 ? nil : CustomerExpectation(account: account, role: roles.first)
    }
}
