import OnewayCore
import Testing

@testable import DataverseClient

/// From the Web API's form to the mirror's values.
@Suite struct SelectionTests {
    private static let table = TableDefinition(
        .opportunity,
        tracksChanges: true,
        columns: [
            ColumnDefinition("t", .text), ColumnDefinition("n", .number), ColumnDefinition("m", .money),
            ColumnDefinition("f", .flag), ColumnDefinition("d", .time), ColumnDefinition("c", .choice),
            ColumnDefinition("cs", .choices), ColumnDefinition("l", .lookup), ColumnDefinition("i", .id),
            ColumnDefinition("o", .other), ColumnDefinition("createdby", .lookup),
            ColumnDefinition("modifiedon", .time),
        ]
    )
    private static let id = "20120001-71b4-ef11-a72f-6045bd905a01"

    private static func row(_ members: String, _ columns: Set<String>) throws -> DynamicsRow? {
        let text =
            #"{"@odata.etag":"W/\"12345\"","opportunityid":"\#(id)","modifiedon":"2026-01-31T08:15:00Z",\#(members)}"#
        return RowSelection(columns, of: table).row(try JSONDocument(Array(text.utf8)).root)
    }

    private static let values: [(column: String, members: String, value: Value?)] = [
        ("t", #""t":"Café""#, .text("Café")), ("t", #""t":"""#, .text("")),
        ("t", #""t":"2026-01-31""#, .text("2026-01-31")),
        ("t", #""t":null"#, .null), ("t", #""t":7"#, nil), ("n", #""n":9007199254740993"#, .number("9007199254740993")),
        ("n", #""n":1.0000000000"#, .number("1.0000000000")), ("n", #""n":"1""#, nil),
        ("m", #""m":12.50"#, .money("12.50")),
        ("f", #""f":false"#, .bool(false)), ("f", #""f":0"#, nil),
        ("d", #""d":"2026-01-31""#, .time(Timestamp(second: 1_769_817_600))),
        ("d", #""d":"2026-01-31T00:00:01Z""#, .time(Timestamp(second: 1_769_817_601))), ("d", #""d":"soon""#, nil),
        ("c", #""c":-1"#, .choice(-1)), ("c", #""c":1.5"#, nil), ("cs", #""cs":"3,1,3""#, .choices([1, 3])),
        ("cs", #""cs":"""#, .choices([])), ("cs", #""cs":"1,x""#, nil), ("cs", #""cs":null"#, .null),
        ("i", #""i":"\#(id)""#, .text(id)),
        (
            "l", #""_l_value":"\#(id)","_l_value@Microsoft.Dynamics.CRM.lookuplogicalname":"team""#,
            GUID(id).map { .reference(entity: "team", id: $0) }
        ), ("l", #""_l_value":"\#(id)""#, nil), ("l", #""_l_value":null"#, .null),
    ]

    @Test(arguments: values) func aValueHasTheTypeOfItsColumn(column: String, members: String, value: Value?) throws {
        let row = try Self.row(members, [column])
        #expect(row?.columns == value.map { [column: $0] })
    }

    @Test func aRowHasItsTimeAndVersion() throws {
        let row = try #require(try Self.row(#""_createdby_value":"\#(Self.id)""#, []))
        #expect(row.rowVersion == 12345 && row.modifiedOn == Timestamp(second: 1_769_847_300))
        #expect(row.createdBy == GUID(Self.id) && row.columns.isEmpty && row.key.entity == .opportunity)
        #expect(RowSelection.version("12345") == nil && RowSelection.version("W/\"x\"") == nil)
    }

    /// Everything else stays in Dynamics (R3).
    @Test func onlyTheWantedIsSelected() {
        let wanted: Set = ["t", "l", "l.name", "modifiedon", "createdby", "o", "t.name", "absent", "absent.name"]
        let selection = RowSelection(wanted, of: Self.table)
        #expect(selection.select == "opportunityid,modifiedon,_createdby_value,_l_value,t")
        #expect(selection.missing == ["absent", "absent.name", "o", "t.name"])
        #expect(selection.annotations(withNames: true).contains("FormattedValue"))
        #expect(!selection.annotations(withNames: false).contains("FormattedValue"))
        #expect(!RowSelection(["l"], of: Self.table).annotations(withNames: true).contains("FormattedValue"))
    }

    private static let types: [(String, String, ColumnType)] = [
        ("Memo", "MemoType", .text), ("BigInt", "BigIntType", .number), ("Double", "DoubleType", .number),
        ("Virtual", "MultiSelectPicklistType", .choices), ("Virtual", "VirtualType", .other),
        ("Virtual", "FileType", .other), ("PartyList", "PartyListType", .other), ("Owner", "OwnerType", .lookup),
        ("Customer", "CustomerType", .lookup), ("Uniqueidentifier", "UniqueidentifierType", .id),
        ("State", "StateType", .choice), ("Money", "MoneyType", .money), ("DateTime", "DateTimeType", .time),
        ("Boolean", "BooleanType", .flag), ("EntityName", "EntityNameType", .other),
    ]

    @Test(arguments: types) func aTypeIsReadFromTheDefinition(type: String, name: String, expected: ColumnType) throws {
        let text = """
            {"LogicalName":"account","ChangeTrackingEnabled":false,"DisplayName":{"UserLocalizedLabel":null,"LocalizedLabels":[{"Label":"Firma"}]},
             "Attributes":[{"LogicalName":"c","AttributeType":"\(type)","AttributeTypeName":{"Value":"\(name)"}}]}
            """
        let root = try JSONDocument(Array(text.utf8)).root
        let table = try #require(TableDefinition(.account, root))
        #expect(table.columns["c"] == ColumnDefinition("c", expected) && !table.tracksChanges && table.label == "Firma")
        #expect(TableDefinition(.contact, root) == nil)
    }
}
