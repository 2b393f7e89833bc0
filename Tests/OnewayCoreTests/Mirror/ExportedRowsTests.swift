import TestSupport
import Testing

@testable import OnewayCore

/// Rows of exported files: each form in which the same record may come, and what is refused.
@Suite struct ExportedRowsTests {
    private static let id = GUID(high: 1, low: 1)
    private static let account = GUID(high: 2, low: 2)
    private static let now = Timestamp(iso8601: "2026-03-01T00:00:00Z") ?? Timestamp(second: 0)
    private static let book: RuleBook = {
        var settings = RuleSettings()
        settings.fields = [
            SelectedField("name", "name"), SelectedField("new_size", "size", as: .whole),
            SelectedField("new_tags", "tags", as: .choices(labels: [:], separator: ";")),
            SelectedField("new_partnerid", "partner", as: .lookup(by: .name)), SelectedField("new_note", "note"),
        ]
        settings.syncWhen = RuleSettings.SyncWhen(column: "new_sync", equals: .yesNo(true))
        return RuleBook(settings)
    }()

    private static func row(_ members: String, _ entity: Entity = .opportunity) throws -> DynamicsRow {
        let line = try JSONDocument(Array("{\"\(entity.keyColumn)\":\"\(id)\",\(members)}".utf8)).root
        return try ExportedRows(book).row(line, entity, now: now)
    }

    @Test(arguments: [
        // The Web API's form, the table's with its type, CSV's with an entity type, and a name in other letters.
        #""_customerid_value":"\#(account)","_customerid_value@Microsoft.Dynamics.CRM.lookuplogicalname":"account""#,
        #""customerid":"\#(account)","customeridtype":"account""#,
        #""customerid":"{\#(account)}","customerid_entitytype":"account""#,
        #""CustomerId":"\#(account)","CustomerIdType":"account""#,
    ])
    func aCustomer(members: String) throws {
        let row = try Self.row(members)
        #expect(row.columns == ["customerid": .reference(entity: "account", id: Self.account)])
        #expect(row.modifiedOn == nil && row.rowVersion == nil)
    }

