import TestSupport
import Testing

@testable import OnewayCore

/// R13: every accepted notification is visible somewhere. An opportunity for which only a truncated notification, or
/// one without a selected column, was received waits visibly; values from others are not held up by it.
@Suite struct MentionedTests {
    private static let selection = Selection(RuleBook(RuleSettings()).columns)
    private static let key = RecordKey(.opportunity, Who.opportunity)

    private static func facts(_ wire: Wire, _ selection: Selection = selection) -> MirrorRecord {
        var wire = wire
        wire.id = "\(Who.opportunity)"
        let notification = try? wire.decoded(selection)
        return notification?.facts(receivedAt: Timestamp(second: Wire.second + 60)).first ?? MirrorRecord(key)
    }

    private static func fact(_ learn: (inout MirrorRecord) -> Void) -> MirrorRecord {
        var record = MirrorRecord(key)
        learn(&record)
        return record
    }

    /// Its time is OperationCreatedOn, five seconds later than the others.
    private static let cut = facts(Wire(parameters: "[]"))
    private static let unselected = facts(Wire(attributes: [("new_unselected", "1")]))
    private static let told = facts(Wire(attributes: [("name", "\"Pumps\"")]))
    private static let toldLater = facts(Wire(attributes: [("name", "\"Pumps\"")], modifiedOn: Wire.second + 600))
    private static let stageLater = facts(Wire(attributes: [("stepname", "\"2\"")], modifiedOn: Wire.second + 600))
    private static let unsynced = facts(Wire(attributes: [("new_sync", "false")]), Selection(RuleBook(filter).columns))
    private static let deleted = facts(Wire(message: "Delete", parameters: "[]"))
    private static let refused = fact { $0.markRefused(Refusal(second: Wire.second, user: Who.third)) }
    private static let allowed = fact { $0.markAllowed(atSecond: Wire.second + 900) }

    private static let filter: RuleSettings = {
        var settings = RuleSettings()
        settings.syncWhen = RuleSettings.SyncWhen(column: "new_sync", equals: .yesNo(true))
        return settings
    }()

    private static let onlyCut =
        "R13: only a cut notification arrived: Dynamics left out its columns because it was over 256 KB;"
        + " change one of its filtering attributes in Dynamics"
    private static let onlyUnselected =
        "R13: its notifications contained none of the selected columns;"
        + " change one of its filtering attributes in Dynamics"
    private static let nameIsOlder =
        "R13: Dynamics cut the notification of 2026-03-02T09:00:05Z because it was over 256 KB:"
        + " name may be older than in Dynamics; change one of its filtering attributes in Dynamics"

    enum Becomes { case waits, goes, nothing }

    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let facts: [MirrorRecord]
        var settings = RuleSettings()
        let becomes: Becomes
        /// The expected reason for truncated and empty notifications; nil: none.
        let says: String?

