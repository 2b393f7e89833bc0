import Testing

@testable import OnewayCore

/// One row per kind of value that Dynamics sends.
@Suite struct ValueTests {
    static let contracts = #"http:\/\/schemas.microsoft.com\/xrm\/2011\/Contracts"#

    @Test(
        arguments: [
            ("null", .null), ("true", .bool(true)), ("false", .bool(false)), ("25", .number("25")),
            ("-7", .number("-7")),
            ("1.0000000000", .number("1.0000000000")), ("9007199254740993", .number("9007199254740993")),
            (#""""#, .text("")), (#""Zeile 1\r\nZeile 2""#, .text("Zeile 1\r\nZeile 2")),
            (#""00000000-0000-0000-0000-000000000000""#, .text(Wire.zero)),
            (Wire.money("922337203685477.5807"), .money("922337203685477.5807")), (Wire.money("0"), .money("0")),
            (Wire.money("-12.50"), .money("-12.50")), (Wire.option(0), .choice(0)), (Wire.option(-1), .choice(-1)),
            (Wire.option(100_000_001), .choice(100_000_001)), (Wire.reference("account", Wire.accountA), .accountA),
            (Wire.reference("account", Wire.accountA.uppercased()), .accountA),
            (Wire.reference("account", "{\(Wire.accountA)}"), .accountA), (Wire.reference("account", Wire.zero), .null),
            ("[\(Wire.option(3)),\(Wire.option(1)),\(Wire.option(3))]", .choices([1, 3])), ("[]", .choices([])),
            (#"{"Id":"\#(Wire.accountA)","LogicalName":"account"}"#, .accountA),
        ] as [(String, Value)]
    )
    func everyKindIsRead(_ json: String, _ value: Value) throws {
        #expect(try Wire.value(json) == value)
    }

    /// Unknown kinds are tolerated: they give no value, and a reason says so.
    @Test(arguments: [
        #"{"__type":"AliasedValue:\#(contracts)","Value":1}"#, #"{"__type":"BooleanManagedProperty:x","Value":true}"#,
        #"{"__type":"EntityCollection:\#(contracts)","Entities":[]}"#, "{}", #"{"Value":3}"#, #"[{"key":"a"}]"#,
        "[1,2]",
        #"{"__type":7}"#, #"{"__type":"EntityReferenceCollection:\#(contracts)"}"#,
    ])
    func unknownKindsGiveNoValue(_ json: String) throws {
        let notification = try Wire(attributes: [("new_column", json), ("name", "\"N\"")]).decoded()
        let record = try #require(notification.facts(receivedAt: Timestamp(second: 0)).first)
        #expect(record["new_column"] == nil && record["name"] == .text("N"))
        #expect(notification.reasons.contains { $0.says.contains("1 selected value") })
    }

    @Test(arguments: [
        (#"{"__type":"EntityReference:\#(contracts)","Id":"zz","LogicalName":"account"}"#, "/Id"),
        (#"{"__type":"EntityReference:\#(contracts)","Id":null,"LogicalName":"account"}"#, "/Id"),
        (#"{"__type":"EntityReference:\#(contracts)","LogicalName":"account"}"#, ""),
        (#"{"__type":"EntityReference:\#(contracts)","Id":"\#(Wire.accountA)"}"#, ""),
        (#"{"__type":"EntityReference:\#(contracts)","Id":"\#(Wire.accountA)","LogicalName":null}"#, "/LogicalName"),
        (#"{"__type":"EntityReference","Id":"\#(Wire.accountA)","Id":"\#(Wire.zero)","LogicalName":"a"}"#, "/Id"),
        (#"{"__type":"OptionSetValue:\#(contracts)","Value":"1"}"#, "/Value"),
        (#"{"__type":"OptionSetValue:\#(contracts)","Value":1.5}"#, "/Value"),
        (#"{"__type":"OptionSetValue:\#(contracts)","Value":2147483648}"#, "/Value"),
        (#"{"__type":"OptionSetValue:\#(contracts)"}"#, "/Value"),
        (#"{"__type":"Money:\#(contracts)","Value":"1"}"#, "/Value"),
        (#"{"__type":"Money:\#(contracts)","Value":null}"#, "/Value"),
        (#"{"__type":"Money:\#(contracts)","Value":1,"Value":2}"#, "/Value"),
    ])
    func aKnownKindInAWrongShapeIsUnusable(_ json: String, _ place: String) {
        let error = #expect(throws: NotificationError.self) { try Wire.value(json) }
        #expect(error?.kind == .unusable)
        #expect(error?.pointer?.hasPrefix("/InputParameters/0/value/Attributes/0/value" + place) == true)
        #expect(error?.envelope?.messageName == "Update")
    }

    @Test(arguments: [
        ("customerid", "\"text\""), ("customerid", Wire.option(1)), ("statecode", "1"), ("statecode", "\"Won\""),
        ("record1id", "true"), ("statecode", Wire.reference("account", Wire.accountA)), ("parentaccountid", "{}"),
    ])
    func columnsTheRulesNeedHoldWhatTheyShould(_ column: String, _ json: String) {
        #expect(throws: NotificationError.self) { try Wire.value(json, column: column) }
    }

    @Test func whatIsNotSelectedMayHaveAnyShape() throws {
        let wire = Wire(attributes: [("new_column", #"{"__type":"Money:x","Value":"?"}"#), ("name", "\"N\"")])
        let selection = Selection([.opportunity: ["name"]])
        let record = try #require(try wire.decoded(selection).facts(receivedAt: Timestamp(second: 0)).first)
        #expect(Set(record.attributes.keys) == ["name"])
    }

    @Test func r3SelectedColumnsAreKeptAndNoOthers() throws {
        let wire = Wire(attributes: [
            ("name", "\"N\""), ("new_tier", "\"gold\""), ("new_note", "\"secret\""), ("statecode", Wire.option(0)),
            ("n\\u0061me2", "\"x\""), ("n\\u0065w_tie2", "\"escaped\""),
        ])
        let selection = Selection([.opportunity: ["new_tier", "new_tie2", "statecode"]])
        let record = try #require(try wire.decoded(selection).facts(receivedAt: Timestamp(second: 0)).first)
        #expect(Set(record.attributes.keys) == ["new_tier", "statecode", "new_tie2"])
    }

    @Test(arguments: [
        (#""\/Date(1506384247000)\/""#, 1_506_384_247_000), (#""/Date(0)/""#, 0),
        (#""\/Date(-86400000)\/""#, -86_400_000),
        (#""\/Date(1721809601096+0000)\/""#, 1_721_809_601_096),
        (#""\/Date(1506409448000-0700)\/""#, 1_506_384_248_000),
        (#""\/Date(1724647396000+0300)\/""#, 1_724_658_196_000),
        (#""\/Date(1737024736000+0200)\/""#, 1_737_031_936_000),
        (#""\/Date(-1000+0130)\/""#, 5_399_000), (#""\/Date(253402300799999)\/""#, 253_402_300_799_999),
        (#""\/Date(-62135596800000)\/""#, -62_135_596_800_000), (#""\u002fDate(5)/""#, nil), (#""\/Date(5)\u002f""#, 5),
    ])
    func datesAreMomentsWithTheirOffsetAdded(_ json: String, _ milliseconds: Int64?) throws {
        let expected = milliseconds ?? 5
        #expect(try Wire.value(json) == .time(Timestamp(milliseconds: expected)))
    }

    @Test(arguments: [
        "/Date()/", "/Date(-)/", "/Date(+5)/", "/Date(5)", "Date(5)", "/Date(5+1)/", "/Date(5+00000)/",
        "/Date(5+2400)/",
        "/Date(5+0060)/", "/Date(5 )/", "/Date(1.5)/", "/Date(253402300800000)/", "/Date(-62135596800001)/",
        "/Date(99999999999999999999)/", "/Date(5)/x", "x/Date(5)/", "/date(5)/", "/Date(5+00:00)/", "/Date(5Z)/",
    ])
    func anInvalidDateIsText(_ text: String) throws {
        #expect(try Wire.value("\"\(text)\"") == .text(text))
    }

    @Test func whatPeopleWriteStaysText() throws {
        #expect(try Wire.value(#""\/Date(5)\/""#, column: "name") == .text("/Date(5)/"))
    }
}
