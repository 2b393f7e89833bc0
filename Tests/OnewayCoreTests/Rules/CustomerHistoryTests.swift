import TestSupport
import Testing

@testable import OnewayCore

/// Who the customer is over time: every row in every order of its notifications, with and without a delivery in between.
@Suite struct CustomerHistoryTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let history: CustomerHistory
        let account: GUID?
        let role: GUID?

        init(
            _ description: String,
            _ messages: [CustomerHistory.Message],
            _ accounts: [GUID: GUID?] = [:],
            role: GUID?,
            account: GUID?
        ) {
            testDescription = description
            history = CustomerHistory(messages: messages, accounts: accounts)
            (self.account, self.role) = (account, role)
        }
    }

    private typealias Message = CustomerHistory.Message
    private static let (a, b, c, d) = (Who.account, Who.other, Who.contact, Who.colleague)

    static let rows: [Row] = [
        Row("contact C | . | . | A", [Message(second: 1, customer: .contact(c))], [c: a], role: c, account: a),
        Row("contact C | . | . | none", [Message(second: 1, customer: .contact(c))], [c: nil], role: c, account: nil),
        Row("account A | . | .", [Message(second: 1, customer: .account(a))], role: nil, account: a),
        Row(
            "account A | C | A | B",
            [Message(second: 1, customer: .account(a), account: a, contact: c)],
            [c: b],
            role: nil,
            account: a
        ),
        Row(
            ". | C | . (in a Create) | A2",
            [Message(second: 1, isCreate: true, contact: c)],
            [c: b],
            role: c,
            account: b
        ),
        Row(
            "empty, after contact C | - | -",
            [Message(second: 1, customer: .contact(c)), Message(second: 2, customer: .empty)],
            [c: a],
            role: nil,
            account: nil
        ),
        Row(
            "account A at 10:00 | C at 10:05 | . | A2",
            [Message(second: 1, customer: .account(a)), Message(second: 2, contact: c)],
            [c: b],
            role: nil,
            account: a
        ),
        Row(
            "contact C, and in the same notification | . | A | A2",
            [Message(second: 1, customer: .contact(c), account: a)],
            [c: b],
            role: c,
            account: b
        ),
        Row(
            "contact C, contradicted by A, then D on the form",
            [Message(second: 1, customer: .contact(c), account: a), Message(second: 2, contact: d)],
            [c: b, d: nil],
            role: d,
            account: nil
        ),
        Row(
            "empty at 10:00 | C at 9:00 | empty at 10:05 | A2",
            [
                Message(second: 1, contact: c), Message(second: 2, customer: .empty),
                Message(second: 3, account: .some(nil)),
            ],
            [c: b],
            role: nil,
            account: nil
        ),
        Row(
            "account A, after an empty customer that ended C | . | empty at last",
            [
                Message(second: 1, contact: c), Message(second: 2, customer: .empty),
                Message(second: 3, customer: .account(a)), Message(second: 4, account: .some(nil)),
            ],
            [c: b],
            role: nil,
            account: nil
        ),
        Row(
            ". | . | empty, told after account A",
            [Message(second: 1, account: a), Message(second: 2, account: .some(nil))],
            role: nil,
            account: nil
        ),
        Row(". | . | empty, account never told", [Message(second: 1, account: .some(nil))], role: nil, account: nil),
        Row(
            "account A, then its account empty, then contact C whose account is not known yet",
            [
                Message(second: 1, customer: .account(a)), Message(second: 2, account: .some(nil)),
                Message(second: 3, customer: .contact(c)),
            ],
            role: c,
            account: nil
        ),
    ]

    @Test(arguments: rows) func everyOrderEndsAsTheRowSays(_ row: Row) throws {
        let expected = CustomerExpectation(account: row.account, role: row.role)
        #expect(CustomerExpectation(row.history) == expected, "the model of these tests")
        for facts in permutations(row.history.facts) {
            for deliveries in 0..<(1 << facts.count) {
                var marketo = HeldByMarketo()
                for (index, some) in facts.enumerated() {
                    marketo.tell(some)
                    if deliveries & (1 << index) != 0 { try marketo.deliver() }
                }
                try marketo.deliver()
                #expect(marketo.expectation == expected, "deliveries \(deliveries), \(facts.map { "\($0)" })")
            }
        }
    }

    /// A contact whose account is not known leaves it out where Marketo was told nothing of one.
    @Test func anAccountThatWasNeverToldIsNotCleared() throws {
        let outcome = Wanted(.of(["parentaccountid": .null]))
        #expect(outcome.field("externalCompanyId") == nil)
        #expect(outcome.reasons(outcome.opportunity).contains("the account was told empty"))
    }

    @Test func anEmptyCustomerLeavesNoContactOnTheForm() throws {
        var marketo = MirrorRecord(RecordKey(.opportunity, Who.opportunity))
        let messages = [
            Message(second: 1, contact: Self.c), Message(second: 2, customer: .empty),
            Message(second: 3, customer: .account(Self.a)),
        ]
        for fact in messages.flatMap(\.facts) { marketo.merge(fact) }
        let wanted = Wanted(Slice(marketo))
        #expect(!wanted.reasons(wanted.opportunity).contains("R5b"), "C is not on the form any more")
    }

    /// Against a model of the rules that shares nothing with them.
    @Test(arguments: Array(UInt64(1)...600)) func whateverComesMarketoEndsWithTheCustomer(_ seed: UInt64) throws {
        var random = Seeded(seed)
        for round in 0..<20 {
            let history = CustomerHistory.random(
                accounts: [Self.a, Self.b],
                contacts: [Self.c, Self.d],
                using: &random
            )
            var marketo = HeldByMarketo()
            let facts = history.facts
            for some in (facts + facts.prefix(2)).shuffled(using: &random) {
                marketo.tell(some)
                if random.chance(2) { try marketo.deliver() }
            }
            try marketo.deliver()
            #expect(marketo.expectation == CustomerExpectation(history), "seed \(seed), round \(round): \(history)")
        }
    }
}
