public import OnewayCore

/// The small company that the stand-in starts with: users, roles, accounts, contacts, and opportunities at every stage.
/// Ids are always the same.
public enum Company {
    public static let salesPerson = id(0x2001, 1)
    public static let otherSalesPerson = id(0x2001, 2)
    /// Owns records too.
    public static let team = id(0x2001, 9)
    /// Marketo's own user, whose changes must not go back to Marketo.
    public static let marketoUser = id(0x2001, 3)
    /// The application user of the Web API.
    public static let applicationUser = id(0x2001, 4)
    public static let stakeholderRole = id(0x2002, 1)
    public static let decisionMakerRole = id(0x2002, 2)
    public static let championRole = id(0x2002, 3)
    public static let accountManagerRole = id(0x2002, 4)
    public static let dollars = id(0x2003, 1)
    public static let euros = id(0x2003, 2)

    /// Numbers start at 1.
    public static func account(_ number: Int) -> GUID { id(0x2010, number) }
    public static func contact(_ number: Int) -> GUID { id(0x2011, number) }
    public static func opportunity(_ number: Int) -> GUID { id(0x2012, number) }

    static func message(_ number: Int) -> GUID { id(0x2020, number) }
    static func messageFilter(_ number: Int) -> GUID { id(0x2021, number) }

    private static func id(_ kind: UInt64, _ number: Int) -> GUID {
        GUID(high: kind << 48 | UInt64(number) << 32 | 0x71b4_ef11, low: 0xa72f_6045_bd90_5a01)
    }

    static func book(_ options: DataverseOptions, now: Timestamp) -> DataverseBook {
        var book = DataverseBook()
        book.addSystem(options, now: earlier(now, days: 400))
        book.addMessages(now: earlier(now, days: 400))
        if !options.isEmpty { book.addSales(now: now) }
        return book
    }

    static func earlier(_ now: Timestamp, days: Int) -> Timestamp {
        Timestamp(milliseconds: now.milliseconds - Int64(days) * 86_400_000)
    }
}

extension DataverseBook {
    /// Adds a row without checks.
    mutating func add(_ table: String, _ id: GUID, _ values: [String: ColumnValue], now: Timestamp) {
        put(Row(table: table, id: id, values: values, version: 0), by: system, now: now)
    }

    fileprivate mutating func addSystem(_ options: DataverseOptions, now: Timestamp) {
        let unit = ColumnValue.lookup(RowReference("businessunit", businessUnit))
        add("businessunit", businessUnit, ["name": .text(options.organizationName)], now: now)
        add(
            "organization",
            organization,
            ["name": .text(options.organizationName), "expirechangetrackingindays": .number("7")],
            now: now
        )
        for (id, first, last, mail) in [
            (system, "", "SYSTEM", nil), (Company.salesPerson, "Zoë", "Lindqvist", "zoe@example.com"),
            (Company.otherSalesPerson, "Amir", "Haddad", "amir@example.com"),
            (Company.marketoUser, "Marketo", "Sync", "marketo@example.com"),
            (Company.applicationUser, "#", "Oneway", nil),
        ] as [(GUID, String, String, String?)] {
            let name = first.isEmpty ? last : "\(first) \(last)"
            var values: [String: ColumnValue] = [
                "fullname": .text(name), "firstname": .text(first), "lastname": .text(last), "businessunitid": unit,
                "isdisabled": false,
            ]
            if let mail { (values["internalemailaddress"], values["domainname"]) = (.text(mail), .text(mail)) }
            add("systemuser", id, values, now: now)
        }
        add("team", Company.team, ["name": .text("Key accounts"), "businessunitid": unit], now: now)
        for (id, name, category) in [
            (Company.stakeholderRole, "Stakeholder", 1000), (Company.decisionMakerRole, "Decision Maker", 1000),
            (Company.championRole, "Champion", 1000), (Company.accountManagerRole, "Account Manager", 1001),
        ] {
            add(
                "connectionrole",
                id,
                [
                    "name": .text(name), "category": .choice(category), "statecode": .choice(0),
                    "statuscode": .choice(1),
                ],
                now: now
            )
        }
        for (id, name, code, symbol, rate) in [
            (Company.dollars, "US Dollar", "USD", "$", "1"), (Company.euros, "Euro", "EUR", "€", "0.8"),
        ] {
            add(
                "transactioncurrency",
                id,
                [
                    "currencyname": .text(name), "isocurrencycode": .text(code), "currencysymbol": .text(symbol),
                    "exchangerate": .number(rate),
                ],
                now: now
            )
        }
    }

    fileprivate mutating func addMessages(now: Timestamp) {
        let names = ["Create", "Update", "Delete", "Assign", "SetState", "Merge", "Win", "Lose"]
        for (number, name) in names.enumerated() {
            add("sdkmessage", Company.message(number + 1), ["name": .text(name)], now: now)
        }
        var number = 0
        for (table, messages) in Tables.raising {
            for message in messages {
                number += 1
                let position = names.firstIndex(of: message) ?? 0
                let values: [String: ColumnValue] = [
                    "sdkmessageid": .lookup(RowReference("sdkmessage", Company.message(position + 1))),
                    "primaryobjecttypecode": .text(table), "secondaryobjecttypecode": "none",
                    "iscustomprocessingstepallowed": true,
                ]
                add("sdkmessagefilter", Company.messageFilter(number), values, now: now)
            }
        }
    }
}
