import Testing

@testable import OnewayCore

/// R6, R10: connections between an opportunity and its contacts.
@Suite struct StakeholderTests {
    @Test func r6AStakeholderHasARole() {
        let wanted = Wanted(.of([:], stakeholder()), named("Champion"))
        #expect(wanted.roles == ["\(Who.contact)/Champion"])
        let role = wanted[.role, "\(Who.opportunity)/\(Who.contact)/Champion"]
        #expect(wanted.text(role)?.hasSuffix(#""role":"Champion","isPrimary":false}"#) ?? false)
        #expect(wanted.reasons(role).contains("R6: connection \(Who.connection) makes contact \(Who.contact)"))
    }

    @Test func r6OneRolePerStakeholder() {
        let wanted = Wanted(.of([:], stakeholder(), stakeholder(Who.second, Who.colleague)))
        #expect(wanted.roles == ["\(Who.contact)/Stakeholder", "\(Who.colleague)/Stakeholder"])
    }

    @Test func r6ACustomerAndStakeholderHasBothRoles() {
        let wanted = Wanted(.of(CustomerRulesTests.byContact, stakeholder()), named("Champion"))
        #expect(wanted.roles == ["\(Who.contact)/Champion", "\(Who.contact)/Customer*"])
    }

    @Test(arguments: ["deleted", "inactive"]) func r10WhatEndsWithdraws(_ how: String) {
        let before = CurrentRecord.confirming(Wanted(.of([:], stakeholder())).projections)
        var connection = stakeholder()
        if how == "deleted" {
            connection.markDeleted(atSecond: 60)
        } else {
            connection.learn(at: 1, ["statecode": .choice(1)])
        }
        let wanted = Wanted(.of([:], connection), held: before)
        let gone = DeliveryKey(.role, "\(Who.opportunity)/\(Who.contact)/Stakeholder")
        #expect(wanted.withdrawn == [gone])
        #expect(wanted.reasons(wanted[.role, gone.text]).contains("R10: "))
        connection.learn(at: 2, ["statecode": .choice(0)])
        #expect(Wanted(.of([:], connection)).roles.isEmpty == (how == "deleted"), "active again is a stakeholder again")
    }

    @Test func r10AChangedRoleReplacesTheOld() {
        var settings = named("Champion")
        let other = GUID(high: 0xe, low: 2)
        settings.roleNames[other] = "Decision Maker"
        let before = CurrentRecord.confirming(Wanted(.of([:], stakeholder()), settings).projections)
        var connection = stakeholder()
        connection.learn(at: 1, ["record2roleid": .reference(entity: "connectionrole", id: other)])
        let wanted = Wanted(.of([:], connection), settings, held: before)
        #expect(wanted.roles == ["\(Who.contact)/Decision Maker"])
        #expect(wanted.withdrawn == [DeliveryKey(.role, "\(Who.opportunity)/\(Who.contact)/Champion")])
    }

    @Test func r10AConnectionThatMovesAwayLeavesNoRole() {
        var connection = stakeholder()
        connection.learn(at: 1, ["record2id": .contact(Who.colleague)])
        #expect(Wanted(.of([:], connection)).roles == ["\(Who.colleague)/Stakeholder"])
        connection.learn(at: 2, ["record1id": .opportunity(GUID(high: 0, low: 99))])
        #expect(Wanted(.of([:], connection)).roles.isEmpty)
    }

    @Test func r10TheMirrorRowMakesNoRole() {
        let row = record(
            .connection,
            Who.second,
            ["record1id": .contact(Who.colleague), "record2id": .opportunity(Who.opportunity)]
        )
        #expect(Wanted(.of([:], stakeholder(), row)).roles == ["\(Who.contact)/Stakeholder"])
        #expect(ConnectionKind(row) == .mirrorRow)
        #expect(ConnectionKind(row).ignored?.says.contains("mirror row") ?? false)
    }

    @Test(arguments: ["account", "systemuser", "lead"]) func r10OthersGetNoRoleAndAReason(_ entity: String) {
        var connection = stakeholder()
        connection.learn(at: 1, ["record2id": .reference(entity: entity, id: Who.other)])
        #expect(Wanted(.of([:], connection)).roles.isEmpty)
        #expect(ConnectionKind(connection).ignored?.says.contains(entity) ?? false)
    }