        init(
            _ name: String,
            _ facts: [MirrorRecord],
            _ becomes: Becomes,
            _ says: String?,
            _ settings: RuleSettings = RuleSettings()
        ) {
            (testDescription, self.facts, self.settings) = (name, facts, settings)
            (self.becomes, self.says) = (becomes, says)
        }
    }

    static let rows = [
        Row("cut", [cut], .waits, onlyCut), Row("no selected column", [unselected], .waits, onlyUnselected),
        Row("both", [cut, unselected], .waits, onlyCut), Row("cut, told", [cut, told], .goes, nameIsOlder),
        Row("cut, told later", [cut, toldLater], .goes, nil),
        Row("cut, told in part later", [cut, told, stageLater], .goes, nameIsOlder),
        Row("cut, told before and later", [cut, told, toldLater], .goes, nil),
        Row("no selected column, told", [unselected, told], .goes, nil),
        Row("cut, deleted", [cut, deleted], .nothing, nil),
        Row("cut, told, deleted", [cut, told, deleted], .nothing, nil),
        Row("no selected column, deleted", [unselected, deleted], .nothing, nil),
        Row("cut, refused", [cut, refused], .nothing, nil),
        Row("cut, refused, allowed", [cut, refused, allowed], .waits, onlyCut),
        Row("refused, allowed", [refused, allowed, unselected], .waits, onlyUnselected),
        Row("cut, with a filter", [cut], .waits, onlyCut, filter),
        Row("no selected column, with a filter", [unselected], .waits, onlyUnselected, filter),
        Row(
            "cut, filtered",
            [cut, unsynced],
            .nothing,
            nameIsOlder.replacing("name may", with: "new_sync may"),
            filter
        ),
    ]

    @Test(arguments: rows) func itBecomesTheSameInEveryOrder(_ row: Row) throws {
        for order in permutations(row.facts) {
            var record = MirrorRecord(Self.key)
            // Each twice, encoded and decoded in between.
            for fact in order + order {
                record.merge(fact)
                #expect(try MirrorRecord(decoding: record.encoded()) == record)
            }
            let wanted = Wanted(Slice(record), row.settings)
            let (desired, reasons) = (try #require(wanted.opportunity?.desired), wanted.reasons(wanted.opportunity))
            switch row.becomes {
            case .waits: #expect(desired.record != nil && desired.heldFor == .name)
            case .goes: #expect(desired.heldFor == nil && wanted.field("name") == "\"Pumps\"")
            case .nothing: #expect(desired.record == nil && desired.heldFor == nil)
            }
            #expect(reasons.contains("it waits") == (row.becomes == .waits))
            if let says = row.says {
                #expect(reasons.contains(says), "\(reasons)")
            } else {
                #expect(!["cut", "256", "none of the selected"].contains { reasons.contains($0) }, "\(reasons)")
            }
        }
    }

    /// An opportunity named only by a connection gets no reason about notifications that never arrived.
    @Test func oneThatOnlyAConnectionNamedIsAsBefore() {
        let alone = Wanted(Slice(MirrorRecord(Self.key)))
        #expect(alone.opportunity?.desired.record == nil)
        #expect(alone.reasons(alone.opportunity).contains("no notification was about this opportunity"))
        var slice = Slice(MirrorRecord(Self.key))
        slice.add(stakeholder())
        let named = Wanted(slice)
        #expect(named.opportunity?.desired.heldFor == .name)
        #expect(!named.reasons(named.opportunity).contains("none of the selected columns"))
    }

    /// A record that Marketo has is neither held up nor sent again: a truncated notification only adds a reason.
    @Test func aCutUpdateOfAKnownOpportunityChangesReasonsAlone() {
        var record = Self.told
        let before = Wanted(Slice(record))
        record.merge(Self.cut)
        let after = Wanted(Slice(record), held: CurrentRecord.confirming(before.projections))
        #expect(after.opportunity?.desired.record == before.opportunity?.desired.record)
        #expect(after.opportunity?.desired.heldFor == nil)
        #expect(after.reasons(after.opportunity).contains(Self.nameIsOlder))
    }

    @Test func manyColumnsAreCountedAndTheDayOfCreationIsNeverOld() {
        var record = Self.cut
        record.learn(at: 0, ["createdon": .time(Timestamp(second: 0)), "ownerid.name": .text("x")])
        #expect(RuleBook(RuleSettings()).untold(record).isEmpty)
        for number in 1...6 { record.learn(at: 0, ["new_\(number)": .null]) }
        #expect(RuleBook(RuleSettings()).untold(record).first?.says.contains(": 6 values may be older") == true)
    }

    // MARK: Changes without notifications

    /// An opportunity that was once reported is not forgotten with its last column.
    @Test func oneWhoseColumnsAreNotSelectedAnyMoreWaits() {
        var record = Self.told
        record.keepOnly([])
        let wanted = Wanted(Slice(record))
        #expect(wanted.opportunity?.desired.heldFor == .name)
        #expect(wanted.reasons(wanted.opportunity).contains(Self.onlyUnselected))
        #expect(record == Self.unselected, "as if it had never been selected")
    }

    /// As an earlier version kept a record about which nothing was received.
    @Test func anEmptyRecordIsWaitedForOnceItIsLookedAt() {
        var record = MirrorRecord(Self.key)
        record.keepOnly(["name"])
        #expect(record == Self.unselected)
    }

    @Test func oneThatNamedNothingButAnErasedPersonWaits() {
        var record = Self.fact { $0.learn(at: 0, ["parentcontactid": .contact(Who.contact)]) }
        let hasForgotten = record.forgetReferences(to: RecordKey(.contact, Who.contact))
        #expect(hasForgotten)
        #expect(Wanted(Slice(record)).opportunity?.desired.heldFor == .name)
    }

    /// In either order: selected then, not selected now, deleted or refused in between.
    @Test func whatWasSelectedWhenNeverShows() {
        for other in [Self.deleted, Self.refused, Self.cut, Self.unselected] {
            var (late, early) = (Self.told, Self.unselected)
            late.merge(other)
            late.keepOnly([])
            early.merge(other)
            #expect(late == early && late.encoded() == early.encoded())
        }
    }
}
