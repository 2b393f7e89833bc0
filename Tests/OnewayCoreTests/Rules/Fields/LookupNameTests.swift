import Testing

@testable import OnewayCore

/// R3: a lookup sent by the name of its target, from body to field. Images contain names, Targets do not.
@Suite struct LookupNameTests {
    static let settings: RuleSettings = {
        var settings = RuleSettings()
        settings.fields = [SelectedField("ownerid", "owner", as: .lookup(by: .name))]
        return settings
    }()
    static let (ada, ben) = ("d41e6a90-3fb1-ef11-b8e8-000d3a2b4c01", "d41e6a90-3fb1-ef11-b8e8-000d3a2b4c02")

    static func owner(_ id: String, _ name: String, table: String = "systemuser") -> (key: String, value: String) {
        ("ownerid", #"{"Id":"\#(id)","KeyAttributes":[],"LogicalName":"\#(table)","Name":\#(name),"RowVersion":null}"#)
    }

    static func image(_ owner: (key: String, value: String)) -> String {
        Wire.pairs([("image", Wire.entity("opportunity", Wire.opportunity, [owner]))])
    }

    /// The value sent after all of these are merged, in this order.
    private func sent(_ wires: Wire...) throws -> String? {
        let book = RuleBook(Self.settings)
        var record = MirrorRecord(RecordKey(.opportunity, .opportunity))
        for wire in wires {
            for fact in try wire.decoded(Selection(book.columns)).facts(receivedAt: Timestamp(second: 0)) {
                record.merge(fact)
            }
        }
        return Wanted(Slice(record), Self.settings).field("owner")
    }

    /// Swift joins such a name to the space before it.
    @Test func aNameMayBeginWithACombiningMark() throws {
        let id = try #require(GUID(Self.ada))
        #expect(LookupName(LookupName(id: id, name: "\u{301}Ada").value)?.id == id)
    }

    @Test func r3APostImageNamesWhatTheTargetPointsTo() throws {
        var wire = Wire(attributes: [Self.owner(Self.ada, "null")])
        #expect(try sent(wire) == nil, "unknown stays unknown")
        wire.post = Self.image(Self.owner(Self.ada, "\"Ada Lovelace\""))
        #expect(try sent(wire) == "\"Ada Lovelace\"")
    }

    @Test func r3APreImageNamesTheEarlierRecord() throws {
        var wire = Wire(attributes: [Self.owner(Self.ben, "null")])
        wire.pre = Self.image(Self.owner(Self.ada, "\"Ada\""))
        #expect(try sent(wire) == nil)
        var back = Wire(attributes: [Self.owner(Self.ada, "null")])
        back.modifiedOn = Wire.second + 60
        #expect(try sent(wire, back) == "\"Ada\"", "the same again, as last received")
    }

    @Test func r3AnInvalidNameIsNotAName() throws {
        for name in ["null", "\"\"", "7", "{}"] {
            var wire = Wire(attributes: [Self.owner(Self.ada, "null")])
            wire.post = Self.image(Self.owner(Self.ada, name))
            #expect(try sent(wire) == nil, "\(name)")
        }
    }

    @Test func r3AccountsAndContactsAreNamedByTheMirrorAlone() throws {
        let book = RuleBook(Self.settings)
        let wire = Wire(attributes: [Self.owner(Wire.accountA, "\"Contoso\"", table: "account")])
        let facts = try wire.decoded(Selection(book.columns)).facts(receivedAt: Timestamp(second: 0))
        #expect(facts.first?["ownerid.name"] == nil)
    }

    @Test func r3ANameIsKeptOnlyWhereItIsSelected() throws {
        var settings = Self.settings
        settings.fields = [SelectedField("ownerid", "owner")]
        let wire = Wire(attributes: [Self.owner(Self.ada, "\"Ada\"")])
        let facts = try wire.decoded(Selection(RuleBook(settings).columns)).facts(receivedAt: Timestamp(second: 0))
        #expect(facts.first?["ownerid"] != nil)
        #expect(facts.first?["ownerid.name"] == nil)
    }

    /// R7: two owners in the same second, with their names, in either order: the winning owner keeps its own name.
    @Test func r7OfTwoInOneSecondTheNameGoesWithTheOwner() throws {
        let (ada, ben) = (
            Wire(attributes: [Self.owner(Self.ada, "\"Zoe\"")]), Wire(attributes: [Self.owner(Self.ben, "\"Abel\"")])
        )
        #expect(try sent(ada, ben) == "\"Abel\"")
        #expect(try sent(ben, ada) == "\"Abel\"")
    }
}
