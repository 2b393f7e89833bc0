import OnewayCore
import Store
import Testing

@testable import Applying

/// rules.linkPeopleToCompany, from notifications to the outbox: people follow in whichever order things become known.
@Suite struct PeopleProjectionTests {
    private typealias P = ProjectorTests

    private static let linking: RuleSettings = {
        var settings = RuleSettings()
        settings.linksPeople = true
        return settings
    }()

    private let store = MemoryStore()
    private let person = DeliveryKey(.person, ProjectorTests.contact)

    /// Its customer is the account itself: no role names the contact.
    private func opportunity(_ number: Int, of account: String) -> Body {
        P.opportunity(number, attributes: [("customerid", Body.reference("account", account))])
    }

    private func company(_ context: ApplyingRig) async throws -> String? {
        try await context.wanted()[person].flatMap { RecordMembers(Array($0.utf8)).text("externalCompanyId") }
    }

    @Test(arguments: [false, true]) func aContactWithoutARoleFollowsToo(contactFirst: Bool) async throws {
        let context = ApplyingRig(store, Self.linking)
        let (contact, opportunity) = (P.contactOf(P.account), opportunity(1, of: P.account))
        try await context.take(contactFirst ? contact : opportunity)
        #expect(try await store.outboxItem(person) == nil)
        try await context.take(contactFirst ? opportunity : contact)
        #expect(try await company(context) == P.account)
        #expect(try await store.outboxItem(person)?.opportunity == nil)
    }

    @Test func offLeavesPeopleAlone() async throws {
        try await ApplyingRig(store).take(P.contactOf(P.account), P.opportunity(1))
        #expect(try await store.outboxItem(person) == nil)
    }

    @Test func whoMovesFollowsAndWhoLeavesStays() async throws {
        let context = ApplyingRig(store, Self.linking)
        try await context.take(P.contactOf(P.account), opportunity(1, of: P.account), opportunity(2, of: P.other))
        try await context.take(P.contactOf(P.other, second: 60))
        #expect(try await company(context) == P.other)
        try await context.take(P.contact(P.contact, "parentcustomerid", "null", second: 90))
        let item = try #require(try await store.outboxItem(person))
        #expect(item.state.desired == nil && item.state.reasons.map(\.rule) == ["R5"])
    }

    @Test func whoMovesToACompanyThatMarketoLacksFollowsOnceItIsNamed() async throws {
        let context = ApplyingRig(store, Self.linking)
        try await context.take(P.contactOf(P.account), opportunity(1, of: P.account))
        try await context.take(P.contactOf(P.other, second: 60))
        #expect(try await company(context) == nil)
        try await context.take(opportunity(2, of: P.other))
        #expect(try await company(context) == P.other)
    }

    @Test func whenAccountsMergePeopleFollowTheWinner() async throws {
        let context = ApplyingRig(store, Self.linking)
        try await context.take(P.contactOf(P.account), opportunity(1, of: P.account), opportunity(2, of: P.other))
        var merged = Body(entity: "account", id: P.account, attributes: [])
        merged.attributes = [("masterid", Body.reference("account", P.other))]
        merged.second += 60
        try await context.take(merged)
        #expect(try await company(context) == P.other)
        #expect(try await store.status().stale == 0)
    }

    /// All of them, in steps, and in any case before anything new.
    @Test func everybodyOfAnAccountFollows() async throws {
        let context = ApplyingRig(store, Self.linking)
        for number in 1...150 {
            let id = "33330000-0000-0000-0000-" + String(String(1_000_000_000_000 + number).dropFirst())
            try await context.append(P.contact(id, "parentcustomerid", Body.reference("account", P.account)))
        }
        try await context.take(opportunity(1, of: P.account))
        #expect(try await context.wanted().keys.filter { $0.kind == .person }.count == 150)
        #expect(try await store.status().stale == 0)
    }

    @Test func theOptionIsTurnedOnAndOff() async throws {
        let before = ApplyingRig(store)
        try await before.projector.noticeChangedRules(store.leader, now: P.now)
        try await before.take(P.contactOf(P.account), opportunity(1, of: P.account))
        let on = ApplyingRig(store, Self.linking)
        var previewed: [Change] = []
        _ = try await on.projector.eachChange { previewed.append($0) }
        #expect(previewed.contains { $0.key == person && $0.before == nil && $0.after != nil })

        try await on.projector.noticeChangedRules(store.leader, now: P.now)
        try await on.drain()
        #expect(try await company(on) == P.account)
        let items = try await store.leader.claim(.person, limit: 9, now: P.now, until: P.now)
        try await store.leader.settle(items.map { Settlement($0, .confirmed(requestID: nil)) }, now: P.now)

        let off = ApplyingRig(store)
        previewed = []
        _ = try await off.projector.eachChange { previewed.append($0) }
        #expect(previewed.contains { $0.key == person && $0.before != nil && $0.after == nil })
        try await off.projector.noticeChangedRules(store.leader, now: P.now)
        try await off.drain()
        let item = try #require(try await store.outboxItem(person))
        #expect(item.state.desired == nil)
        #expect(item.state.reasons.map(\.says).joined().contains("rules.linkPeopleToCompany is off"))
    }

    @Test func aNotificationsPreviewShowsThePerson() async throws {
        let context = ApplyingRig(store, Self.linking)
        try await context.take(opportunity(1, of: P.account))
        let contact = try #require(GUID(P.contact))
        var fact = MirrorRecord(RecordKey(.contact, contact))
        let account = Value.reference(entity: "account", id: try #require(GUID(P.account)))
        fact.learn("parentcustomerid", StampedValue(account, Stamp(second: 1, source: .target)))
        #expect(try await context.projector.preview([fact]).changes.map(\.key) == [person])
    }
}
