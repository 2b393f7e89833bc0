import TestSupport
import Testing

@testable import OnewayCore

/// R4, R5, R5b: the decision table of docs/rules.md, row by row, in every order of a row's notifications, and with and
/// without a delivery after each.
@Suite struct DecisionTableTests {
    enum Role: Sendable { case none, primary, unchanged }
    enum Account: Sendable, Equatable {
        case of(GUID)
        case empty
        /// Empty if Oneway had set one, else unchanged.
        case notOneways
        case unchanged
    }

    struct Row: Sendable, CustomTestStringConvertible {
        /// The first four columns, as on the page.
        let text: String
        /// Earlier events, in rows that occur more than once.
        var after = ""
        let notices: [Notice]
        /// The reported parent of the contact; nil: none was reported.
        var parent: Value?
        let role: Role
        let account: Account
        var isR5b = false

        var testDescription: String { after.isEmpty ? text : "\(text), after \(after)" }
    }

    @Test(arguments: rows) func r4r5(_ row: Row) {
        var facts = row.notices.map(\.fact)
        if let parent = row.parent {
            facts.append(record(.contact, Who.contact, ["parentcustomerid": parent]))
        }
        for order in permutations(facts) {
            // A bit for each fact: whether everything desired is delivered after it.
            for deliveries in 0..<(1 << order.count) {
                var way = Self.beginning()
                for (index, fact) in order.enumerated() {
                    way.learn([fact])
                    if deliveries & (1 << index) != 0 { way.deliver() }
                }
                way.settle()
                let how = Comment(rawValue: "\(order.map(\.attributes.keys)), deliveries \(deliveries)")
                check(way, row, how)
            }
        }
    }

    private func check(_ way: HeldByMarketo, _ row: Row, _ how: Comment) {
        switch row.role {
        case .primary: #expect(way.roles == [Who.contact], how)
        case .none: #expect(way.roles.isEmpty, how)
        case .unchanged where row.notices.count <= 1: #expect(way.roles == [Self.earlier], how)
        // Whether the customer was known for a while depends on the order.
        case .unchanged: #expect(way.roles.isSubset(of: [Self.earlier]), how)
        }
        let (held, isPut) = (way.opportunity?["externalCompanyId"], way.put.contains("externalCompanyId"))
        switch row.account {
        case .of(let id): #expect(held == "\(id)", how)
        case .empty: #expect(held == "null", how)
        case .notOneways: #expect(held == (isPut ? "null" : Self.elsewhere), how)
        case .unchanged: #expect(held == Self.elsewhere && !isPut, how)
        }
        #expect(way.reasons.contains("R5b: ") == row.isR5b, how)
    }

    static let earlier = Who.colleague
    static let elsewhere = "put there by somebody else"

    /// Marketo has an account that is not from Oneway, and a role of an earlier customer that is from Oneway.
    static func beginning() -> HeldByMarketo {
        var way = HeldByMarketo()
        way.marketo[HeldByMarketo.key] = ["externalCompanyId": elsewhere]
        let role = DeliveryKey(.role, "\(Who.opportunity)/\(Who.colleague)/Customer")
        way.hold(role, ["role": "Customer", "isPrimary": true])
        return way
    }

    // MARK: The rows

    static let a = Value.account(Who.account)
    static let b = Value.account(Who.other)
    static let c = Value.contact(Who.contact)

    /// One notification at ten, with the opportunity's name.
    static func at(
        _ minute: Int64 = 600,
        _ kind: RecordChange.Kind = .updated,
        customer: Value? = nil,
        contact: Value? = nil,
        account: Value? = nil
    ) -> Notice {
        var values: [String: Value] = ["name": .text("Pumps")]
        (values["customerid"], values["parentcontactid"], values["parentaccountid"]) = (customer, contact, account)
        return Notice(minute * 60, values, kind)
    }

    static let rows: [Row] = ofOneNotification + ofSeveral

    static let whole = [at(customer: c, contact: c, account: .null)]

