import TestSupport
import Testing

@testable import OnewayCore

/// The example notifications from the wire to what Marketo should hold, in order and out of it.
@Suite struct ExampleRulesTests {
    static let book = RuleBook(RuleSettings())
    static let (ada, bruno, meiLing) = ("3c4d0001", "3c4d0002", "3c4d0003")
    static let (harbour, tannenbaum) = ("1a2b0001", "1a2b0002")

    /// The first eight digits of each opportunity, and the result after all examples.
    struct Row: Sendable, CustomTestStringConvertible {
        let opportunity: String
        var role: String?
        /// Nil: it is empty.
        let account: String?
        let fields: [String: String]
        let rule: String

        var testDescription: String { opportunity }
    }

    static let rows = [
        Row(
            opportunity: "5e6f0001",
            role: bruno,
            account: tannenbaum,
            fields: ["amount": "52500.0000", "description": "\"Includes the old pier.\"", "probability": "60"],
            rule: "R4: customer is contact \(bruno)"
        ),
        Row(
            opportunity: "5e6f0002",
            account: tannenbaum,
            fields: ["amount": "118000.0000", "closeDate": "\"2026-03-09\"", "isWon": "true", "probability": "80"],
            rule: "R5b: customer is account \(tannenbaum)"
        ),
        Row(
            opportunity: "5e6f0003",
            account: harbour,
            fields: ["amount": "922337203685477.5807", "isClosed": "false"],
            rule: "R5b: customer is account \(harbour)"
        ),
        Row(
            opportunity: "5e6f0004",
            role: bruno,
            account: tannenbaum,
            fields: ["isClosed": "true", "isWon": "false"],
            rule: "R12: the status is lost"
        ),
        Row(
            opportunity: "5e6f0005",
            role: bruno,
            account: tannenbaum,
            fields: ["name": "\"Größere Wärmepumpe für Łódź – 2 Stück à 9.900 €\""],
            rule: "R4: customer is contact \(bruno)"
        ),
        Row(
            opportunity: "5e6f0008",
            account: nil,
            fields: ["description": "\"Two pontoons.\""],
            rule: "R8: there is no customer"
        ),
    ]

    /// Received in any order, some of them twice.
    private static func mirror(_ random: inout Seeded) throws -> [RecordKey: MirrorRecord] {
        var records: [RecordKey: MirrorRecord] = [:]
        for name in ExampleTests.names.shuffled(using: &random) where name != "opportunity-poison.json" {
            let notification = try OnewayCore.DynamicsNotification.decode(
                try ExampleTests.body(name),
                selection: Selection(book.columns)
            )
            for fact in notification.facts(receivedAt: Timestamp(second: Wire.second + 86_400)) {
                records[fact.key, default: MirrorRecord(fact.key)].merge(fact)
            }
        }
        return records
    }

    @Test(arguments: rows, Array(UInt64(1)...5)) func whatTheExamplesComeTo(_ row: Row, _ seed: UInt64) throws {
        var random = Seeded(seed)
        let records = try Self.mirror(&random)
        let key = try #require(
            records.keys.first { $0.entity == .opportunity && "\($0.id)".hasPrefix(row.opportunity) }
        )
        let wanted = Wanted(Self.book.slice(of: key.id, in: records))
        #expect(wanted.roles.map { "\($0.prefix(8))" } == [row.role].compactMap(\.self), "seed \(seed)")
        #expect(wanted.roles.allSatisfy { $0.hasSuffix("/Customer*") })
        let account = row.account.map { "\"" + $0 } ?? "null"
        #expect(wanted.field("externalCompanyId")?.hasPrefix(account) == true, "seed \(seed)")
        for (name, value) in row.fields { #expect(wanted.field(name) == value, "seed \(seed)") }
        #expect(wanted.reasons(wanted.opportunity).contains(row.rule))
    }

    @Test func theDeletedExampleStaysDeleted() throws {
        var random = Seeded(3)
        let records = try Self.mirror(&random)
        let key = try #require(records.keys.first { "\($0.id)".hasPrefix("5e6f0007") })
        let wanted = Wanted(Self.book.slice(of: key.id, in: records))
        #expect(wanted.projections.map(\.desired.record) == [nil])
    }

    /// The effect of one example on an empty Marketo, by kind; and other reasons.
    static let alone: [(name: String, kinds: [RecordKind], says: String?)] = [
        ("opportunity-created-contact", [.opportunity, .role], nil),
        ("opportunity-created-account", [.company, .opportunity], nil),
        ("opportunity-created-both", [.company, .opportunity], nil),
        ("opportunity-customer-contradicts-form", [.opportunity, .role], nil),
        ("opportunity-customer-emptied", [.opportunity], nil),
        ("opportunity-name-emptied", [.opportunity], nil),
        ("opportunity-deleted", [], "R11"),
        ("opportunity-update-multiple", [.opportunity, .opportunity], nil),
        ("connection-created-stakeholder", [.opportunity, .role], nil),
        ("connection-created-mirror-row", [], "R10"),
        ("connection-deleted", [], "R10"),
        ("connection-role-changed", [], "R10"),
        ("contact-moved-to-account", [], "R9"),
        ("account-created", [], "R13"),
    ]

    @Test(arguments: alone) func whatOneExampleWouldDoAlone(_ name: String, _ kinds: [RecordKind], _ says: String?)
        throws
    {
        let facts = try ExampleTests.facts(name)
        #expect(Self.book.changes(by: facts).map(\.key.kind) == kinds)
        #expect(Self.book.remarks(on: facts).first?.rule == says)
    }
}
