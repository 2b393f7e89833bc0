import Testing

@testable import OnewayCore

/// R4, R5, R5b: the decision table, row by row.
@Suite struct CustomerTableTests {
    enum Role: Sendable { case none, primary, unchanged }
    enum Account: Sendable, Equatable { case known(GUID), empty, leftOut }

    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let told: [(minute: Int64, values: [String: Value])]
        /// What is told of the contact; nil if nothing is.
        var parent: Value??
        let role: Role
        let account: Account

        init(
            _ description: String,
            _ told: [String: Value],
            contact parent: Value?? = nil,
            _ role: Role,
            _ account: Account
        ) {
            self.init(description, [(0, told)], contact: parent, role, account)
        }

        init(
            _ description: String,
            _ told: [(Int64, [String: Value])],
            contact parent: Value?? = nil,
            _ role: Role,
            _ account: Account
        ) {
            testDescription = description
            self.told = told.map { (minute: $0.0, values: $0.1) }
            self.parent = parent
            self.role = role
            self.account = account
        }
    }

    /// The derived tellings of "Who is the customer" are told here as the notification's facts tell them.
    static let rows: [Row] = [
        Row(
            "contact C | C | - | A",
            ["customerid": c, "parentcontactid": c, "parentaccountid": .null],
            contact: a,
            .primary,
            .known(Who.account)
        ),
        Row(
            "contact C | . | . | A",
            ["customerid": c, "parentcontactid": c, "parentaccountid": .null],
            contact: a,
            .primary,
            .known(Who.account)
        ),
        Row(
            "contact C | C | - | none",
            ["customerid": c, "parentcontactid": c, "parentaccountid": .null],
            contact: .null,
            .primary,
            .empty
        ),
        Row(
            "contact C | C | - | not known yet",
            ["customerid": c, "parentcontactid": c, "parentaccountid": .null],
            .primary,
            .leftOut
        ),
        Row(
            "contact C | C | - | C's parent is a contact",
            ["customerid": c, "parentcontactid": c, "parentaccountid": .null],
            contact: .contact(Who.colleague),
            .primary,
            .empty
        ),
        Row("account A | . | A", ["customerid": a, "parentaccountid": a], .none, .known(Who.account)),
        Row(
            "account A | C | A | B",
            ["customerid": a, "parentcontactid": c, "parentaccountid": a],
            contact: b,
            .none,
            .known(Who.account)
        ),
        Row(". | C | A", ["parentcontactid": c, "parentaccountid": a], contact: b, .none, .known(Who.account)),
        Row(
            ". | C | - | A2",
            ["parentcontactid": c, "parentaccountid": .null],
            contact: b,
            .primary,
            .known(Who.other)
        ),
        Row(". | C | . (in an Update) | A2", ["parentcontactid": c], contact: b, .unchanged, .leftOut),
        Row(
            ". | C | . (in a Create) | A2",
            ["parentcontactid": c, "parentaccountid": .null],
            contact: b,
            .primary,
            .known(Who.other)
        ),
        Row("empty | - | -", ["customerid": .null, "parentcontactid": .null, "parentaccountid": .null], .none, .empty),
        Row(". | . | .", [:], .unchanged, .leftOut),
        Row(
            "account A at 10:00 | C at 10:05 | empty at 10:05 | A2",
            [
                (600, ["customerid": a, "parentaccountid": a]),
                (605, ["parentcontactid": c, "parentaccountid": .null]),
            ],
            contact: b,
            .primary,
            .known(Who.other)
        ),
        Row(
            "account A at 10:00 | C at 10:05 | . | A2",
            [(600, ["customerid": a, "parentaccountid": a]), (605, ["parentcontactid": c])],
            contact: b,
            .none,
            .known(Who.account)
        ),
    ]

    static let a = Value.account(Who.account)
    static let b = Value.account(Who.other)
    static let c = Value.contact(Who.contact)

    @Test(arguments: rows) func r4r5(_ row: Row) {
        let before = Self.heldByContact
        let wanted = Wanted(Self.slice(row), held: before)
        switch row.role {
        case .primary: #expect(wanted.roles == ["\(Who.contact)/Customer*"])
        case .none:
            #expect(wanted.roles.isEmpty)
            #expect(wanted.withdrawn == [before[0].key], "the role that was given before goes")
        case .unchanged: #expect(wanted.roles.isEmpty && wanted.withdrawn.isEmpty, "the role stays as it is")
        }
        switch row.account {
        case .known(let id): #expect(wanted.field("externalCompanyId") == "\"\(id)\"")
        case .empty: #expect(wanted.field("externalCompanyId") == "null")
        case .leftOut: #expect(wanted.field("externalCompanyId") == nil)
        }
    }

    /// The contact has the customer's role already, from before; nothing was said of an account.
    static let heldByContact = Wanted(
        .of(["customerid": c, "parentcontactid": c, "parentaccountid": .null])
    ).projections.filter { $0.key.kind == .role }.map {
        Held($0.key, desired: $0.wish.record, confirmed: $0.wish.record)
    }

    static func slice(_ row: Row) -> Slice {
        var slice = Slice.of()
        for (minute, values) in row.told { slice.opportunity.tell(at: minute, values) }
        if let parent = row.parent, let parent {
            slice.add(record(.contact, Who.contact, ["parentcustomerid": parent]))
        }
        return slice
    }
}