    @Test(arguments: [
        (#""statecode":1"#, "statecode", Value.choice(1)), (#""statecode":"1""#, "statecode", .choice(1)),
        (#""estimatedvalue":1000.50"#, "estimatedvalue", .money("1000.50")),
        (#""estimatedvalue":"1000.50""#, "estimatedvalue", .money("1000.50")),
        (#""createdon":"2026-01-31T08:15:00Z""#, "createdon", .time(Timestamp(second: 1_769_847_300))),
        (#""new_size":"12""#, "new_size", .number("12")), (#""new_tags":"3;1""#, "new_tags", .choices([1, 3])),
        (#""new_tags":"3,1""#, "new_tags", .choices([1, 3])), (#""new_sync":"True""#, "new_sync", .bool(true)),
        (#""new_sync":false"#, "new_sync", .bool(false)), (#""new_note":"a \" b""#, "new_note", .text("a \" b")),
        (#""new_note":7"#, "new_note", .number("7")), (#""name":"""#, "name", .null), (#""name":null"#, "name", .null),
        (#""parentaccountid":"\#(account)""#, "parentaccountid", .reference(entity: "account", id: account)),
    ])
    func aValue(members: String, column: String, value: Value) throws {
        #expect(try Self.row(members).columns == [column: value])
    }

    @Test(arguments: [
        (#""customerid":"\#(account)""#, "`customerid` names a record, but not of which table"),
        (#""statecode":"Open""#, "`statecode` should be the number of a choice, such as 0, not its label"),
        (#""estimatedvalue":"1,000.50""#, "`estimatedvalue` should be a number"),
        (#""estimatedvalue":"0x10""#, "`estimatedvalue` should be a number"),
        (#""createdon":"31.01.2026 08:15""#, "`createdon` should be a time in UTC"),
        (#""createdon":"2026-01-31T08:15:00""#, "`createdon` should be a time in UTC"),
        (#""modifiedon":"2026-03-01T00:00:01Z""#, "`modifiedon` lies in the future"),
        (#""new_sync":"perhaps""#, "`new_sync` should be true or false"),
        (#""parentaccountid":"Harbour""#, "`parentaccountid` should be a GUID"),
        (#""name":5"#, "`name` should be text"),
    ])
    func whatIsNotClearIsRefused(members: String, says: String) {
        #expect {
            _ = try Self.row(members)
        } throws: { error in
            (error as? ExportedRows.Unreadable)?.says.hasPrefix(says) ?? false
        }
    }

    @Test func whatIsNotKeptIsPassedOver() throws {
        let row = try Self.row(#""new_secret":"x","description":"y","@odata.etag":"W/\"1\"""#)
        #expect(row.columns.isEmpty)
    }

    @Test func theNameOfALookup() throws {
        let partner = GUID(high: 3, low: 3)
        let members =
            #""_new_partnerid_value":"\#(partner)","new_partneridname":"Pat","new_partneridtype":"systemuser""#
        let row = try Self.row(members)
        #expect(row.lookupNames == ["new_partnerid": "Pat"])
    }

    @Test func aConnection() throws {
        let members = """
            "record1id":"\(Self.id)","record1objecttypecode":"3","record2id":"\(Self.account)","record2objecttypecode":2,
            "record2roleid":"\(Self.account)","versionnumber":"77","modifiedon":"2026-02-01T00:00:00Z"
            """
        let row = try Self.row(members, .connection)
        #expect(row.columns["record1id"] == .reference(entity: "opportunity", id: Self.id))
        #expect(row.columns["record2id"] == .reference(entity: "contact", id: Self.account))
        #expect(row.columns["record2roleid"] == .reference(entity: "connectionrole", id: Self.account))
        #expect(row.rowVersion == 77 && row.modifiedOn == Timestamp(iso8601: "2026-02-01T00:00:00Z"))
    }

    @Test(arguments: [
        (["OpportunityId", "contactid", "accountid"], Entity.opportunity), (["contactid", "accountid"], .contact),
        (["name", "accountid"], .account), (["connectionid", "record1id"], .connection), (["contact", "account"], nil),
    ])
    func theTable(columns: [String], table: Entity?) {
        #expect(ExportedRows.table(of: columns) == table)
    }

    /// A deletion stays, and newer values do; without a time of change only gaps are filled.
    @Test func anExportIsNoNewsOfWhatCameSince() throws {
        let time = Timestamp(iso8601: "2026-02-01T00:00:00Z") ?? Self.now
        var known = MirrorRecord(RecordKey(.opportunity, Self.id))
        known.learn("name", StampedValue(.text("newer"), Stamp(second: time.second + 1, source: .target)))
        known.markDeleted(atSecond: time.second + 1)
        let dated = MirrorRecord(
            exported: try Self.row(#""name":"old","new_note":"old","modifiedon":"\#(time)""#),
            now: Self.now
        )
        known.merge(dated)
        #expect(known["name"] == .text("newer") && known["new_note"] == .text("old") && known.isDeleted)
        let undated = MirrorRecord(
            exported: try Self.row(#""name":"undated","new_note":"undated","statecode":0"#),
            now: Self.now
        )
        known.merge(undated)
        #expect(known["name"] == .text("newer") && known["new_note"] == .text("old"))
        #expect(known["statecode"] == .choice(0) && known.isDeleted)
    }

    @Test func whatMarketoCreatedIsRefused() throws {
        let user = GUID(high: 9, low: 9)
        let row = try Self.row(#""_createdby_value":"\#(user)","createdon":"2026-01-31T08:15:00Z""#)
        var record = MirrorRecord(exported: row, now: Self.now)
        record.markRefused(row, creators: [user], now: Self.now)
        #expect(record.refusal?.user == user && record.refusal?.second == 1_769_847_300)
    }
}
