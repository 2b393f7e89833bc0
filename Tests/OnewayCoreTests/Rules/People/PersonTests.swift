import TestSupport
import Testing

@testable import OnewayCore

/// rules.linkPeopleToCompany: what a contact's person in Marketo is told.
@Suite struct PersonTests {
    private static let linking: RuleSettings = {
        var settings = RuleSettings()
        settings.linksPeople = true
        return settings
    }()

    private func wanted(
        _ contact: MirrorRecord,
        _ accounts: MirrorRecord...,
        settings: RuleSettings = linking,
        inMarketo: Set<GUID> = [Who.account, Who.other]
    ) -> DesiredRecord {
        let accounts = Dictionary(uniqueKeysWithValues: accounts.map { ($0.key.id, $0) })
        return RuleBook(settings).person(contact, accounts, isInMarketo: inMarketo.contains)
    }

    private func company(_ desired: DesiredRecord) -> String? {
        desired.desired.record.flatMap { RecordMembers($0).text("externalCompanyId") }
    }

    private static let ofAccount = record(.contact, Who.contact, ["parentcustomerid": .account(Who.account)])

    @Test func r5ThePersonBelongsToTheAccountsCompany() {
        let person = wanted(Self.ofAccount)
        #expect(person.key == DeliveryKey(.person, "\(Who.contact)") && person.opportunity == nil)
        let record = #"{"contact":"\#(Who.contact)","externalCompanyId":"\#(Who.account)"}"#
        #expect(person.desired.record.map { String(decoding: $0, as: UTF8.self) } == record)
        #expect(person.desired.heldFor == nil)
    }

    @Test func r13OnlyACompanyThatSomeOpportunityNamesIsInMarketo() {
        let person = wanted(Self.ofAccount, inMarketo: [Who.other])
        #expect(person.desired.record == nil)
        #expect(person.desired.reasons.map(\.rule) == ["R13"])
    }

    /// Every way in which Dynamics names no account, or nobody.
    static let unlinked: [(String, MirrorRecord, rule: String)] = {
        var deleted = ofAccount
        deleted.markDeleted(atSecond: 600)
        var merged = ofAccount
        merged.learn(at: 5, ["masterid": .contact(Who.colleague)])
        return [
            ("not known yet", record(.contact, Who.contact, [:]), "R5"),
            ("no account", record(.contact, Who.contact, ["parentcustomerid": .null]), "R5"),
            ("another contact's", record(.contact, Who.contact, ["parentcustomerid": .contact(Who.colleague)]), "R5"),
            ("deleted", deleted, "R11"), ("merged", merged, "R11"),
        ]
    }()

    @Test(arguments: unlinked) func whatMarketoHasStays(_ what: String, _ contact: MirrorRecord, _ rule: String) {
        let person = wanted(contact)
        #expect(person.desired.record == nil, "\(what)")
        #expect(person.desired.reasons.map(\.rule) == [rule])
        #expect(person.desired.reasons.allSatisfy { $0.says.hasSuffix("that its person has in Marketo stays") })
    }

    @Test func aDeletedAccountIsNone() {
        var account = record(.account, Who.account, ["name": .text("Contoso")])
        account.markDeleted(atSecond: 600)
        #expect(wanted(Self.ofAccount, account).desired.record == nil)
    }

    @Test func theWinnerOfAMergeIsMeant() {
        let account = record(.account, Who.account, ["masterid": .account(Who.other)])
        #expect(company(wanted(Self.ofAccount, account)) == "\(Who.other)")
        #expect(wanted(Self.ofAccount, account, inMarketo: [Who.account]).desired.record == nil)
    }

    @Test func whoIsFoundByAnotherColumnCarriesItsValue() {
        var settings = Self.linking
        settings.leadColumn = "emailaddress1"
        #expect(wanted(Self.ofAccount, settings: settings).desired.record == nil, "nobody can be found without it")
        var contact = Self.ofAccount
        contact.learn(at: 1, ["emailaddress1": .text("a@b.example")])
        let record = wanted(contact, settings: settings).desired.record
        #expect(record.flatMap { RecordMembers($0).text("lead") } == "a@b.example")
    }

    static let values: [(Value, String?)] = [
        (.text("A@b.example"), "A@b.example"), (.number("4711"), "4711"), (.number("4711.000"), "4711"),
        (.choice(7), "7"), (.account(Who.account), "\(Who.account)"),
        (.text(""), nil), (.null, nil), (.bool(true), nil), (.choices([1]), nil),
    ]

    @Test(arguments: values) func r13ItsLeadIsFoundByWhateverIsWrittenInOneWay(_ value: Value, _ sought: String?) {
        var settings = RuleSettings()
        settings.leadColumn = "new_number"
        let contact = record(.contact, Who.contact, ["new_number": value])
        let wanted = Wanted(Slice.of(["customerid": .contact(Who.contact)], contact), settings)
        let role = wanted[.role, "\(Who.opportunity)/\(Who.contact)/Customer"]?.desired
        #expect(role?.record.flatMap { RecordMembers($0).text("lead") } == sought)
        let waits: WaitReason? = sought == nil ? .contactEmail : nil
        #expect(role?.heldFor == waits)
    }

    @Test func offMeansNothing() {
        #expect(wanted(Self.ofAccount, settings: RuleSettings()).desired.record == nil)
        #expect(!RuleSettings().linksPeople)
    }

    /// R7: the same for every order and repetition of what was reported.
    @Test(arguments: Array(UInt64(1)...40)) func r7OrderDoesNotMatter(_ seed: UInt64) {
        var random = Seeded(seed)
        let facts = (0..<Int64(12)).map { number in
            let parents: [Value] = [.account(Who.account), .account(Who.other), .contact(Who.colleague), .null]
            var fact = record(.contact, Who.contact, at: number, ["parentcustomerid": random.pick(parents)])
            if random.chance(6) { fact.markDeleted(atSecond: number * 60) }
            if random.chance(6) { fact.markRevived(atSecond: number * 60) }
            return fact
        }
        func end(_ facts: [MirrorRecord]) -> DesiredRecord {
            var contact = MirrorRecord(RecordKey(.contact, Who.contact))
            for fact in facts { contact.merge(fact) }
            return wanted(contact)
        }
        for _ in 0..<8 {
            let again = (facts + facts.prefix(4)).shuffled(using: &random)
            #expect(end(again) == end(facts), "seed \(seed)")
        }
    }

    @Test func r5TheReasonSaysWhatTheOptionMeans() {
        let slice = Slice.of(["customerid": .account(Who.account)])
        func reasons(_ settings: RuleSettings) -> String {
            let own = Wanted(slice, settings)[.opportunity, "\(Who.opportunity)"]
            return own?.desired.reasons.map(\.says).joined(separator: "\n") ?? ""
        }
        let without = "without a role, Marketo's Explicit attribution (its default) credits it to nobody"
        #expect(reasons(RuleSettings()).contains(without) && !reasons(RuleSettings()).contains("Hybrid"))
        #expect(reasons(Self.linking).contains("\(without); Hybrid and Implicit credit the account's people"))
    }
}
