import Testing

@testable import OnewayCore

/// marketo.salesPersons: the user who owns an opportunity is its sales person.
@Suite struct SalesPersonTests {
    private static let sending: RuleSettings = {
        var settings = RuleSettings()
        settings.sendsSalesPersons = true
        return settings
    }()

    private static let (zoe, amir) = (GUID(high: 0xf, low: 1), GUID(high: 0xf, low: 2))

    private static func owned(by value: Value?) -> Slice { .of(value.map { ["ownerid": $0] } ?? [:]) }
    private static func user(_ id: GUID) -> Value { .reference(entity: "systemuser", id: id) }
    private static let team = Value.reference(entity: "team", id: GUID(high: 0xf, low: 9))

    private static func held(_ owner: Value?) -> [CurrentRecord] {
        CurrentRecord.confirming(Wanted(owned(by: owner), sending).projections)
    }

    struct Row: Sendable {
        let owner: Value?
        /// Who owned it when Marketo last confirmed it; nil: nobody was sent.
        var before: Value?
        /// Nil: left out.
        let sent: String?
        let says: String
    }

    static let table = [
        Row(owner: user(zoe), sent: "\"\(zoe)\"", says: "R3: the owner is user \(zoe): its sales person"),
        Row(owner: user(amir), before: user(zoe), sent: "\"\(amir)\"", says: "R3: the owner is user \(amir)"),
        Row(owner: team, sent: nil, says: "R3: the owner is team"),
        Row(owner: team, before: user(zoe), sent: "null", says: "R12: the owner is team"),
        Row(owner: .null, sent: nil, says: "R3: the owner was reported empty"),
        Row(owner: .null, before: user(zoe), sent: "null", says: "R12: the owner was reported empty"),
        Row(owner: nil, sent: nil, says: "R3: the owner is not known"),
        Row(owner: nil, before: user(zoe), sent: "\"\(zoe)\"", says: "R3: the owner is not known"),
    ]

    @Test(arguments: table) func theOwnerDecides(_ row: Row) {
        let wanted = Wanted(Self.owned(by: row.owner), Self.sending, held: row.before.map { Self.held($0) } ?? [])
        #expect(wanted.field("externalSalesPersonId") == row.sent)
        #expect(wanted.reasons(wanted.opportunity).contains(row.says), "\(wanted.reasons(wanted.opportunity))")
        #expect(wanted.opportunity?.unknown.contains("externalSalesPersonId") == (row.owner == nil))
    }

    /// Once cleared, it stays so without being sent again, until a user owns it.
    @Test func r12AClearedSalesPersonStaysCleared() {
        let first = Wanted(Self.owned(by: Self.team), Self.sending, held: Self.held(Self.user(Self.zoe)))
        let again = Wanted(Self.owned(by: Self.team), Self.sending, held: CurrentRecord.confirming(first.projections))
        #expect(again.opportunity?.desired == first.opportunity?.desired)
        let later = Wanted(
            Self.owned(by: Self.user(Self.amir)),
            Self.sending,
            held: CurrentRecord.confirming(again.projections)
        )
        #expect(later.field("externalSalesPersonId") == "\"\(Self.amir)\"")
    }

    @Test func offSendsNothingOfIt() {
        let wanted = Wanted(Self.owned(by: Self.user(Self.zoe)), held: Self.held(Self.user(Self.zoe)))
        #expect(wanted.field("externalSalesPersonId") == nil)
        #expect(!wanted.projections.contains { $0.key.kind == .salesPerson })
        let book = RuleBook(RuleSettings())
        #expect(book.columns[.opportunity]?.contains("ownerid") == false && book.columns[.systemUser] == [])
        #expect(book.questions(Self.owned(by: Self.user(Self.zoe))).keys.allSatisfy { $0.entity != .systemUser })
    }

    @Test func r13TheSalesPersonIsARecordOfItsOwn() {
        var slice = Self.owned(by: Self.user(Self.zoe))
        let key = DeliveryKey(.salesPerson, "\(Self.zoe)")
        let unread = Wanted(slice, Self.sending)[.salesPerson, key.text]
        #expect(Wanted(slice, Self.sending).text(unread) == #"{"externalSalesPersonId":"\#(Self.zoe)"}"#)
        #expect(unread?.unknown == ["firstName", "lastName", "email"])
        slice.add(
            record(
                .systemUser,
                Self.zoe,
                ["firstname": .text("Zoë"), "lastname": .null, "internalemailaddress": .text("zoe@example.com")]
            )
        )
        let wanted = Wanted(slice, Self.sending)
        let expected =
            #"{"externalSalesPersonId":"\#(Self.zoe)","firstName":"Zoë","lastName":null,"email":"zoe@example.com"}"#
        #expect(wanted.text(wanted[.salesPerson, key.text]) == expected)
        #expect(wanted[.salesPerson, key.text]?.opportunity == nil)
    }

