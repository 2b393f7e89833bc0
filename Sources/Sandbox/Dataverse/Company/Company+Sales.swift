import OnewayCore

extension DataverseBook {
    /// Creates the business rows as users would have in the preceding weeks.
    mutating func addSales(now: Timestamp) {
        addAccountsAndContacts(now: now)
        for (index, item) in Self.opportunities.enumerated() {
            let began = Company.earlier(now, days: 60 - 4 * index)
            let id = Company.opportunity(index + 1)
            var values: RowOperation.Values = [
                "name": .text(item.name), "estimatedvalue": .money(item.amount), "stepname": .text(item.step),
                "salesstage": .choice(item.stage), "closeprobability": .number("\(20 + 20 * item.stage)"),
                "estimatedclosedate": .day(Self.day(now, plus: 15 + 10 * index)),
                "new_synctomarketo": .flag(index != 8),
            ]
            if let number = item.account { values["parentaccountid"] = Self.account(number) }
            if let number = item.contact { values["parentcontactid"] = Self.contact(number) }
            if index == 4 {
                values["transactioncurrencyid"] = .lookup(RowReference("transactioncurrency", Company.euros))
            }
            make(.create(table: "opportunity", id: id, values), began)
            if let won = item.isWon {
                make(.close(opportunity: id, won: won, actualValue: nil), Company.earlier(now, days: 20 - index))
            }
        }
        for (opportunity, contact, role) in Self.stakeholders {
            let values: RowOperation.Values = [
                "record1id": .lookup(RowReference("opportunity", Company.opportunity(opportunity))),
                "record2id": Self.contact(contact), "record2roleid": .lookup(RowReference("connectionrole", role)),
            ]
            make(.create(table: "connection", id: nil, values), Company.earlier(now, days: 10))
        }
    }

    private mutating func addAccountsAndContacts(now: Timestamp) {
        let began = Company.earlier(now, days: 90)
        for (index, name) in Self.accounts.enumerated() {
            let values: RowOperation.Values = [
                "name": .text(name), "accountnumber": .text("A-\(100 + index)"),
                "websiteurl": .text("https://example.com/\(index + 1)"),
            ]
            make(.create(table: "account", id: Company.account(index + 1), values), began)
        }
        for (index, item) in Self.contacts.enumerated() {
            var values: RowOperation.Values = [
                "firstname": .text(item.first), "lastname": .text(item.last),
                "emailaddress1": .text("\(item.first.lowercased()).\(index + 1)@example.com"),
            ]
            if item.last == "Nomail" { values.removeValue(forKey: "emailaddress1") }
            if let number = item.account { values["parentcustomerid"] = Self.account(number) }
            make(.create(table: "contact", id: Company.contact(index + 1), values), began)
        }
    }

    /// The rows below are valid; tests count them, so an invalid one would be noticed.
    private mutating func make(_ operation: RowOperation, _ at: Timestamp) {
        _ = try? apply(operation, by: Origin(user: Company.salesPerson), now: at)
    }

    private static func account(_ number: Int) -> ColumnValue {
        .lookup(RowReference("account", Company.account(number)))
    }
    private static func contact(_ number: Int) -> ColumnValue {
        .lookup(RowReference("contact", Company.contact(number)))
    }

    static func day(_ now: Timestamp, plus days: Int) -> Timestamp {
        Timestamp(milliseconds: (now.milliseconds / 86_400_000 + Int64(days)) * 86_400_000)
    }

    private static let accounts = [
        "Contoso Café", "Fabrikam", "Müller & Söhne", "Adventure Works", "Tailspin Toys", "Żółw Łódź",
    ]

    private static let contacts: [(first: String, last: String, account: Int?)] = [
        ("Ana", "Souza", 1), ("Björn", "Ek", 1), ("Chloé", "Martin", 2), ("Dmitri", "Orlov", 3), ("Eve", "Nomail", 3),
        ("Farid", "Aziz", 4), ("Grace", "Kim", 5), ("Hana", "Nováková", 6), ("Ivo", "Silva", nil), ("Jo", "Burke", nil),
    ]

    private static let opportunities:
        [(name: String, amount: String, step: String, stage: Int, account: Int?, contact: Int?, isWon: Bool?)] = [
            ("Espresso bar", "12500", "1-Qualify", 0, 1, 1, nil),
            ("Quay lighting", "52500.50", "2-Develop", 1, 2, 3, nil),
            ("Warehouse robots", "480000", "3-Propose", 2, 3, nil, nil),
            ("Trail signs", "7300", "4-Close", 3, 4, 6, nil),
            ("Holzspielzeug für Köln", "19999.99", "2-Develop", 1, 5, nil, nil),
            ("Turtle pond", "3100", "4-Close", 3, 6, 8, true),
            ("Second roastery", "88000", "3-Propose", 2, 1, 2, false),
            ("Home office", "2400", "1-Qualify", 0, nil, 9, nil),
            ("Not for marketing", "1000", "1-Qualify", 0, 2, nil, nil),
            ("Spring campaign", "64000", "4-Close", 3, 4, nil, true),
        ]

    private static let stakeholders = [
        (1, 2, Company.stakeholderRole), (2, 3, Company.decisionMakerRole), (3, 4, Company.championRole),
        (3, 5, Company.stakeholderRole), (6, 8, Company.decisionMakerRole),
    ]
}
