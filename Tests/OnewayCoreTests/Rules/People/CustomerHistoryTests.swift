import TestSupport
import Testing

@testable import OnewayCore

/// Who the customer is over time, beyond the rows of the decision table, and at random.
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
        Row(
            "empty, after contact C | - | -",
            [Message(second: 1, customer: .contact(c)), Message(second: 2, customer: .empty)],
            [c: a],
            role: nil,
            account: nil
        ),
        Row(
            "contact C, contradicted by A, then D on the form",
            [Message(second: 1, customer: .contact(c), account: a), Message(second: 2, contact: d)],
            [c: b, d: nil],
            role: d,
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
    ]

    @Test(arguments: rows) func everyOrderEndsAsTheRowSays(_ row: Row) throws {
        let expected = CustomerExpectation(account: row.account, role: row.role)
        #expect(CustomerExpectation(row.history) == expected, "the model of these tests")
        for facts in permutations(row.history.facts) {
            for deliveries in 0..<(1 << facts.count) {
                var marketo = HeldByMarketo()
                for (index, some) in facts.enumerated() {
                    marketo.learn(some)
                    if deliveries & (1 << index) != 0 { marketo.deliver() }
                }
                marketo.settle()
                #expect(marketo.expectation == expected, "deliveries \(deliveries), \(facts.map { "\($0)" })")
            }
        }
    }

    /// If a contact's account is not known, it is left out unless Oneway sent Marketo another one before.
    @Test func anUnknownAccountIsNotCleared() throws {
        let outcome = Wanted(.of(["parentaccountid": .null]))
        #expect(outcome.field("externalCompanyId") == nil)
        #expect(outcome.reasons(outcome.opportunity).contains("the account was reported empty"))
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

    /// Against a model of the rules that shares no code with them.
    @Test(arguments: Array(UInt64(1)...600)) func marketoAlwaysEndsUpWithTheCustomer(_ seed: UInt64) throws {
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
                marketo.learn(some)
                if random.chance(2) {
                    marketo.deliver { random.chance(2) ? .confirmed : random.pick(HeldByMarketo.End.allCases) }
                }
            }
            marketo.settle()
            #expect(marketo.expectation == CustomerExpectation(history), "seed \(seed), round \(round): \(history)")
        }
    }
}