    /// A user who was deleted stays as last known, and so does the sales person.
    @Test func aDeletedUserStays() {
        var user = record(.systemUser, Self.zoe, ["firstname": .text("Zoë")])
        let book = RuleBook(Self.sending)
        let before = book.salesPerson(Self.zoe, user)
        user.markDeleted(atSecond: 600)
        #expect(book.salesPerson(Self.zoe, user) == before)
    }

    /// R11: what belongs to an opportunity goes with it, and its sales person does not.
    @Test func r11ASalesPersonOutlivesItsOpportunities() {
        var slice = Self.owned(by: Self.user(Self.zoe))
        slice.opportunity.markDeleted(atSecond: 600)
        let wanted = Wanted(slice, Self.sending, held: Self.held(Self.user(Self.zoe)))
        #expect(wanted.withdrawn == [DeliveryKey(.opportunity, "\(Who.opportunity)")])
    }

    @Test func whatIsRead() {
        let book = RuleBook(Self.sending)
        #expect(book.columns[.systemUser] == ["firstname", "lastname", "internalemailaddress"])
        let update = book.registration.first { $0.entity == .opportunity && $0.message == "Update" }
        #expect(update?.filter.contains("ownerid") == true && update?.image?.columns.contains("ownerid") == true)
        #expect(!book.registration.contains { $0.entity == .systemUser }, "users are only read")
        let (user, key) = (Self.user(Self.zoe), RecordKey(.systemUser, Self.zoe))
        var slice = Self.owned(by: user)
        #expect(book.questions(slice)[key] == .unknown)
        slice.add(record(.systemUser, Self.zoe, ["firstname": .text("Zoë")]))
        #expect(book.questions(slice)[key] == .incomplete)
        slice.opportunity.learn(at: 9, ["customerid": .null, "createdon": .time(Timestamp(second: 0))])
        #expect(book.question(of: slice.opportunity) == nil)
        var unowned = slice.opportunity
        unowned.keepOnly(["name", "customerid", "createdon"])
        #expect(book.question(of: unowned) == .incomplete, "the option was switched on later")
    }

    @Test func aChangedUserReachesTheSalesPersonAlone() {
        let book = RuleBook(Self.sending)
        let before = record(.systemUser, Self.zoe, ["lastname": .text("Lindqvist")])
        var after = before
        after.markRevived(atSecond: 900)
        #expect(book.reach(before: before, after: after) == .nobody)
        after.learn(at: 20, ["lastname": .text("Berg")])
        #expect(book.reach(before: before, after: after) == .salesPerson(Self.zoe))
        #expect(book.reach(through: after) == .nobody)
    }

    /// `fields` cannot send another one beside it.
    @Test func aMappedFieldGivesWay() {
        var settings = Self.sending
        settings.fields = [SelectedField("new_seller", "externalSalesPersonId")]
        let slice = Slice.of(["ownerid": Self.user(Self.zoe), "new_seller": .text("someone")])
        #expect(Wanted(slice, settings).field("externalSalesPersonId") == "\"\(Self.zoe)\"")
        settings.sendsSalesPersons = false
        #expect(Wanted(slice, settings).field("externalSalesPersonId") == "\"someone\"")
    }

    /// Of a look-up that is sent by name, users are still named by the last report.
    @Test func anOwnersNameIsStillKnownFromItsReports() {
        var settings = Self.sending
        settings.fields = [SelectedField("ownerid", "ownerName__c", as: .lookup(by: .name))]
        let name = LookupName(id: Self.zoe, name: "Zoë Lindqvist")
        let slice = Slice.of(["ownerid": Self.user(Self.zoe), "ownerid.name": name.value])
        let wanted = Wanted(slice, settings)
        #expect(wanted.field("ownerName__c") == "\"Zoë Lindqvist\"")
        #expect(wanted.field("externalSalesPersonId") == "\"\(Self.zoe)\"")
        #expect(!LookupName.isKnown(of: "ownerid", in: MirrorRecord(slice.opportunity.key), for: Self.user(Self.amir)))
    }
}
