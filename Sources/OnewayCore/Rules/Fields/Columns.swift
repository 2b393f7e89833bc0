/// R3: the columns that the mirror keeps of each table: those selected and those the rules need, nothing else.
extension RuleBook {
    static func columns(
        _ settings: RuleSettings,
        _ fields: [SelectedField],
        _ namedLookups: [String]
    ) -> [Entity: Set<String>] {
        var opportunity: Set = [
            "createdon", "customerid", "parentaccountid", "parentcontactid", "statecode",
            settings.amount.open, settings.amount.won,
        ]
        if settings.fields == nil { opportunity.formUnion(["estimatedclosedate", "actualclosedate"]) }
        if let condition = settings.syncWhen { opportunity.insert(condition.column) }
        if settings.sendsSalesPersons { opportunity.insert("ownerid") }
        opportunity.formUnion(fields.map(\.column))
        opportunity.formUnion(namedLookups.map(LookupName.column))
        var contact: Set = ["parentcustomerid", "masterid", "merged"]
        if settings.leadColumn != RuleSettings.contactID { contact.insert(settings.leadColumn) }
        if settings.createsLeads { contact.formUnion(RuleSettings.personColumns) }
        if !namedLookups.isEmpty { contact.insert("fullname") }
        var connection: Set = ["createdon", "record1id", "record2id", "record2roleid", "statecode"]
        if settings.readsRoleNames { connection.insert(RuleSettings.roleNameColumn) }
        return [
            .opportunity: opportunity,
            .contact: contact,
            .account: ["name", "masterid", "merged"],
            .connection: connection,
            .systemUser: settings.sendsSalesPersons ? Set(userColumns.map(\.0)) : [],
        ]
    }
}