    static let ofOneNotification: [Row] = [
        Row(text: "contact C | C | - | A", notices: whole, parent: a, role: .primary, account: .of(Who.account)),
        Row(
            text: "contact C | . | . | A",
            notices: [at(customer: c)],
            parent: a,
            role: .primary,
            account: .of(Who.account)
        ),
        Row(text: "contact C | C | - | none", notices: whole, parent: .null, role: .primary, account: .empty),
        Row(text: "contact C | C | - | not known yet", notices: whole, role: .primary, account: .notOneways),
        Row(
            text: "contact C | C | - | C's parent is a contact, not an account",
            notices: whole,
            parent: .contact(Who.colleague),
            role: .primary,
            account: .empty
        ),
        Row(
            text: "account A | . | A | ",
            notices: [at(customer: a, account: a)],
            role: .none,
            account: .of(Who.account)
        ),
        Row(
            text: "account A | C | A | B",
            notices: [at(customer: a, contact: c, account: a)],
            parent: b,
            role: .none,
            account: .of(Who.account),
            isR5b: true
        ),
        Row(
            text: ". | C | A | ",
            notices: [at(contact: c, account: a)],
            role: .none,
            account: .of(Who.account),
            isR5b: true
        ),
        Row(
            text: ". | C | - | A2",
            notices: [at(contact: c, account: .null)],
            parent: b,
            role: .primary,
            account: .of(Who.other)
        ),
        Row(
            text: ". | C | . (in an Update) | A2",
            notices: [at(contact: c)],
            parent: b,
            role: .unchanged,
            account: .unchanged
        ),
        Row(
            text: ". | C | . (in a Create) | A2",
            notices: [at(600, .created, contact: c)],
            parent: b,
            role: .primary,
            account: .of(Who.other)
        ),
        Row(text: "empty | - | - | ", notices: [at(customer: .null)], role: .none, account: .empty),
        Row(text: ". | . | . | ", notices: [at()], role: .unchanged, account: .unchanged),
        Row(
            text: "contact C, and in the same notification | . | A | A2",
            notices: [at(customer: c, account: a)],
            parent: b,
            role: .primary,
            account: .of(Who.other)
        ),
        Row(
            text: ". | . | empty, and no account was ever confirmed | ",
            notices: [at(account: .null)],
            role: .unchanged,
            account: .notOneways
        ),
    ]

    static let ofSeveral: [Row] = [
        Row(
            text: "account A, reported at 10:00 | C, reported at 10:05 | empty, reported at 10:05 | A2",
            notices: [at(customer: a), at(605, contact: c, account: .null)],
            parent: b,
            role: .primary,
            account: .of(Who.other)
        ),
        Row(
            text: "account A, reported at 10:00 | C, reported at 10:05 | . | A2",
            notices: [at(customer: a), at(605, contact: c)],
            parent: b,
            role: .none,
            account: .of(Who.account),
            isR5b: true
        ),
        Row(
            text: "empty, reported at 10:00 | C, reported at 9:00 | empty, reported at 10:05 | A2",
            notices: [at(540, contact: c), at(customer: .null), at(605, account: .null)],
            parent: b,
            role: .none,
            account: .empty
        ),
        Row(
            text: ". | . | empty, reported after account A was confirmed | ",
            after: "the form named A",
            notices: [at(540, account: a), at(account: .null)],
            role: .unchanged,
            account: .notOneways
        ),
        Row(
            text: ". | . | empty, reported after account A was confirmed | ",
            after: "customer A",
            notices: [at(540, customer: a), at(account: .null)],
            role: .unchanged,
            account: .notOneways
        ),
        Row(
            text: "contact C | C | - | not known yet",
            after: "customer A",
            notices: [at(540, customer: a)] + whole,
            role: .primary,
            account: .notOneways
        ),
        Row(
            text: "contact C | C | - | not known yet",
            after: "customer A and an empty account",
            notices: [at(540, customer: a), at(550, account: .null)] + whole,
            role: .primary,
            account: .notOneways
        ),
    ]
}
