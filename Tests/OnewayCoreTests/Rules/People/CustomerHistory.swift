import TestSupport

@testable import OnewayCore

/// One notification of the opportunity: its Target, and what follows from it.
struct Notice: Sendable {
    var second: Int64
    var kind: RecordChange.Kind
    var target: [String: Value]

    init(_ second: Int64, _ target: [String: Value], _ kind: RecordChange.Kind = .updated) {
        (self.second, self.kind, self.target) = (second, kind, target)
    }

    var fact: MirrorRecord {
        var attributeSet = AttributeSet(source: .target)
        attributeSet.attributes = target.sorted { $0.key < $1.key }.map { Attribute(name: $0.key, value: $0.value) }
        let key = RecordKey(.opportunity, Who.opportunity)
        let change = RecordChange(key: key, kind: kind, attributeSets: [attributeSet])
        return change.facts(Envelope(), receivedAt: Timestamp(second: second))
    }
}

extension CustomerHistory.Message {
    var notice: Notice {
        var values: [String: Value] = [:]
        switch customer {
        case .account(let id): values["customerid"] = .account(id)
        case .contact(let id): values["customerid"] = .contact(id)
        case .empty: values["customerid"] = .null
        case nil: break
        }
        if let account { values["parentaccountid"] = account.map(Value.account) ?? .null }
        if let contact { values["parentcontactid"] = contact.map(Value.contact) ?? .null }
        // Marketo requires a name.
        values["name"] = .text("Pumps")
        return Notice(second, values, isCreate ? .created : .updated)
    }

    var facts: [MirrorRecord] { [notice.fact] }
}

extension CustomerHistory {
    var facts: [[MirrorRecord]] {
        messages.map(\.facts)
            + accounts.sorted { $0.key < $1.key }.map { contact, account in
                [record(.contact, contact, ["parentcustomerid": account.map(Value.account) ?? .null])]
            }
    }
}
