/// `rules.linkPeopleToCompany`: a contact's person in Marketo belongs to the company of the contact's account, so that
/// attribution other than *Explicit* credits the account's opportunities to its people (R5).
///
/// Depends on the contact and its account alone, so it is the same for all opportunities, like a company.
extension RuleBook {
    /// What Marketo's person should be told of this contact; nil: nothing, and the company that Marketo has stays.
    ///
    /// - Parameters:
    ///   - accounts: The contact's account, and those that it was merged into.
    ///   - isInMarketo: Whether Marketo has, or will have, the company of an account: only of those that an opportunity
    ///     names (R13).
    public func person(
        _ contact: MirrorRecord,
        _ accounts: [GUID: MirrorRecord],
        isInMarketo: (GUID) -> Bool
    ) -> DesiredRecord {
        let key = DeliveryKey(.person, contact.key.id.description)
        switch place(of: contact, accounts, isInMarketo) {
        case .asItIs(let reason): return DesiredRecord(key, DesiredState(nil, reasons: [reason]))
        case .company(let account):
            var record = MarketoRecord()
            record.add("contact", .string(contact.key.id.description))
            if case .value(let value) = leadValue(of: contact) { record.add("lead", .string(value)) }
            record.add("externalCompanyId", .string(account.description))
            let says = "the account of contact \(contact.key.id) is \(account): its person belongs to that company"
            return DesiredRecord(key, DesiredState(record.bytes, reasons: [Reason(rule: "R5", says: says)]))
        }
    }

    private enum Place {
        case company(GUID)
        /// Marketo moves a person to another company, but cannot take one out of a company.
        case asItIs(Reason)

        static func asItIs(_ rule: String?, _ why: String) -> Place {
            .asItIs(Reason(rule: rule, says: "\(why): a company that its person has in Marketo stays"))
        }
    }

    private func place(
        of contact: MirrorRecord,
        _ accounts: [GUID: MirrorRecord],
        _ isInMarketo: (GUID) -> Bool
    ) -> Place {
        let named = "\(contact.key)"
        if !settings.linksPeople { return .asItIs(nil, "rules.linkPeopleToCompany is off") }
        if contact.isDeleted { return .asItIs("R11", "\(named) is deleted") }
        if let winner = contact.mergedInto { return .asItIs("R11", "\(named) was merged into contact \(winner)") }
        let (account, says) = Self.account(of: contact, among: accounts)
        guard case .known(let id) = account else { return .asItIs("R5", "\(named): \(says)") }
        guard isInMarketo(id) else {
            return .asItIs("R13", "no opportunity names account \(id), so Marketo does not have its company")
        }
        if case .notKnown = leadValue(of: contact) {
            return .asItIs("R13", "the contact's \(settings.leadColumn), by which its lead is found, is not known")
        }
        return .company(id)
    }

    /// The value by which the lead of a contact is found in Marketo.
    enum LeadValue {
        case contactID
        case value(String)
        case notKnown
    }

    func leadValue(of contact: MirrorRecord?) -> LeadValue {
        if settings.leadColumn == RuleSettings.contactID { return .contactID }
        return contact?[settings.leadColumn]?.leadValue.map(LeadValue.value) ?? .notKnown
    }

    /// The account whose company the person of a contact belongs to, as far as these accounts tell; nil: none.
    public static func account(ofPerson contact: MirrorRecord, among accounts: [GUID: MirrorRecord]) -> GUID? {
        if case .known(let id) = account(of: contact, among: accounts).account { id } else { nil }
    }
}

extension Value {
    /// As Marketo is asked for it; nil: it is empty, or cannot be written in one obvious way.
    public var leadValue: String? {
        switch withoutTrailingZeros {
        case .text(let text): text.isEmpty ? nil : text
        case .number(let digits): digits
        case .choice(let number): "\(number)"
        case .reference(_, let id): "\(id)"
        case .null, .bool, .money, .time, .choices: nil
        }
    }
}
