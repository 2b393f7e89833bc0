import Testing

@testable import OnewayCore

/// The classes of the public JSON parsing test suite, in our own cases: what a parser must accept, and must refuse.
@Suite struct JSONTests {
    static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    /// A string with raw bytes in it.
    static func quoted(_ bytes: [UInt8]) -> [UInt8] { [0x22] + bytes + [0x22] }

    @Test(arguments: [
        "0", "-0", "1", "-1", "10", "123456789012345678901234567890", "0.5", "-0.50", "1e5", "1E5", "1e+5", "1E-5",
        "0e1", "0e+1", "20e1", "123.456e78", "-123123e100000", "[123.456789]", "[1 ]", "[-0]", "1.0000000000",
        "922337203685477.5807",
    ])
    func numbersAreTakenDigitByDigit(_ text: String) throws {
        let root = try JSONDocument(Self.bytes(text)).root
        let number = root.isArray ? try #require(root.elements.first) : root
        #expect(number.number == text.filter { !"[ ]".contains($0) })
    }

    @Test(arguments: [
        "01", "-01", "00", "-", "+1", ".5", "-.5", "5.", "1.e1", "1e", "1e+", "1E-", "0e", "1eE2", "1.2.3", "0x1",
        "1_0",
        "NaN", "Infinity", "-Infinity", "[1 000]", "1a", "--1", "-a", "[- 1]", "1,5", "\u{ff11}", "0.3e", "0.e1", "1-2",
        "[1+2]", "9.e+", "[012]",
    ])
    func invalidNumbersAreRefused(_ text: String) {
        #expect(throws: JSONError.self) { try JSONDocument(Self.bytes(text)) }
    }

