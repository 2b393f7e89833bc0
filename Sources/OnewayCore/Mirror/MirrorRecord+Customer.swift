/// What `customerid` tells of the look-ups on the form, from which Dynamics makes it (R4, R5).
extension MirrorRecord {
    static let formLookups = ["parentaccountid", "parentcontactid"]

    /// Of what one notification tells: the customer tells the look-ups too, and one that contradicts it tells nothing.
    mutating func markFormByCustomer() {
        for name in contradictions { attributes[name] = nil }
        for (name, told) in formByCustomer { learn(name, told) }
    }

    /// The look-ups that say another customer than the one told.
    var contradictions: [String] {
        formByCustomer.filter { name, told in self[name].map { $0 != told.value } ?? false }.map(\.name)
    }

    /// Of what an older program merged: it kept the look-ups of an empty customer, and those that contradicted one.
    mutating func mendFormByCustomer() {
        for (name, told) in formByCustomer where attributes[name].map({ $0.stamp <= told.stamp }) ?? true {
            attributes[name] = told
        }
    }

    /// That the account was empty was told beside a contact. Left alone, it would say that the account of the customer,
    /// whom nobody knows any more, is over.
    mutating func forgetEmptyAccountAlone() {
        guard self["customerid"] == nil, self["parentcontactid"] == nil, self["parentaccountid"] == .null else {
            return
        }
        attributes["parentaccountid"] = nil
    }

    /// An account as customer leaves open who is the contact on the form.
    private var formByCustomer: [(name: String, told: StampedValue)] {
        guard key.entity == .opportunity, let customer = attributes["customerid"] else { return [] }
        let told = { (value: Value) in StampedValue(value, customer.stamp, customer.clock) }
        return switch customer.value {
        case .null: Self.formLookups.map { ($0, told(.null)) }
        case .reference("account", _): [("parentaccountid", told(customer.value))]
        case .reference("contact", _): [("parentcontactid", told(customer.value)), ("parentaccountid", told(.null))]
        default: []
        }
    }
}
