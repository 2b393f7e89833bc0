/// One Opportunity Role that Marketo should hold.
struct Role {
    var contact: GUID
    var name: String
    var isPrimary: Bool
    /// When the person joined the opportunity, if Dynamics says so.
    var since: Timestamp?
    var reasons: [Reason] = []
}

extension RuleBook {
    /// R4, R5b, and R6 together. The customer's role comes first, so that it stays primary if others give the same role.
    func roles(_ slice: Slice, _ customer: CustomerOutcome) -> [DeliveryKey: Role] {
        var roles: [DeliveryKey: Role] = [:]
        if let contact = customer.contact {
            add(
                Role(
                    contact: contact,
                    name: settings.customerRole,
                    isPrimary: true,
                    since: slice.opportunity.createdOn,
                    reasons: customer.reasons
                ),
                of: slice,
                to: &roles
            )
        }
        if let role = formContact(slice) { add(role, of: slice, to: &roles) }
        for role in stakeholders(slice) { add(role, of: slice, to: &roles) }
        return roles
    }

    /// R5b, if an operator wants it: the role of the contact that the form names beside the customer, an account.
    /// Never primary: that is what a customer's role is recognized by.
    func formContact(_ slice: Slice) -> Role? {
        guard let name = settings.formContactRole, case .account = Customer(of: slice.opportunity),
            case .reference("contact", let named) = slice.opportunity["parentcontactid"]
        else { return nil }
        let contact = slice.winner(ofContact: named)
        if slice.contacts[contact]?.isDeleted ?? false { return nil }
        var role = Role(contact: contact, name: name, isPrimary: false, since: slice.opportunity.createdOn)
        let says = "the form names contact \(named) beside the customer, an account: rules.roleForFormContact"
        role.reasons = [Reason(rule: "R5b", says: says)]
        if contact != named {
            role.reasons.append(Reason(rule: "R5b", says: "contact \(named) was merged into contact \(contact)"))
        }
        return role
    }

    /// A lead is needed before its role (R13): the role names the value to find it by, and waits if that is not known.
    func desired(for role: Role, of slice: Slice) -> DesiredState {
        var record = MarketoRecord()
        record.add("externalOpportunityId", .string(slice.opportunity.key.id.description))
        record.add("contact", .string(role.contact.description))
        var desired = DesiredState(nil, reasons: role.reasons)
        switch leadValue(of: slice.contacts[role.contact]) {
        case .contactID: break
        case .value(let value): record.add("lead", .string(value))
        case .notKnown:
            desired.heldFor = .contactEmail
            let says = "the contact's \(settings.leadColumn) is not known yet: it waits"
            desired.reasons.append(Reason(rule: "R13", says: says))
        }
        record.add("role", .string(role.name))
        record.add("isPrimary", .bool(role.isPrimary))
        if let since = role.since { record.add("externalCreatedDate", .string("\(Timestamp(second: since.second))")) }
        desired.record = record.bytes
        return desired
    }

    /// R8, R10: why a role that was desired before no longer is.
    func withdrawal(of role: CurrentRecord, _ customer: CustomerOutcome) -> DesiredState {
        let rule = role.isPrimaryRole ? "R8" : "R10"
        let form = settings.formContactRole == nil ? "" : ", the form,"
        let says = "neither the customer\(form) nor a stakeholder's connection gives this role any more"
        return DesiredState(nil, reasons: [Reason(rule: rule, says: says)] + customer.reasons)
    }

    private func add(_ role: Role, of slice: Slice, to roles: inout [DeliveryKey: Role]) {
        var role = role
        let cut = cut(role.name, to: RuleSettings.roleNameLengthMax)
        if cut != role.name {
            role.name = cut
            role.reasons.append(Reason(rule: "R10", says: "the role's name is cut to Marketo's limit of 50 characters"))
        }
        let key = DeliveryKey(.role, "\(slice.opportunity.key.id)/\(role.contact)/\(role.name)")
        guard var known = roles[key] else {
            roles[key] = role
            return
        }
        known.since = [known.since, role.since].compactMap(\.self).min()
        known.reasons += role.reasons
        roles[key] = known
    }
}

extension MirrorRecord {
    var createdOn: Timestamp? { if case .time(let time)? = self["createdon"] { time } else { nil } }
}
