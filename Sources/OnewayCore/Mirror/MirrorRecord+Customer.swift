/// The values that `customerid` implies for the look-ups on the form, from which Dynamics derives it (R4, R5).
extension MirrorRecord {
    static let formLookups = ["parentaccountid", "parentcontactid"]

    /// For the content of one notification: the customer also sets the look-ups, and overrides one that contradicts it.
    mutating func markFormByCustomer() {
        for name in contradictions { attributes[name] = nil }
        for (name, told) in formByCustomer { learn(name, told) }
    }

    /// The look-ups that name a different customer than the one reported.
    var contradictions: [String] {
        formByCustomer.filter { name, told in self[name].map { $0 != told.value } ?? false }.map(\.name)
    }

    /// Repairs what an older version merged: it kept the look-ups of an empty customer, and those that contradicted
    /// one.
    mutating func mendFormByCustomer() {
        for (name, told) in formByCustomer where attributes[name].map({ $0.stamp <= told.stamp }) ?? true {
            attributes[name] = told
        }
    }

    /// The empty account was reported together with a contact. On its own, it would say that the account of the
    /// customer, who is no longer known, no longer applies.
    mutating func forgetEmptyAccountAlone() {
        guard self["customerid"] == nil, self["parentcontactid"] == nil, self["parentaccountid"] == .null else {
            return
        }
        attributes["parentaccountid"] = nil
    }

    /// An account as the customer says nothing about the contact on the form.
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
