import Testing

@testable import OnewayCore

/// Consequences of the customer beyond the decision table: R4, R5b, R8, R9, R11, and merged records.
@Suite struct CustomerRulesTests {
    static let byContact: [String: Value] = [
        "customerid": .contact(Who.contact), "parentcontactid": .contact(Who.contact), "parentaccountid": .null,
    ]
    static let byAccount: [String: Value] = [
        "customerid": .account(Who.account), "parentaccountid": .account(Who.account),
    ]

    static func contact(_ id: GUID = Who.contact, of account: GUID = Who.account) -> MirrorRecord {
        record(.contact, id, ["parentcustomerid": .account(account)])
    }

    @Test func r4SaysWhoAndWhere() {
        let wanted = Wanted(.of(Self.byContact, Self.contact()))
        let says = "R4: customer is contact \(Who.contact); its account is \(Who.account)"
        #expect(wanted.reasons(wanted.opportunity).contains(says))
        let role = wanted[.role, "\(Who.opportunity)/\(Who.contact)/Customer"]
        #expect(wanted.reasons(role).contains(says))
        #expect(
            wanted.text(role)
                == #"{"externalOpportunityId":"\#(Who.opportunity)","contact":"\#(Who.contact)","#
                + #""role":"Customer","isPrimary":true}"#
        )
    }

    @Test func r4AnAccountNotKnownYetClearsWhatAnotherCustomerLeft() {
        let before = CurrentRecord.confirming(Wanted(.of(Self.byAccount)).projections)
        let wanted = Wanted(.of(Self.byContact), held: before)
        #expect(wanted.field("externalCompanyId") == "null")
        let again = Wanted(.of(Self.byContact), held: CurrentRecord.confirming(wanted.projections))
        #expect(again.opportunity?.desired == wanted.opportunity?.desired, "it stays cleared, and is not sent again")
        let known = Wanted(
            .of(Self.byContact, Self.contact(of: Who.other)),
            held: CurrentRecord.confirming(wanted.projections)
        )
        #expect(known.field("externalCompanyId") == "\"\(Who.other)\"", "and follows when known")
    }

    @Test func r4AnAccountInFlightCountsAsAnothers() {
        let sent = Wanted(.of(Self.byAccount)).projections
        for (isUnderWay, expected) in [(true, "null"), (false, nil)] {
            let held = sent.map {
                CurrentRecord($0.key, desired: $0.desired.record, confirmed: nil, isUnderWay: isUnderWay)
            }
            #expect(Wanted(.of(Self.byContact), held: held).field("externalCompanyId") == expected)
        }
        var state = DeliveryState()
        state.want(DesiredState(Array("{}".utf8)), now: Timestamp(second: 0))
        #expect(!CurrentRecord(sent[0].key, state).isUnderWay)
        state.claim(now: Timestamp(second: 1), until: Timestamp(second: 2))
        #expect(CurrentRecord(sent[0].key, state).isUnderWay)
    }

    @Test func r4AnAccountNotKnownYetIsLeftOutWhereNoneWasConfirmed() {
        let wanted = Wanted(.of(Self.byContact))
        let again = Wanted(.of(Self.byContact), held: CurrentRecord.confirming(wanted.projections))
        #expect(again.field("externalCompanyId") == nil)
        #expect(again.reasons(again.opportunity).contains("its account is not known yet"))
    }

    @Test func r5bNamesTheContactThatGetsNoRole() {
        let told = Self.byAccount.merging(["parentcontactid": .contact(Who.contact)]) { $1 }
        let wanted = Wanted(.of(told))
        #expect(wanted.roles.isEmpty)
        #expect(
            wanted.reasons(wanted.opportunity).contains("R5b: customer is account \(Who.account): no role for contact")
        )
    }

    @Test func r5IsNothingElseThanTheAccount() {
        let wanted = Wanted(.of(Self.byAccount))
        #expect(wanted.projections.map(\.key.kind) == [.company, .opportunity])
        #expect(wanted.reasons(wanted.opportunity).contains("R5: customer is account \(Who.account)"))
        #expect(!wanted.reasons(wanted.opportunity).contains("R5b"))
    }

    @Test func aChainOfMergesIsFollowedToItsEnd() {
        let chain = (1...5).map { GUID(high: 0xf, low: UInt64($0)) }
        var slice = Slice.of(["customerid": .contact(chain[0])])
        for (loser, winner) in zip(chain, chain.dropFirst()) {
            slice.add(record(.contact, loser, ["masterid": .contact(winner)]))
        }
        #expect(Wanted(slice).roles == ["\(chain[4])/Customer*"])
    }

    @Test func r8TheRoleOfAnEarlierCustomerGoes() {
        let before = CurrentRecord.confirming(Wanted(.of(Self.byContact)).projections)
        var slice = Slice.of(Self.byContact)
        slice.opportunity.learn(
            at: 5,
            ["customerid": .contact(Who.colleague), "parentcontactid": .contact(Who.colleague)]
        )
        let wanted = Wanted(slice, held: before)
        #expect(wanted.roles == ["\(Who.colleague)/Customer*"])
        let gone = DeliveryKey(.role, "\(Who.opportunity)/\(Who.contact)/Customer")
        #expect(wanted.withdrawn == [gone])
        #expect(wanted.reasons(wanted[.role, gone.text]).contains("R8: "))
    }

    @Test func r8AStakeholderKeepsTheSameRoleAndIsNoLongerPrimary() {
        let settings = named("Customer")
        let slice = Slice.of(Self.byContact, stakeholder())
        let before = Wanted(slice, settings)
        #expect(before.roles == ["\(Who.contact)/Customer*"], "one role, and the customer's is primary")
        var moved = slice
        moved.opportunity.learn(at: 5, Self.byAccount)
        let after = Wanted(moved, settings, held: CurrentRecord.confirming(before.projections))
        #expect(after.roles == ["\(Who.contact)/Customer"])
        #expect(after.withdrawn.isEmpty)
    }

    @Test func r9TheOpportunityFollowsTheContactToAnotherAccount() {
        var contact = Self.contact()
        #expect(Wanted(.of(Self.byContact, contact)).field("externalCompanyId") == "\"\(Who.account)\"")
        contact.learn(at: 5, ["parentcustomerid": .account(Who.other)])
        #expect(Wanted(.of(Self.byContact, contact)).field("externalCompanyId") == "\"\(Who.other)\"")
        contact.learn(at: 6, ["parentcustomerid": .null])
        #expect(Wanted(.of(Self.byContact, contact)).field("externalCompanyId") == "null")
    }

    @Test func r11AReferenceToADeletedAccountIsEmpty() {
        var account = record(.account, Who.account, ["name": .text("Contoso")])
        account.markDeleted(atSecond: 100)
        for slice in [Slice.of(Self.byAccount, account), .of(Self.byContact, Self.contact(), account)] {
            let wanted = Wanted(slice)
            #expect(wanted.field("externalCompanyId") == "null")
            #expect(wanted[.company, "\(Who.account)"] == nil)
            #expect(wanted.reasons(wanted.opportunity).contains("\(Who.account) is deleted"))
        }
    }

    @Test func r11ADeletedContactHasNoRole() {
        var contact = Self.contact()
        contact.markDeleted(atSecond: 100)
        let wanted = Wanted(.of(Self.byContact, contact, stakeholder()))
        #expect(wanted.roles.isEmpty)
        #expect(wanted.reasons(wanted.opportunity).contains("R11: contact \(Who.contact) is deleted"))
        #expect(wanted.field("externalCompanyId") == "\"\(Who.account)\"", "the customer's account stays")
    }

    @Test func aMergedContactsPlaceIsTakenByTheWinner() {
        let loser = record(.contact, Who.contact, ["masterid": .contact(Who.colleague), "merged": .bool(true)])
        let wanted = Wanted(.of(Self.byContact, loser, Self.contact(Who.colleague, of: Who.other), stakeholder()))
        #expect(wanted.roles == ["\(Who.colleague)/Customer*", "\(Who.colleague)/Stakeholder"])
        #expect(wanted.field("externalCompanyId") == "\"\(Who.other)\"")
        #expect(wanted.reasons(wanted.opportunity).contains("\(Who.contact) was merged into it"))
    }

    @Test func aMergedAccountsPlaceIsTakenByTheWinnerOfTheWinner() {
        let first = record(.account, Who.account, ["masterid": .account(Who.other), "merged": .bool(true)])
        let second = record(.account, Who.other, ["masterid": .account(Who.third), "merged": .bool(true)])
        for slice in [Slice.of(Self.byAccount, first, second), .of(Self.byContact, Self.contact(), first, second)] {
            let wanted = Wanted(slice)
            #expect(wanted.field("externalCompanyId") == "\"\(Who.third)\"")
            #expect(wanted[.company, "\(Who.third)"] != nil)
            #expect(wanted.reasons(wanted.opportunity).contains("merged"))
        }
    }

    @Test func whatWasNotMergedIsNotFollowedAndACircleEnds() {
        let not = record(.account, Who.account, ["masterid": .account(Who.other), "merged": .bool(false)])
        #expect(Wanted(.of(Self.byAccount, not)).field("externalCompanyId") == "\"\(Who.account)\"")
        let one = record(.account, Who.account, ["masterid": .account(Who.other), "merged": .bool(true)])
        let back = record(.account, Who.other, ["masterid": .account(Who.account), "merged": .bool(true)])
        #expect(Wanted(.of(Self.byAccount, one, back)).field("externalCompanyId") != nil)
    }

    /// `customerid` wins over a form that contradicts it at the same time.
    @Test func r4TheCustomerOutweighsTheFormOfTheSameTime() {
        let told = Self.byAccount.merging(["parentaccountid": .account(Who.other)]) { $1 }
        #expect(Wanted(.of(told)).field("externalCompanyId") == "\"\(Who.account)\"")
    }

    @Test func r4TheFormOutweighsAnOlderCustomer() {
        var slice = Slice.of(Self.byContact)
        slice.opportunity.learn(at: 5, ["parentaccountid": .account(Who.other)])
        #expect(Wanted(slice).field("externalCompanyId") == "\"\(Who.other)\"")
        #expect(Wanted(slice).roles.isEmpty)
        slice.opportunity.learn(at: 6, ["parentaccountid": .null, "parentcontactid": .null])
        #expect(Wanted(slice).field("externalCompanyId") == "null")
    }

    private static func told(_ notices: Notice...) -> Slice {
        var slice = Slice.of()
        for notice in notices { slice.opportunity.merge(notice.fact) }
        return slice
    }

    /// An empty customer overrides earlier values of the form: they do not come back, nor appear in the reasons.
    @Test func r8NobodyAsCustomerEmptiesTheOlderForm() {
        let (contact, account) = (Value.contact(Who.contact), Value.account(Who.account))
        let form = Notice(1, ["parentcontactid": contact, "parentaccountid": account])
        let nobody = Notice(5, ["customerid": .null])
        #expect(Wanted(Self.told(form, nobody)).field("externalCompanyId") == "null")
        let again = Notice(6, ["parentcontactid": contact])
        #expect(Wanted(Self.told(form, nobody, again)).roles == ["\(Who.contact)/Customer*"])
        let other = Wanted(Self.told(form, nobody, Notice(6, ["parentaccountid": .account(Who.other)])))
        #expect(other.field("externalCompanyId") == "\"\(Who.other)\"")
        #expect(other.reasons(other.opportunity).contains("R5: ") && !other.reasons(other.opportunity).contains("R5b"))
    }

    /// A lookup that contradicted its customer is ignored, then and later.
    @Test func r4AContradictedLookupDoesNotComeBack() {
        let told = Notice(5, ["customerid": .contact(Who.contact), "parentaccountid": .account(Who.account)])
        let later = Notice(6, ["parentcontactid": .contact(Who.colleague)])
        let wanted = Wanted(Self.told(told, later))
        #expect(wanted.roles == ["\(Who.colleague)/Customer*"])
        #expect(wanted.field("externalCompanyId") == nil)
    }

    /// The customer is forgotten, but not the account that Oneway sent to Marketo because of that customer.
    @Test func r4AnUnknownCustomersAccountStaysAndStaysOneways() {
        let before = CurrentRecord.confirming(Wanted(.of(Self.byContact, Self.contact())).projections)
        let forgotten = Wanted(.of(), held: before)
        #expect(forgotten.field("externalCompanyId") == "\"\(Who.account)\"")
        #expect(forgotten.withdrawn.isEmpty)
        let next = Slice.of(["customerid": .contact(Who.colleague)])
        let wanted = Wanted(next, held: CurrentRecord.confirming(forgotten.projections))
        #expect(wanted.field("externalCompanyId") == "null")
    }

    @Test func r7TwoCustomersInOneSecondAreUnsure() {
        var slice = Slice.of(Self.byAccount)
        slice.opportunity.learn(at: 0, ["customerid": .account(Who.other)])
        let wanted = Wanted(slice)
        #expect(wanted.reasons(wanted.opportunity).contains("R7: two customers were reported in one second"))
    }

    @Test func r4TheCustomersRoleIsNamedByTheOperator() {
        var settings = RuleSettings()
        settings.customerRole = "Buyer"
        #expect(Wanted(.of(Self.byContact), settings).roles == ["\(Who.contact)/Buyer*"])
    }
}

/// A connection that makes the contact a stakeholder, with the champion's role.
func stakeholder(
    _ id: GUID = Who.connection,
    _ contact: GUID = Who.contact,
    role: Value = .reference(entity: "connectionrole", id: Who.championRole)
) -> MirrorRecord {
    record(
        .connection,
        id,
        ["record1id": .opportunity(Who.opportunity), "record2id": .contact(contact), "record2roleid": role]
    )
}

/// Settings in which the champion's role has this name.
func named(_ name: String) -> RuleSettings {
    var settings = RuleSettings()
    settings.roleNames = [Who.championRole: name]
    return settings
}
