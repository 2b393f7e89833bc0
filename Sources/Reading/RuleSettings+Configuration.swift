package import Configuration
package import OnewayCore

extension RuleSettings {
    /// Translates the operator's configuration into the rules' settings.
    package init(_ settings: Configuration) {
        self.init()
        let rules = settings.rules
        (customerRole, stakeholderRole) = (rules.customerRole, rules.stakeholderRole)
        for (id, name) in rules.roleNames {
            if let id = GUID(id) { roleNames[id] = name }
        }
        readsRoleNames = settings.dynamics.webApi != nil
        amount = Amount(open: rules.amount.open, won: rules.amount.won)
        onDelete = rules.onDelete == .delete ? .withdraw : .keep
        onNoLongerMatching = rules.onNoLongerMatching == .withdraw ? .withdraw : .keep
        syncWhen = rules.syncWhen.map { SyncWhen(column: $0.attribute, equals: Literal($0.equals)) }
        (linksPeople, formContactRole) = (rules.linkPeopleToCompany, rules.roleForFormContact)
        fields = settings.fields.map { fields in fields.map(SelectedField.init) }
        leadColumn = settings.marketo.lead.value
        createsLeads = settings.marketo.lead.create
        sendsSalesPersons = settings.marketo.salesPersons
    }
}

extension RuleSettings.Literal {
    fileprivate init(_ literal: Configuration.Literal) {
        switch literal {
        case .yesNo(let value): self = .yesNo(value)
        case .number(let digits): self = .number(digits)
        case .text(let text): self = .text(text)
        }
    }
}

extension SelectedField {
    fileprivate init(_ mapping: FieldMapping) {
        self.init(mapping.column, mapping.field, as: mapping.conversion.map(Conversion.init))
    }
}

extension SelectedField.Conversion {
    fileprivate init(_ conversion: FieldMapping.Conversion) {
        switch conversion {
        case .text: self = .text
        case .money: self = .money
        case .date: self = .date
        case .dateTime: self = .dateTime
        case .whole: self = .whole
        case .decimal: self = .decimal
        case .yesNo: self = .yesNo
        case .choice(let labels): self = .choice(labels: labels)
        case .choices(let labels, let separator): self = .choices(labels: labels, separator: separator)
        case .lookup(let part): self = .lookup(by: part == .id ? .id : .name)
        }
    }
}
