import TestSupport
import Testing

@testable import OnewayCore

/// rules.roleForFormContact: R5b with a role for the contact that the form names beside an account.
@Suite struct FormContactTests {
    private static let naming: RuleSettings = {
        var settings = RuleSettings()
        settings.formContactRole = "Main contact"
        return settings
    }()

    private static let both: [String: Value] = [
        "customerid": .account(Who.account), "parentaccountid": .account(Who.account),
        "parentcontactid": .contact(Who.contact),
    ]

    private func key(_ contact: GUID, _ role: String = "Main contact") -> String {
        "\(Who.opportunity)/\(contact)/\(role)"
    }

    private func roles(_ slice: Slice, _ settings: RuleSettings = naming) -> Set<String> {
        Set(
            Wanted(slice, settings).projections.filter { $0.key.kind == .role && $0.desired.record != nil }.map(
                \.key.text
            )
        )
    }

    /// The decision table of docs/rules.md: only where the account is the customer and the form names a contact does the
    /// option add a role, and nothing else changes. With and without a delivery after each notification.
    @Test(arguments: DecisionTableTests.rows) func everyRowStands(_ row: DecisionTableTests.Row) {
        for order in permutations(row.notices.map(\.fact)) {
            var mirror = MirrorRecord(RecordKey(.opportunity, Who.opportunity))
            for fact in order { mirror.merge(fact) }
            var slice = Slice(mirror)
            if let parent = row.parent { slice.add(record(.contact, Who.contact, ["parentcustomerid": parent])) }
            let (without, with) = (Wanted(slice), Wanted(slice, Self.naming))
            let added = roles(slice).subtracting(roles(slice, RuleSettings()))
            let isBeside: Bool
            if case .account = Customer(of: mirror), case .reference("contact", _) = mirror["parentcontactid"] {
                isBeside = true
            } else {
                isBeside = false
            }
            #expect(added == (isBeside ? [key(Who.contact)] : []), "\(row)")
            let own = "\(Who.opportunity)"
            #expect(with[.opportunity, own]?.desired.record == without[.opportunity, own]?.desired.record)
            // The two rows with an account as customer and a contact on the form are R5b.
            #expect(isBeside == row.isR5b)
        }
    }

    @Test func itIsNeverPrimaryAndDatesFromTheOpportunity() throws {
        let created = Timestamp(second: 1_772_500_000)
        let slice = Slice.of(Self.both.merging(["createdon": .time(created)]) { told, _ in told })
        let role = try #require(Wanted(slice, Self.naming)[.role, key(Who.contact)]?.desired)
        let members = RecordMembers(try #require(role.record))
        #expect(members["isPrimary"]?.bool == false)
        #expect(members.text("externalCreatedDate") == "\(created)")
        #expect(role.reasons.map(\.rule) == ["R5b"])
    }

    @Test func theReasonsOfTheOpportunityNoLongerDenyIt() throws {
        let own = try #require(Wanted(.of(Self.both), Self.naming)[.opportunity, "\(Who.opportunity)"]?.desired)
        let says = own.reasons.map(\.says).joined(separator: "\n")
        #expect(!says.contains("no role for contact") && !says.contains("credits it to nobody"))
    }

    @Test func whoIsDeletedHasNone() {
        var contact = record(.contact, Who.contact, ["fullname": .text("A")])
        contact.markDeleted(atSecond: 600)
        #expect(roles(.of(Self.both, contact)).isEmpty)
    }

    @Test func whoWasMergedIsTheWinner() {
        let loser = record(.contact, Who.contact, ["masterid": .contact(Who.colleague)])
        #expect(roles(.of(Self.both, loser)) == [key(Who.colleague)])
    }

    /// Marketo's key is the opportunity, the lead, and the role: the same role from a connection is the same record.
    @Test func aStakeholderWithTheSameRoleSharesIt() {
        let connection = record(
            .connection,
            Who.connection,
            [
                "record1id": .opportunity(Who.opportunity), "record2id": .contact(Who.contact),
                "record2roleid": .reference(entity: "connectionrole", id: Who.championRole),
            ]
        )
        var settings = Self.naming
        settings.roleNames = [Who.championRole: "Champion"]
        #expect(roles(.of(Self.both, connection), settings) == [key(Who.contact), key(Who.contact, "Champion")])
        settings.roleNames = [Who.championRole: "Main contact"]
        #expect(roles(.of(Self.both, connection), settings) == [key(Who.contact)])
    }

    @Test func r8ItIsWithdrawnWhenTheFormNamesAnother() throws {
        let held = CurrentRecord(DeliveryKey(.role, key(Who.contact)), desired: Array("{}".utf8), confirmed: nil)
        var moved = Self.both
        moved["parentcontactid"] = .contact(Who.colleague)
        let wanted = Wanted(.of(moved), Self.naming, held: [held])
        let old = try #require(wanted[.role, key(Who.contact)])
        #expect(old.desired.record == nil && old.desired.reasons.contains { $0.says.contains(", the form,") })
        #expect(wanted[.role, key(Who.colleague)]?.desired.record != nil)
    }

    /// Its e-mail, its deletion, and its merge matter, so it is read like every other contact.
    @Test func itsContactIsLookedUp() {
        #expect(RuleBook(Self.naming).missing(in: .of(Self.both)).contains(RecordKey(.contact, Who.contact)))
        #expect(!RuleBook(RuleSettings()).missing(in: .of(Self.both)).contains(RecordKey(.contact, Who.contact)))
    }
}
