/// What the columns of the mirror hold, for sources that do not say it.
extension RuleBook {
    /// Dynamics' own columns by their names; others by how the configuration uses them. Nil: neither tells.
    func type(of column: String, in entity: Entity) -> ColumnType? {
        if entity == .opportunity, [settings.amount.open, settings.amount.won].contains(column) { return .money }
        if let own = Self.ownTypes[column] { return own }
        guard entity == .opportunity else { return .text }
        let types = fields.filter { $0.column == column }.compactMap(\.conversion).map(\.type)
        if let type = types.first { return type }
        guard let condition = settings.syncWhen, condition.column == column else { return nil }
        return switch condition.equals {
        case .yesNo: .flag
        case .number: .choice
        case .text: .text
        }
    }

    /// The only table that a look-up leads to; nil: there are several, or it is not Dynamics' own.
    static func table(of lookup: String, in entity: Entity) -> String? {
        lookup == "masterid" ? entity.rawValue : tables[lookup]
    }

    private static let tables = [
        "parentaccountid": Entity.account.rawValue, "parentcontactid": Entity.contact.rawValue,
        "record2roleid": "connectionrole",
    ]

    private static let ownTypes: [String: ColumnType] = [
        "createdon": .time, "estimatedclosedate": .time, "actualclosedate": .time, "finaldecisiondate": .time,
        "customerid": .lookup, "parentaccountid": .lookup, "parentcontactid": .lookup, "parentcustomerid": .lookup,
        "ownerid": .lookup, "record1id": .lookup, "record2id": .lookup, "record2roleid": .lookup, "masterid": .lookup,
        "statecode": .choice, "statuscode": .choice, "closeprobability": .number, "merged": .flag,
        "estimatedvalue": .money, "actualvalue": .money, "estimatedvalue_base": .money, "actualvalue_base": .money,
        "name": .text, "description": .text, "stepname": .text,
    ]
}

extension SelectedField.Conversion {
    fileprivate var type: ColumnType {
        switch self {
        case .text: .text
        case .money: .money
        case .whole, .decimal: .number
        case .yesNo: .flag
        case .date, .dateTime: .time
        case .choice: .choice
        case .choices: .choices
        case .lookup: .lookup
        }
    }
}
