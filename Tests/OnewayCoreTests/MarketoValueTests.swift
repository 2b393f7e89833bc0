import TestSupport
import Testing

@testable import OnewayCore

/// Marketo may write a value in another way than it was sent: that is no difference. Everything else is.
@Suite struct MarketoValueTests {
    private static func value(_ json: String) throws -> JSONValue { try JSONDocument(Array(json.utf8)).root }

    private static func field(_ type: String, _ length: Int? = nil) throws -> MarketoFields.Field {
        let length = length.map { #", "length": \#($0)"# } ?? ""
        return try #require(MarketoFields.Field(value(#"{"name": "x", "dataType": "\#(type)"\#(length)}"#)))
    }

    private static func isSame(_ wanted: String, _ held: String?, _ type: String?, _ length: Int? = nil) throws -> Bool
    {
        try MarketoValue.isSame(value(wanted), held.map(value), type.map { try field($0, length) })
    }

    @Test(
        arguments: [
            ("null", nil, "string"), ("null", "null", "currency"), (#""""#, nil, "string"), ("null", #""""#, "string"),
            (#""a""#, #""a""#, "string"), (#""\u0041""#, #""A""#, "string"), (#""e\u0301""#, #""\u00e9""#, "string"),
            ("1604.4700", #""1604.47""#, "currency"), ("1604.47", "1604.470", "currency"), ("5", "5.0", "integer"),
            ("52500.0000", "5.25E4", "currency"), (#""30""#, "30", "percent"), ("30", #""30""#, "percent"),
            ("0.1", "0.1000000000000000055", "float"), ("-0", "0", "float"),
            ("true", #""true""#, "boolean"), ("true", "1", "boolean"), ("false", #""FALSE""#, "boolean"),
            (#""2026-01-31""#, #""2026-01-31T00:00:00Z""#, "date"),
            (#""2026-01-31""#, #""2026-01-31T00:00:00-0600""#, "date"),
            (#""2026-01-31""#, #""2026-01-30T19:00:00-0500""#, "date"),
            (#""2026-01-31T08:15:00Z""#, #""2026-01-31T08:15:00+0000""#, "datetime"),
            (#""2026-01-31T08:15:00Z""#, #""2026-01-31T02:15:00-06:00""#, "datetime"),
            (#""2026-01-31T08:15:00Z""#, #""2026-01-31T08:15:00.000Z""#, "datetime"),
            (#""2026-01-31T08:15:00Z""#, #""2026-01-31T09:15:00+01:00""#, nil),
            (#""5e6f0002-71b4-ef11-a72f-6045bd905a01""#, #""5E6F0002-71B4-EF11-A72F-6045BD905A01""#, "string"),
            ("12", #""12""#, "string"), ("7", "7.0", nil), ("true", "true", nil),
        ] as [(String, String?, String?)]
    )
    func isTheSame(wanted: String, held: String?, type: String?) throws {
        #expect(try Self.isSame(wanted, held, type), "\(wanted) \(held ?? "absent") \(type ?? "unknown")")
    }

    @Test(
        arguments: [
            (#""a""#, nil, "string"), ("null", #""a""#, "string"), (#""a""#, #""A""#, "string"),
            (#""a""#, #""a ""#, "string"),
            ("0", nil, "integer"), ("null", "0", "currency"), ("false", nil, "boolean"), ("true", "false", "boolean"),
            ("1604.47", "1604.48", "currency"), ("5", "50", "integer"), ("5", #""five""#, "integer"),
            (#""2026-01-31""#, #""2026-02-01""#, "date"), (#""2026-01-31""#, #""2026-01-31x""#, "date"),
            (#""2026-01-31""#, #""2026-02-01T00:00:00Z""#, "date"),
            (#""2026-01-31T08:15:00Z""#, #""2026-01-31T08:15:01Z""#, "datetime"),
            (#""2026-01-31T08:15:00Z""#, #""2026-01-31T08:15:00-0600""#, "datetime"),
            (#""5e6f0002-71b4-ef11-a72f-6045bd905a01""#, #""5e6f0003-71b4-ef11-a72f-6045bd905a01""#, "string"),
            (#""1""#, #""1.0""#, "string"),
        ] as [(String, String?, String?)]
    )
    func isAnother(wanted: String, held: String?, type: String?) throws {
        #expect(try !Self.isSame(wanted, held, type), "\(wanted) \(held ?? "absent") \(type ?? "unknown")")
    }

    /// As much of a text as its field holds, however its limit counts.
    @Test func aCutTextIsTheSame() throws {
        let long = String(repeating: "ä", count: 20)
        for kept in [10, 5] {
            let held = #""\#(String(repeating: "ä", count: kept))""#
            #expect(try Self.isSame(#""\#(long)""#, held, "string", 10), "\(kept)")
        }
        #expect(try !Self.isSame(#""\#(long)""#, #""ää""#, "string", 10), "cut to less")
        #expect(try !Self.isSame(#""abc""#, #""ab""#, "string", 10), "not too long")
        #expect(try !Self.isSame(#""abcdef""#, #""abx""#, "string", 3), "another text")
    }

    /// Any amount written in any way is itself, and no other.
    @Test(arguments: Array(UInt64(1)...200)) func amounts(seed: UInt64) throws {
        var random = Seeded(seed)
        let cents = Int.random(in: -10_000_000_000...10_000_000_000, using: &random)
        let digits =
            (cents < 0 ? "-" : "") + "\(cents.magnitude / 100)." + String("0\(cents.magnitude % 100)".suffix(2))
        let zeros = String(repeating: "0", count: Int.random(in: 0...4, using: &random))
        let ways = ["\(digits)\(zeros)", #""\#(digits)\#(zeros)""#, "\(Double(digits) ?? 0)"]
        let other = "\(Double(cents + (random.chance(2) ? 1 : -1)) / 100)"
        for way in ways {
            #expect(try Self.isSame(digits, way, "currency"), "seed \(seed): \(digits) \(way)")
            #expect(try !Self.isSame(other, way, "currency"), "seed \(seed): \(other) \(way)")
        }
    }

    /// Any time in any zone is itself, and a second later is another.
    @Test(arguments: Array(UInt64(1)...200)) func times(seed: UInt64) throws {
        var random = Seeded(seed)
        let time = Timestamp(second: Int64.random(in: 0...4_000_000_000, using: &random))
        let minutes = Int64.random(in: -56...56, using: &random) * 15
        let local = "\(Timestamp(second: time.second + minutes * 60))".dropLast()
        let (hours, rest) = (minutes.magnitude / 60, minutes.magnitude % 60)
        let two = { (number: UInt64) in String("0\(number)".suffix(2)) }
        let colon = random.chance(2) ? ":" : ""
        let held = #""\#(local)\#(minutes < 0 ? "-" : "+")\#(two(hours))\#(colon)\#(two(rest))""#
        #expect(try Self.isSame(#""\#(time)""#, held, "datetime"), "seed \(seed): \(time) \(held)")
        let later = Timestamp(second: time.second + 1)
        #expect(try !Self.isSame(#""\#(later)""#, held, "datetime"), "seed \(seed): \(later) \(held)")
    }

    @Test func idsAreRecognisedInEveryForm() throws {
        let id = try #require(GUID("5e6f0002-71b4-ef11-a72f-6045bd905a01"))
        let forms = IDForm.all(of: id)
        #expect(forms.count == 6 && forms[0] == "\(id)" && forms.allSatisfy { GUID($0) == id })
        let named = forms.compactMap { IDForm($0) }
        #expect(named == [.canonical, .capitals, .braces, .braces, .withoutDashes, .withoutDashes])
        #expect(IDForm("0065000000abcde") == nil)
        #expect(IDForm("5E6f0002-71b4-ef11-a72f-6045bd905a01") == .mixedCase)
        #expect(IDForm.all(of: GUID(high: 1, low: 2)).count == 3, "it has no letters")
    }
}