    @Test(arguments: [
        (#""""#, ""), (#""a""#, "a"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"),
        (#""A\u00e9\u20AC""#, "A\u{e9}€"),
        (#""\uD83D\uDE00""#, "😀"), (#""\ud834\uDd1e""#, "\u{1d11e}"), (#""\u0000""#, "\0"), ("\"\u{7f}\"", "\u{7f}"),
        (#""\uFFFF\uFFFE""#, "\u{ffff}\u{fffe}"), ("\"é€😀\u{2028}\u{10ffff}\"", "é€😀\u{2028}\u{10ffff}"),
        (#""\u0022\u005c""#, "\"\\"), (#""a/*b*/c""#, "a/*b*/c"), ("\"sixteen letters\"", "sixteen letters"),
        (#""eight888 and \\ behind""#, "eight888 and \\ behind"), (#""\uDBFF\uDFFF""#, "\u{10ffff}"),
    ])
    func stringsComeOutAsMeant(_ text: String, _ meant: String) throws {
        #expect(try JSONDocument(Self.bytes(text)).root.string.map { Array($0.utf8) } == Array(meant.utf8))
    }

    @Test(arguments: [
        #"""#, #""a"#, #""\"#, #""\""#, #""\x41""#, #""\u""#, #""\u00""#, #""\u00g0""#, #""\u 041""#, #""\U0041""#,
        #""\a""#,
        #""\uD800""#, #""\uDC00""#, #""\uD800\uD800""#, #""\uD800x""#, #""\uD800\n""#, #""\uD83D\u0041""#,
        #""\uDE00\uD83D""#,
        #""\uD834\uDd""#, #""\uD800\u"#, "\"a\nb\"", "\"a\tb\"", "\"\u{0}\"", "\"1234567\u{1f}\"", "'a'", "a",
        #"\u0022"#,
        #""\é""#, #""\\"#, "\"12345678", "\"\\ud8",
    ])
    func invalidStringsAreRefused(_ text: String) {
        #expect(throws: JSONError.self) { try JSONDocument(Self.bytes(text)) }
    }

    @Test(
        arguments: [
            [0xff], [0x80], [0xbf], [0xc0, 0xaf], [0xc1, 0xbf], [0xc3], [0xc3, 0x28], [0xe0, 0x80, 0xaf],
            [0xe0, 0x9f, 0xbf],
            [0xe2, 0x82], [0xe2, 0x28, 0xa1], [0xed, 0xa0, 0x80], [0xed, 0xbf, 0xbf], [0xf0, 0x80, 0x80, 0x80],
            [0xf0, 0x9f, 0x98], [0xf0, 0x9f, 0x28, 0x80], [0xf0, 0x9f, 0x98, 0x28], [0xf4, 0x90, 0x80, 0x80],
            [0xf5, 0x80, 0x80, 0x80], [0xf8, 0x88, 0x80, 0x80, 0x80], [0xfe], [0x61, 0xe9, 0x62],
        ] as [[UInt8]]
    )
    func whatIsNotUTF8IsRefused(_ sequence: [UInt8]) {
        #expect(throws: JSONError.self) { try JSONDocument(Self.quoted(sequence)) }
        #expect(throws: JSONError.self) { try JSONDocument(Self.quoted(Self.bytes("1234567") + sequence)) }
        #expect(throws: JSONError.self) { try JSONDocument([0x22] + sequence) }
    }

    @Test func everyByteFollowsTheSameRuleWhereverItStands() {
        for byte in UInt8.min...UInt8.max {
            let isPlain = byte >= 0x20 && byte < 0x80 && byte != 0x22 && byte != 0x5c
            for place in 0..<17 {
                var text = [UInt8](repeating: 0x61, count: 17)
                text[place] = byte
                #expect(((try? JSONDocument(Self.quoted(text))) != nil) == isPlain, "byte \(byte) at \(place)")
            }
        }
    }

    @Test(arguments: [
        "[]", "{}", "[ ]", "{ }", " [] ", "\t\r\n[\n]\r\n", "[null,true,false]", #"{"a":1}"#, #"{"a":{"b":[{}]}}"#,
        #"{"":0}"#,
        #"{"a":1,"a":2}"#, "null", "true", "false", #"[[],[[]],{}]"#, "\u{feff}[]",
        #"{ "a" : [ 1 , 2 ] , "b" : null }"#,
        #"{"a\u0000b":1}"#, "[\"\u{feff}\"]",
    ])
    func wellFormedStructureIsTaken(_ text: String) {
        #expect(throws: Never.self) { try JSONDocument(Self.bytes(text)) }
    }

    @Test(arguments: [
        "", " ", "\u{feff}", "\u{feff}\u{feff}[]", "[", "]", "{", "}", "[}", "{]", "[1,]", "[,1]", "[,]", "[1,,2]",
        "[1 2]",
        #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, #"{,"a":1}"#, #"{"a":1 "b":2}"#, #"{"a" 1}"#, #"{a:1}"#, #"{1:1}"#,
        #"{null:1}"#,
        #"{'a':1}"#, #"{"a"::1}"#, #"{"a":1,,"b":2}"#, "[1]]", "{}}", "[] []", "1 2", "[]x", "nul", "nulll", "True",
        "TRUE",
        "tru", "fals", "// c\n[]", "[/**/]", "[]#", "[\u{a0}]", "[\u{c}]", "[\u{b}1]", "[1;2]", "[1:2]", #"["a":1]"#,
        "[1", "[1,",
        #"{"a":1"#, #"{"a":"#, #"{"a""#, #"{"a"#, #"{"a":1,"#, "[[", "[\"a", "(1)", "<null>", "[*]", "undefined", "\0",
        "[]\0",
        "[nul", "[\"a\",\n4\n,1,",
    ])
    func brokenStructureIsRefused(_ text: String) {
        #expect(throws: JSONError.self) { try JSONDocument(Self.bytes(text)) }
    }

    @Test(arguments: [("[", "]"), (#"{"a":"#, "}")]) func depthHasALimit(_ opening: String, _ closing: String) {
        func nested(_ depth: Int) -> [UInt8] {
            Self.bytes(
                String(repeating: opening, count: depth - 1) + "[]" + String(repeating: closing, count: depth - 1)
            )
        }
        #expect(throws: Never.self) { try JSONDocument(nested(64)) }
        #expect(throws: JSONError.self) { try JSONDocument(nested(65)) }
        #expect(throws: Never.self) { try JSONDocument(nested(5), depthMax: 5) }
        #expect(throws: JSONError.self) { try JSONDocument(nested(6), depthMax: 5) }
        #expect(throws: JSONError.self) { try JSONDocument(Self.bytes(String(repeating: opening, count: 100_000))) }
        #expect(throws: Never.self) { try JSONDocument(nested(100_000), depthMax: 100_000) }
    }

    @Test func everyCutOfADocumentIsRefused() throws {
        let whole = Self.bytes(#"{"a":[1.5e3,"x\u00e9\ud83d\ude00é",{"b":null}],"c":true}"#)
        _ = try JSONDocument(whole)
        for length in whole.indices { #expect(throws: JSONError.self) { try JSONDocument(Array(whole[..<length])) } }
    }

    @Test func anErrorSaysWhereAndQuotesNothing() {
        let text = #"{"secret": "geheim", "b": 01}"#
        let error = #expect(throws: JSONError.self) { try JSONDocument(Self.bytes(text)) }
        #expect(error?.offset == 27)
        #expect(error?.description.contains("geheim") == false)
    }

    @Test func valuesAreFoundByNameAndPlace() throws {
        let text = #"{"a/b":[10,{"c~":"d","e":[]},-3],"n":null,"t":true,"t":false,"esc\u0061pe":1.50}"#
        let root = try JSONDocument(Self.bytes(text)).root
        let list = try #require(root["a/b"])
        #expect(list.elements.map(\.int) == [10, nil, -3])
        #expect(list.elements[1]["c~"]?.string == "d")
        #expect(list.elements[1]["c~"]?.pointer == "/a~1b/1/c~0")
        #expect(list.elements[1]["e"]?.elements.isEmpty == true)
        #expect(root["n"]?.isNull == true && root["t"]?.bool == true)
        #expect(root["escape"]?.number == "1.50" && root["escape"]?.int == nil)
        #expect(root["missing"] == nil && list["a"] == nil && root.elements.isEmpty)
        #expect(root.members.map(\.name) == ["a/b", "n", "t", "t", "escape"])
        #expect(root.pointer.isEmpty)
    }

    @Test(arguments: [
        ("9223372036854775807", Int.max), ("-9223372036854775808", Int.min), ("9223372036854775808", nil),
    ])
    func wholeNumbersFitOrAreNil(_ text: String, _ number: Int?) throws {
        #expect(try JSONDocument(Self.bytes(text)).root.int == number)
    }

    @Test func whatIsWrittenIsReadAgain() throws {
        let text = "quote\" back\\slash /\u{0}\u{1f}\n\r\té€😀"
        let json: JSON = ["text": .string(text), "list": [-5, .number("922337203685477.5807")]]
        #expect(try JSONDocument(json.encoded).root["text"]?.string == text)
    }
}
