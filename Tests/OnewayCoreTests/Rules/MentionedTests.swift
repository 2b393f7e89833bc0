import Testing

@testable import OnewayCore

/// R13: nothing that was accepted is nowhere. A notification that Dynamics cut, or that told no selected column, waits
/// visibly; what others tell is not held up by it.
@Suite struct MentionedTests {
    private static let cut = Wire(parameters: "[]")
    private static let unselected = Wire(attributes: [("new_unselected", "1")])
    private static let selection = Selection(RuleBook(RuleSettings()).columns)

    private static func facts(_ wire: Wire) throws -> MirrorRecord {
        let notification = try wire.decoded(selection)
        return try #require(notification.facts(receivedAt: Timestamp(second: Wire.second + 60)).first)
    }

    @Test(arguments: [(cut, "over 256 KB"), (unselected, "told none of the selected columns")])
    func oneOfWhichNothingIsKnownWaitsForItsName(_ wire: Wire, says: String) throws {
        let wanted = Wanted(Slice(try Self.facts(wire)))
        #expect(wanted.opportunity?.wish.heldFor == .name)
        #expect(wanted.opportunity?.wish.record != nil, "it is wanted")
        #expect(wanted.reasons(wanted.opportunity).contains("R13: "))
        #expect(wanted.reasons(wanted.opportunity).contains(says))
    }

    /// Whatever the order: what was told goes out, and a cut after it is said.
    @Test func aCutOneDoesNotHoldUpWhatIsKnown() throws {
        let told = try Self.facts(Wire(attributes: [("name", "\"Pumps\"")]))
        for parts in [[told, try Self.facts(Self.cut)], [try Self.facts(Self.cut), told]] {
            var record = parts[0]
            record.merge(parts[1])
            let wanted = Wanted(Slice(record))
            #expect(wanted.opportunity?.wish.heldFor == nil && wanted.field("name") == "\"Pumps\"")
            #expect(wanted.reasons(wanted.opportunity).contains("what it changed is not known"))
            #expect(record.isBehindCut)
        }
    }

    @Test func whatIsToldLaterMakesUpForTheCut() throws {
        var record = try Self.facts(Self.cut)
        record.merge(try Self.facts(Wire(attributes: [("name", "\"Pumps\"")], modifiedOn: Wire.second + 600)))
        #expect(!record.isBehindCut)
        #expect(!Wanted(Slice(record)).reasons(Wanted(Slice(record)).opportunity).contains("cut"))
    }

    @Test func oneThatOnlyAConnectionNamedIsStillNotWaitedFor() {
        let wanted = Wanted(Slice(MirrorRecord(RecordKey(.opportunity, Who.opportunity))))
        #expect(wanted.opportunity?.wish.record == nil)
        #expect(wanted.reasons(wanted.opportunity).contains("nothing was told of this opportunity"))
    }

    @Test func aCutOneThatIsDeletedIsNotWaitedFor() throws {
        var record = try Self.facts(Self.cut)
        record.tellDeleted(atSecond: Wire.second + 10)
        #expect(Wanted(Slice(record)).opportunity?.wish.record == nil)
        #expect(!record.isBehindCut)
    }

    @Test(arguments: [cut, unselected]) func itIsStoredAndMergesInAnyOrder(_ wire: Wire) throws {
        let (one, other) = (try Self.facts(wire), try Self.facts(Wire(attributes: [("name", "\"Pumps\"")])))
        #expect(try MirrorRecord(decoding: one.encoded()) == one)
        var (left, right) = (one, other)
        left.merge(other)
        right.merge(one)
        right.merge(one)
        #expect(left == right && left.encoded() == right.encoded())
        #expect(try MirrorRecord(decoding: left.encoded()) == left)
    }

    /// When the person joined the opportunity: the connection's creation, else the opportunity's.
    @Test func r6ARoleSaysSinceWhen() {
        let (early, late) = (Timestamp(second: 1_772_000_000), Timestamp(second: 1_772_100_000))
        let values = CustomerRulesTests.byContact.merging(["createdon": .time(early)]) { $1 }
        var connection = stakeholder()
        func since(_ slice: Slice, _ role: String) -> String? {
            let wanted = Wanted(slice, named("Champion"))
            return wanted[.role, "\(Who.opportunity)/\(Who.contact)/\(role)"]?.wish.record
                .flatMap { try? JSONDocument($0).root["externalCreatedDate"]?.string }
        }
        #expect(since(.of(CustomerRulesTests.byContact, connection), "Champion") == nil, "left out while not known")
        #expect(since(.of(values, connection), "Customer") == "\(early)")
        #expect(since(.of(values, connection), "Champion") == "\(early)")
        connection.tell(at: 0, ["createdon": .time(late)])
        #expect(since(.of(values, connection), "Champion") == "\(late)")
        var second = stakeholder(Who.second)
        second.tell(at: 0, ["createdon": .time(Timestamp(second: late.second - 60))])
        #expect(since(.of(values, connection, second), "Champion") == "\(Timestamp(second: late.second - 60))")
    }

    @Test func r5AnAccountAloneBelongsToNobody() {
        let says = "R5: it has no role, so it belongs to nobody in Marketo's Explicit attribution"
        let alone = Wanted(.of(CustomerRulesTests.byAccount))
        #expect(alone.reasons(alone.opportunity).contains(says))
        let with = Wanted(.of(CustomerRulesTests.byAccount, stakeholder()))
        #expect(!with.reasons(with.opportunity).contains(says))
    }
}
