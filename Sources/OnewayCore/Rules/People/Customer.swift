/// The customer. `customerid` is the truth; where a notification lacked it, the look-ups on the form decide. The values
/// that the customer implies for them are among the facts already.
enum Customer: Equatable {
    case account(GUID)
    case contact(GUID)
    /// Reported as empty.
    case nobody
    /// Reported to have no account; whether a contact is the customer is not known.
    case noAccount
    case unknown

    init(of opportunity: MirrorRecord) {
        let customer = opportunity.attributes["customerid"]
        let account = opportunity.attributes["parentaccountid"]
        let contact = opportunity.attributes["parentcontactid"]
        let newestOfForm = [account, contact].compactMap(\.?.stamp).max()
        if let customer, newestOfForm.map({ $0 <= customer.stamp }) ?? true {
            self.init(customer.value)
        } else {
            self.init(account: account?.value, contact: contact?.value)
        }
    }

    /// The customer according to `customerid` alone.
    private init(_ customer: Value) {
        switch customer {
        case .null: self = .nobody
        case .reference("account", let id): self = .account(id)
        case .reference("contact", let id): self = .contact(id)
        default: self = .unknown
        }
    }

    /// The customer according to the form, where it was reported later than `customerid`.
    private init(account: Value?, contact: Value?) {
        switch (account, contact) {
        case (.reference("account", let id), _): self = .account(id)
        case (.null, .reference("contact", let id)): self = .contact(id)
        case (.null, .null): self = .nobody
        case (.null, nil): self = .noAccount
        default: self = .unknown
        }
    }
}

/// The consequences of the customer: R4, R5, R5b, R8, R9.
struct CustomerOutcome {
    enum Account: Equatable {
        case known(GUID)
        case empty
        /// Not known, but the account in Marketo is known to be outdated: it is cleared there, and left out if Marketo
        /// has none.
        case emptyIfHeld
        /// Not known: the account in Marketo stays.
        case unchanged
    }

    var account: Account
    /// The contact that gets the customer's role.
    var contact: GUID?
    /// Whether the customer is known. If not, nothing speaks against a role that an earlier customer got.
    var isKnown = true
    var reasons: [Reason]
}

extension RuleBook {
    func customer(_ slice: Slice) -> CustomerOutcome {
        var outcome =
            switch Customer(of: slice.opportunity) {
            case .contact(let id): contactIsCustomer(id, slice)
            case .account(let id): accountIsCustomer(id, slice)
            case .nobody:
                CustomerOutcome(account: .empty, reasons: [Reason(rule: "R8", says: "there is no customer")])
            case .noAccount:
                CustomerOutcome(
                    account: .emptyIfHeld,
                    isKnown: false,
                    reasons: [
                        Reason(
                            rule: "R4",
                            says: "the account was reported empty, and no contact is known: the role stays"
                        )
                    ]
                )
            case .unknown:
                CustomerOutcome(
                    account: .unchanged,
                    isKnown: false,
                    reasons: [Reason(rule: "R4", says: "the customer is not known: role and account stay as they are")]
                )
            }
        let isUnsure = ["customerid", "parentaccountid", "parentcontactid"].contains {
            slice.opportunity.attributes[$0]?.isUnsure ?? false
        }
        if isUnsure {
            outcome.reasons.append(Reason(rule: "R7", says: "two customers were reported in one second: unsure"))
        }
        return outcome
    }

    /// R4, R9: a role for the contact, and the contact's account becomes the opportunity's.
    private func contactIsCustomer(_ named: GUID, _ slice: Slice) -> CustomerOutcome {
        let id = slice.winner(ofContact: named)
        let (account, saysOfAccount) = Self.account(of: slice.contacts[id], among: slice.accounts)
        var says = "customer is contact \(id); \(saysOfAccount)"
        if id != named { says += "; contact \(named) was merged into it" }
        var outcome = CustomerOutcome(account: account, contact: id, reasons: [Reason(rule: "R4", says: says)])
        if slice.contacts[id]?.isDeleted ?? false {
            outcome.contact = nil
            outcome.reasons.append(Reason(rule: "R11", says: "contact \(id) is deleted: no role"))
        }
        return outcome
    }

    static func account(
        of contact: MirrorRecord?,
        among accounts: [GUID: MirrorRecord]
    ) -> (account: CustomerOutcome.Account, says: String) {
        switch contact?["parentcustomerid"] {
        case nil: return (.emptyIfHeld, "its account is not known yet")
        case .null: return (.empty, "it has no account")
        case .reference("account", let named):
            let account = Slice.winner(of: named, among: accounts)
            if accounts[account]?.isDeleted ?? false {
                return (.empty, "its account \(account) is deleted, so it has none")
            }
            let merged = account == named ? "" : ", into which \(named) was merged"
            return (.known(account), "its account is \(account)\(merged)")
        case .reference("contact", _): return (.empty, "it belongs to another contact, not to an account")
        default: return (.empty, "it belongs to something that is not an account")
        }
    }

    /// R5, R5b: the account becomes the opportunity's, and nothing else.
    private func accountIsCustomer(_ named: GUID, _ slice: Slice) -> CustomerOutcome {
        let id = slice.winner(ofAccount: named)
        var reasons = [Reason(rule: "R5", says: "customer is account \(id): no role follows")]
        let onForm = formContact(slice)
        if case .reference(_, let contact) = slice.opportunity["parentcontactid"], onForm == nil {
            reasons = [
                Reason(rule: "R5b", says: "customer is account \(id): no role for contact \(contact) on the form")
            ]
        }
        if stakeholders(slice).isEmpty, onForm == nil {
            var says = "without a role, Marketo's Explicit attribution (its default) credits it to nobody"
            if settings.linksPeople {
                says += "; Hybrid and Implicit credit the account's people, whom rules.linkPeopleToCompany links to it"
            }
            reasons.append(Reason(rule: "R5", says: says))
        }
        if id != named {
            reasons.append(Reason(rule: "R5", says: "account \(named) was merged into account \(id)"))
        }
        guard slice.accounts[id]?.isDeleted ?? false else {
            return CustomerOutcome(account: .known(id), reasons: reasons)
        }
        reasons.append(Reason(rule: "R11", says: "account \(id) is deleted: the account is empty"))
        return CustomerOutcome(account: .empty, reasons: reasons)
    }
}
