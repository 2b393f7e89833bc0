import TestSupport
import Testing

@testable import OnewayCore

/// A row that was read, as facts of the mirror.
@Suite struct ReadingTests {
    private static let opportunity = RecordKey(.opportunity, GUID(high: 1, low: 1))
    private static let account = GUID(high: 2, low: 1)
    private static let contact = GUID(high: 3, low: 1)
    private static let modified = Timestamp(milliseconds: 1_700_000_000_000)

    private static func row(
        _ columns: [String: Value] = ["name": .text("A")],
        version: UInt64? = 7,
        modifiedOn: Timestamp? = modified,
        names: [String: String] = [:]
    ) -> DynamicsRow {
        DynamicsRow(opportunity, rowVersion: version, modifiedOn: modifiedOn, columns: columns, lookupNames: names)
    }

    private static let readings: [(afterMilliseconds: Int64, isSettled: Bool)] = [
        (-1, false), (0, false), (1, false), (999, false), (1000, true), (86_400_000, true),
    ]

    @Test(arguments: readings) func onlyWhatIsReadInALaterSecondIsCertain(after: Int64, isSettled: Bool) {
        let readAt = Timestamp(milliseconds: Self.modified.milliseconds + after)
        #expect(Self.row().isSettled(readAt: readAt) == isSettled)
        #expect((MirrorRecord(row: Self.row(), readAt: readAt) != nil) == isSettled)
        #expect(MirrorRecord(row: Self.row(modifiedOn: nil), readAt: readAt) == nil)
    }

    private static let readAt = Timestamp(milliseconds: modified.milliseconds + 5000)

    private static func told(_ source: Stamp.Source, second: Int64, version: UInt64? = nil, _ text: String)
        -> MirrorRecord
    {
        var record = MirrorRecord(opportunity)
        let stamp = Stamp(second: modified.second + second, source: source, rowVersion: version)
        record.learn("name", StampedValue(.text(text), stamp))
        return record
    }

    /// Facts that are merged with the reading of "A" in version 7, and the value that results.
    private static let merges: [(MirrorRecord, String)] = [
        (told(.target, second: -1, "T"), "A"), (told(.target, second: 0, "T"), "A"),
        (told(.target, second: 1, "T"), "T"), (told(.postImage, second: 0, version: 6, "P"), "A"),
        (told(.postImage, second: 0, version: 8, "P"), "P"), (told(.preImage, second: 9, "B"), "A"),
    ]

    @Test(arguments: merges) func itIsMergedByItsTime(other: MirrorRecord, name: String) throws {
        let reading = try #require(MirrorRecord(row: Self.row(), readAt: Self.readAt))
        for order in permutations([reading, other]) {
            var record = order[0]
            record.merge(order[1])
            #expect(record["name"] == .text(name))
        }
    }

    @Test func itSettlesASecondThatWasUnsure() throws {
        var record = Self.told(.target, second: 0, "T")
        record.merge(Self.told(.target, second: 0, "U"))
        #expect(record.attributes["name"]?.isUnsure == true)
        record.merge(try #require(MirrorRecord(row: Self.row(), readAt: Self.readAt)))
        #expect(record.attributes["name"]?.isUnsure == false && record["name"] == .text("A"))
    }

    @Test func itShowsThatTheRecordExists() throws {
        for (deletedAt, isDeleted) in [(Self.readAt.second - 1, false), (Self.readAt.second, true)] {
            var record = MirrorRecord(Self.opportunity)
            record.markDeleted(atSecond: deletedAt)
            record.merge(try #require(MirrorRecord(row: Self.row(), readAt: Self.readAt)))
            #expect(record.isDeleted == isDeleted)
        }
    }

    @Test func namesAreKeptWhereTheMirrorHasNone() throws {
        let columns: [String: Value] = [
            "ownerid": .reference(entity: "systemuser", id: Self.contact),
            "parentaccountid": .reference(entity: "account", id: Self.account), "campaignid": .null,
        ]
        let names = ["ownerid": "Ann B", "parentaccountid": "Contoso", "campaignid": "Gone"]
        let record = try #require(MirrorRecord(row: Self.row(columns, names: names), readAt: Self.readAt))
        #expect(Set(record.attributes.keys) == Set(columns.keys).union(["ownerid.name"]))
        #expect(LookupName(record["ownerid.name"]) == LookupName(id: Self.contact, name: "Ann B"))
        #expect(DynamicsRow.lookup(namedBy: "ownerid.name") == "ownerid")
        #expect(DynamicsRow.lookup(namedBy: "ownerid") == nil)
    }

    @Test func theCustomerImpliesTheLookupsOfTheForm() throws {
        let columns: [String: Value] = [
            "customerid": .reference(entity: "contact", id: Self.contact), "parentcontactid": .null,
            "parentaccountid": .reference(entity: "account", id: Self.account),
        ]
        let record = try #require(MirrorRecord(row: Self.row(columns), readAt: Self.readAt))
        #expect(record["parentcontactid"] == columns["customerid"] && record["parentaccountid"] == .null)
    }
}
