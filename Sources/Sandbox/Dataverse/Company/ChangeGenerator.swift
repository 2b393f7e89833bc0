import OnewayCore

/// Chooses a plausible change: the same for the same seed and rows.
struct ChangeGenerator: Sendable {
    struct Change: Sendable {
        let operation: RowOperation
        let user: GUID
        let says: String
    }

    private let book: DataverseBook
    private let now: Timestamp
    private var random: UInt64

    init(book: DataverseBook, seed: UInt64, now: Timestamp) {
        self.book = book
        self.now = now
        random = seed
    }

    var change: Change {
        var copy = self
        return copy.choose()
    }

    /// SplitMix64.
    private mutating func next(_ count: Int) -> Int {
        random &+= 0x9E37_79B9_7F4A_7C15
        var mixed = random
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ mixed >> 31) % UInt64(max(1, count)))
    }

    private mutating func pick(_ table: String, where fits: (Row) -> Bool = { _ in true }) -> Row? {
        let rows = book[table].all.filter(fits)
        return rows.isEmpty ? nil : rows[next(rows.count)]
    }

    private mutating func choose() -> Change {
        let dice = next(100)
        let open = pick("opportunity") { $0.values["statecode"]?.choice == 0 }
        let change: Change? =
            switch dice {
            case 0..<20: nil
            case 20..<45: open.map { develop($0) }
            case 45..<60: open.map { reprice($0) }
            case 60..<70: open.map { close($0) }
            case 70..<80: open.flatMap { involve($0) }
            case 80..<85: changeRole()
            case 85..<92: changeContact()
            case 92..<96: renameAccount()
            default:
                open.map { Change(operation: .delete(table: "opportunity", $0.id), user: user($0), says: "deleted") }
            }
        return change ?? begin()
    }

    private func user(_ row: Row) -> GUID { row.values["ownerid"]?.reference?.id ?? Company.salesPerson }

    private mutating func begin() -> Change {
        let account = pick("account") { $0.values["statecode"]?.choice == 0 }
        let contact = pick("contact") { $0.values["parentcustomerid"]?.reference == account?.reference }
        let number = next(1000)
        return Change(
            operation: .create(
                table: "opportunity",
                id: nil,
                [
                    "name": .text("Enquiry \(number)"), "estimatedvalue": .money("\(500 + next(500) * 100)"),
                    "parentaccountid": account.map { .lookup($0.reference) },
                    "parentcontactid": contact.map { .lookup($0.reference) }, "stepname": "1-Qualify",
                    "salesstage": .choice(0), "closeprobability": .number("20"),
                    "estimatedclosedate": .day(DataverseBook.day(now, plus: 10 + next(90))),
                ]
            ),
            user: next(2) == 0 ? Company.salesPerson : Company.otherSalesPerson,
            says: "created Enquiry \(number)"
        )
    }

    private static let steps = ["1-Qualify", "2-Develop", "3-Propose", "4-Close"]

    private mutating func develop(_ row: Row) -> Change {
        let stage = min(3, (row.values["salesstage"]?.choice ?? 0) + 1)
        return update(
            row,
            [
                "stepname": .text(Self.steps[stage]), "salesstage": .choice(stage),
                "closeprobability": .number("\(20 + 20 * stage)"),
            ],
            "is at \(Self.steps[stage])"
        )
    }

    private mutating func reprice(_ row: Row) -> Change {
        let amount = "\(500 + next(900) * 100).\(10 + next(90))"
        return update(row, ["estimatedvalue": .money(amount)], "is worth \(amount)")
    }

    private mutating func close(_ row: Row) -> Change {
        let isWon = next(3) > 0
        return Change(
            operation: .close(opportunity: row.id, won: isWon, actualValue: nil),
            user: user(row),
            says: isWon ? "won" : "lost"
        )
    }

    private mutating func involve(_ row: Row) -> Change? {
        let roles = [Company.stakeholderRole, Company.decisionMakerRole, Company.championRole]
        let role = roles[next(roles.count)]
        return pick("contact").map { contact in
            Change(
                operation: .create(
                    table: "connection",
                    id: nil,
                    [
                        "record1id": .lookup(row.reference), "record2id": .lookup(contact.reference),
                        "record2roleid": .lookup(RowReference("connectionrole", role)),
                    ]
                ),
                user: user(row),
                says: "got a stakeholder"
            )
        }
    }

    private mutating func changeRole() -> Change? {
        let row = pick("connection") { $0.values["record1id"]?.reference?.table == "opportunity" }
        let role = ColumnValue.lookup(RowReference("connectionrole", Company.championRole))
        return row.map { update($0, ["record2roleid": role], "is a champion") }
    }

    private mutating func changeContact() -> Change? {
        let number = next(10_000)
        let account = next(2) == 0 ? pick("account") { $0.values["statecode"]?.choice == 0 } : nil
        return pick("contact").map { row in
            account.map { update(row, ["parentcustomerid": .lookup($0.reference)], "moved") }
                ?? update(row, ["emailaddress1": .text("new.\(number)@example.com")], "has another address")
        }
    }

    private mutating func renameAccount() -> Change? {
        let number = next(100)
        return pick("account").map { update($0, ["name": .text("Renamed \(number)")], "is called Renamed \(number)") }
    }

    private func update(_ row: Row, _ values: RowOperation.Values, _ says: String) -> Change {
        Change(operation: .update(table: row.table, row.id, values), user: user(row), says: says)
    }
}
