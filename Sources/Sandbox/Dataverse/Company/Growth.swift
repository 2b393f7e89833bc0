import OnewayCore

/// How many rows to add, evenly spread over the opportunities.
public struct Growth: Sendable {
    public var opportunities: Int
    public var contacts: Int
    public var accounts: Int
    /// From an opportunity to a contact.
    public var stakeholders: Int
    /// So many of the opportunities have a contact and no account.
    public var customersWhoAreContacts = 0

    /// One account per five opportunities, one contact per two, and one stakeholder per two.
    public init(opportunities: Int) {
        self.opportunities = opportunities
        (contacts, accounts) = ((opportunities + 1) / 2, (opportunities + 4) / 5)
        stakeholders = opportunities / 2
    }
}

extension Company {
    static func grow(_ book: inout DataverseBook, _ growth: Growth, now: Timestamp) {
        let origin = Origin(user: salesPerson)
        // Nobody is modifying them just now.
        let then = earlier(now, days: 1)
        func make(_ table: String, _ values: RowOperation.Values) -> ColumnValue? {
            let applied = try? book.apply(.create(table: table, id: nil, values), by: origin, now: then)
            return (applied?.id).map { .lookup(RowReference(table, $0)) }
        }
        func begins(_ count: Int, at number: Int) -> Bool {
            number * count / growth.opportunities > (number - 1) * count / growth.opportunities
        }
        var (account, contact): (ColumnValue?, ColumnValue?) = (nil, nil)
        for number in 0..<growth.opportunities {
            if number == 0 && growth.accounts > 0 || begins(growth.accounts, at: number) {
                account = make("account", ["name": .text("Account \(number / 5)")])
            }
            if number == 0 && growth.contacts > 0 || begins(growth.contacts, at: number) {
                contact = make(
                    "contact",
                    [
                        "firstname": "Person", "lastname": .text("\(number)"),
                        "emailaddress1": .text("person.\(number)@example.com"), "parentcustomerid": account,
                    ]
                )
            }
            let opportunity = make(
                "opportunity",
                [
                    "name": .text("Opportunity \(number)"),
                    "parentaccountid": begins(growth.customersWhoAreContacts, at: number + 1) ? nil : account,
                    "parentcontactid": contact,
                    "estimatedvalue": .money("\(1000 + number % 977 * 10)"), "stepname": "1-Qualify",
                    "estimatedclosedate": .day(DataverseBook.day(now, plus: number % 90)),
                ]
            )
            if begins(growth.stakeholders, at: number + 1) {
                _ = make(
                    "connection",
                    [
                        "record1id": opportunity, "record2id": contact,
                        "record2roleid": .lookup(RowReference("connectionrole", stakeholderRole)),
                    ]
                )
            }
        }
    }
}
