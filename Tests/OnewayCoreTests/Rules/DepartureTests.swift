import Testing

@testable import OnewayCore

/// R2, R11, R14: the desired records of an opportunity that does not, or no longer, belong in Marketo.
@Suite struct DepartureTests {
    static let whole = Slice.of(
        CustomerRulesTests.byContact,
        CustomerRulesTests.contact(),
        stakeholder(Who.second, Who.colleague)
    )
    /// As Marketo confirmed it, with a newer desired state not sent yet.
    static let held = Wanted(whole).projections.map { projection in
        CurrentRecord(projection.key, desired: Array("newer".utf8), confirmed: projection.desired.record)
    }

    static func deleted() -> Slice {
        var slice = whole
        slice.opportunity.markDeleted(atSecond: 1)
        return slice
    }

    static func refused() -> Slice {
        var slice = whole
        slice.opportunity.markRefused(Refusal(second: 1, user: Who.third))
        return slice
    }

    private func goesWholly(_ wanted: Wanted, _ rule: String) -> Bool {
        wanted.projections.map(\.key.kind).sorted { $0.rawValue < $1.rawValue } == [.opportunity, .role, .role]
            && wanted.projections.allSatisfy { $0.desired.record == nil && $0.desired.reasons.first?.rule == rule }
    }

    @Test func r11ADeletedOpportunityGoesWithItsRoles() {
        #expect(goesWholly(Wanted(Self.deleted(), held: Self.held), "R11"))
    }

    @Test func r11NoLaterNotificationBringsItBack() {
        var slice = Self.deleted()
        slice.opportunity.learn(
            at: 99,
            ["name": .text("Late"), "statecode": .choice(0), "customerid": .null, "stepname": .text("1-Qualify")]
        )
        #expect(goesWholly(Wanted(slice, held: Self.held), "R11"))
        slice.opportunity.markRevived(atSecond: 2)
        #expect(Wanted(slice, held: Self.held).field("name") == "\"Late\"", "a later read does")
    }

    @Test func r11KeepFreezesWhatWasConfirmed() {
        var settings = RuleSettings()
        settings.onDelete = .keep
        let wanted = Wanted(Self.deleted(), settings, held: Self.held)
        for row in Self.held where row.key.kind != .company {
            #expect(wanted.projections.first { $0.key == row.key }?.desired.record == row.confirmed)
        }
        #expect(wanted.projections.count == 3)
        #expect(wanted.reasons(wanted.opportunity).contains("R11: the state that Marketo last confirmed is kept"))
        let never = Wanted(Self.deleted(), settings)
        #expect(never.projections.map(\.desired.record) == [nil], "a record that Marketo never had is not sent")
    }

    @Test func r11CompaniesAreNeverDeleted() {
        for slice in [Self.deleted(), Self.refused()] {
            #expect(!Wanted(slice, held: Self.held).projections.contains { $0.key.kind == .company })
        }
    }

    @Test func r2WhatMarketosUserCreatedIsNothingWhateverElseIsKnown() {
        let wanted = Wanted(Self.refused(), held: Self.held)
        #expect(goesWholly(wanted, "R2"))
        #expect(wanted.reasons(wanted.opportunity).contains("\(Who.third)"))
        #expect(Wanted(Self.refused()).projections.map(\.desired.record) == [nil])
    }

    @Test func r2KeepDoesNotKeepIt() {
        var settings = RuleSettings()
        settings.onDelete = .keep
        var slice = Self.refused()
        slice.opportunity.markDeleted(atSecond: 1)
        #expect(goesWholly(Wanted(slice, settings, held: Self.held), "R2"))
    }

    @Test func r2AllowedProjectsTheFactsAtHand() {
        var slice = Self.refused()
        slice.opportunity.markAllowed(atSecond: 5)
        #expect(Wanted(slice, held: Self.held).projections == Wanted(Self.whole, held: Self.held).projections)
    }

    static let marketo = GUID(high: 7, low: 7)

    static let creations: [(String, String, GUID?, GUID?, Bool)] = [
        ("Create", "opportunity", marketo, nil, true),
        ("Create", "opportunity", Who.third, marketo, true),
        ("CreateMultiple", "opportunity", marketo, marketo, true),
        ("Create", "opportunity", Who.third, Who.third, false),
        ("Create", "opportunity", nil, nil, false),
        ("Create", "contact", marketo, marketo, false),
        ("Update", "opportunity", marketo, marketo, false),
        ("Delete", "opportunity", marketo, marketo, false),
    ]

    @Test(arguments: creations) func r2OnlyCreationsByMarketosUsers(
        _ message: String,
        _ entity: String,
        _ initiating: GUID?,
        _ user: GUID?,
        _ isRefused: Bool
    ) {
        var envelope = Envelope()
        (envelope.messageName, envelope.primaryEntityName) = (message, entity)
        (envelope.initiatingUserId, envelope.userId) = (initiating, user)
        #expect((envelope.refusedCreator(marketoUsers: [Self.marketo]) == Self.marketo) == isRefused)
        #expect(envelope.refusedCreator(marketoUsers: []) == nil)
    }

    static let matches: [(Value?, RuleSettings.Literal, Bool)] = [
        (nil, .yesNo(true), true), (.null, .yesNo(true), true),
        (.bool(true), .yesNo(true), true), (.bool(false), .yesNo(true), false), (.bool(false), .yesNo(false), true),
        (.choice(1), .yesNo(true), true), (.choice(0), .yesNo(true), false),
        (.choice(100_000_001), .number("100000001"), true), (.choice(1), .number("2"), false),
        (.bool(true), .number("1"), true),
        (.number("1.50"), .number("1.5"), true), (.money("2"), .number("1.5"), false),
        (.choices([1, 2]), .number("2"), true), (.choices([]), .number("2"), false),
        (.text("EMEA"), .text("EMEA"), true), (.text("emea"), .text("EMEA"), false),
        (.reference(entity: "team", id: Who.third), .text("{0000000000000-000A-0000-000000000003}"), false),
        (.reference(entity: "team", id: Who.third), .text("{00000000-0000-000A-0000-000000000003}"), true),
        (.text("true"), .yesNo(true), false),
    ]

    @Test(arguments: matches) func r14TheFilter(_ value: Value?, _ literal: RuleSettings.Literal, _ syncs: Bool) {
        var settings = RuleSettings()
        settings.syncWhen = RuleSettings.SyncWhen(column: "new_sync", equals: literal)
        settings.onNoLongerMatching = .withdraw
        var slice = Self.whole
        if let value { slice.opportunity.learn(at: 0, ["new_sync": value]) }
        let wanted = Wanted(slice, settings, held: Self.held)
        #expect((wanted.opportunity?.desired.record != nil) == syncs)
        if !syncs { #expect(goesWholly(wanted, "R14")) }
    }

    @Test func r14OneThatStopsMatchingIsKept() {
        var settings = RuleSettings()
        settings.syncWhen = RuleSettings.SyncWhen(column: "new_sync", equals: .yesNo(true))
        var slice = Self.whole
        slice.opportunity.learn(at: 0, ["new_sync": .bool(false)])
        let wanted = Wanted(slice, settings, held: Self.held)
        #expect(wanted.opportunity?.desired.record == Self.held.first { $0.key.kind == .opportunity }?.confirmed)
        #expect(wanted.roles.count == 2)
        #expect(Wanted(slice, settings).projections.map(\.desired.record) == [nil], "and is not sent if it never was")
        slice.opportunity.learn(at: 1, ["new_sync": .bool(true)])
        #expect(Wanted(slice, settings).projections == Wanted(Self.whole).projections)
    }
}