    @Test func r10UnknownOrUnrelatedConnectionsAreExplained() {
        let half = record(.connection, Who.second, ["record1id": .opportunity(Who.opportunity)])
        #expect(ConnectionKind(half) == .notKnownYet)
        let elsewhere = record(
            .connection,
            Who.second,
            ["record1id": .account(Who.account), "record2id": .contact(Who.contact)]
        )
        #expect(ConnectionKind(elsewhere) == .elsewhere)
        #expect(ConnectionKind(half).ignored != nil && ConnectionKind(elsewhere).ignored != nil)
        #expect(ConnectionKind(stakeholder()).ignored == nil)
    }

    @Test func r10TwoConnectionsWithOneRoleMakeOneUntilBothAreGone() {
        var (first, second) = (stakeholder(), stakeholder(Who.second))
        let before = Wanted(.of([:], first, second))
        #expect(before.roles == ["\(Who.contact)/Stakeholder"])
        let reasons = before.reasons(before[.role, "\(Who.opportunity)/\(Who.contact)/Stakeholder"])
        #expect(reasons.contains("\(Who.connection)") && reasons.contains("\(Who.second)"))
        first.markDeleted(atSecond: 1)
        let one = Wanted(.of([:], first, second), held: CurrentRecord.confirming(before.projections))
        #expect(one.roles == ["\(Who.contact)/Stakeholder"] && one.withdrawn.isEmpty)
        second.markDeleted(atSecond: 1)
        let none = Wanted(.of([:], first, second), held: CurrentRecord.confirming(one.projections))
        #expect(none.roles.isEmpty && none.withdrawn.count == 1)
    }

    @Test func r10TheNamesOrder() {
        #expect(Wanted(.of([:], stakeholder()), named("Champion")).roles == ["\(Who.contact)/Champion"])
        var settings = RuleSettings()
        settings.stakeholderRole = "Involved"
        for role in [Value.null, .reference(entity: "connectionrole", id: Who.championRole)] {
            #expect(Wanted(.of([:], stakeholder(role: role)), settings).roles == ["\(Who.contact)/Involved"])
        }
        var unknown = MirrorRecord(RecordKey(.connection, Who.connection))
        unknown.learn(at: 0, ["record1id": .opportunity(Who.opportunity), "record2id": .contact(Who.contact)])
        #expect(Wanted(.of([:], unknown), settings).roles == ["\(Who.contact)/Involved"])
    }

    @Test func r10ALongNameIsCutToFiftyAndSaidSo() {
        let name = String(repeating: "x", count: 49) + "👍🏽 and more"
        let wanted = Wanted(.of([:], stakeholder()), named(name))
        let cut = String(repeating: "x", count: 49)
        #expect(wanted.roles == ["\(Who.contact)/\(cut)"], "not through the middle of a character")
        let role = wanted[.role, "\(Who.opportunity)/\(Who.contact)/\(cut)"]
        #expect(wanted.reasons(role).contains("R10: the role's name is cut to Marketo's limit of 50 characters"))
        let exact = String(repeating: "é", count: 50)
        #expect(Wanted(.of([:], stakeholder()), named(exact)).roles == ["\(Who.contact)/\(exact)"])
    }

    @Test func r13WhatOnlyAConnectionNamedWaitsAsLongAsItDoes() {
        var slice = Slice(MirrorRecord(RecordKey(.opportunity, Who.opportunity)))
        slice.add(stakeholder())
        #expect(Wanted(slice).opportunity?.desired.heldFor == .name)
        #expect(Wanted(slice).roles.count == 1)
        slice.connections = []
        let wanted = Wanted(slice)
        #expect(wanted.opportunity?.desired.record == nil)
        #expect(wanted.reasons(wanted.opportunity).contains("R13: no notification was about this opportunity"))
    }

    @Test func r13ARoleWaitsForTheValueThatFindsItsLead() {
        var settings = RuleSettings()
        settings.leadColumn = "emailaddress1"
        let key = "\(Who.opportunity)/\(Who.contact)/Stakeholder"
        for told in [nil, Value.null, .text("")] {
            let contact = record(.contact, Who.contact, told.map { ["emailaddress1": $0] } ?? [:])
            let wanted = Wanted(.of([:], stakeholder(), contact), settings)
            #expect(wanted[.role, key]?.desired.heldFor == .contactEmail)
            #expect(wanted[.role, key]?.desired.record != nil, "it waits, and is not abandoned")
        }
        let contact = record(.contact, Who.contact, ["emailaddress1": .text("ada@example.com")])
        let wanted = Wanted(.of([:], stakeholder(), contact), settings)
        #expect(wanted[.role, key]?.desired.heldFor == nil)
        #expect(wanted.text(wanted[.role, key])?.contains(#""lead":"ada@example.com","role""#) ?? false)
    }
}
