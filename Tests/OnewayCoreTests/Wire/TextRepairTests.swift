import Testing

@testable import OnewayCore

@Suite struct TextRepairTests {
    /// Encodes text as Dynamics does: takes its UTF-8 bytes for Windows-1252 characters, and encodes them again.
    static func encodedTwice(_ bytes: [UInt8]) -> [UInt8] {
        bytes.flatMap { byte in
            let open = Unicode.Scalar(byte)
            let scalar = byte < 0x80 || byte > 0x9f ? open : windows1252[Int(byte) - 0x80] ?? open
            return Array(scalar.utf8)
        }
    }

    /// 0x80 to 0x9f, as published by the Unicode Consortium; nil where the byte is undefined.
    static let windows1252: [Unicode.Scalar?] = [
        "€", nil, "‚", "ƒ", "„", "…", "†", "‡", "ˆ", "‰", "Š", "‹", "Œ", nil, "Ž", nil, nil, "‘", "’", "“", "”", "•",
        "–", "—", "˜",
        "™", "š", "›", "œ", nil, "ž", "Ÿ",
    ]

    @Test func everyCharacterComesBack() {
        // Every byte that can follow a lead byte occurs in these.
        for start in stride(from: 0x80, to: 0x3000, by: 0x40) {
            let text = String(String.UnicodeScalarView((start..<start + 0x40).compactMap { Unicode.Scalar($0) }))
            let bytes = Array("{\"a\":\"\(text)\"}".utf8)
            #expect(TextRepair.repaired(Self.encodedTwice(bytes)) == bytes, "from \(start)")
        }
    }

    @Test(arguments: [
        "", "plain ASCII, \\u00e9 included", "Café", "naïve – “quoted” 9.900 €", "Größe", "Łódź", "АаБбВв", "日本語", "😀",
        "Ã",
        "already â€", "mixed: Ã© and é", "Ã© and 日本",
    ])
    func cleanBodiesStayAsTheyAre(_ text: String) {
        #expect(TextRepair.repaired(Array(text.utf8)) == nil)
    }

    @Test(arguments: [
        "Café", "Größere Wärmepumpe", "Łódź", "9.900 €", "АаБбВв", "日本語 😀", "\u{81}\u{8d}\u{8f}\u{90}\u{9d}é",
    ])
    func whatWasEncodedTwiceIsRepairedOnce(_ text: String) {
        let bytes = Array(text.utf8)
        let twice = Self.encodedTwice(bytes)
        #expect(TextRepair.repaired(twice) == bytes)
        #expect(TextRepair.repaired(Self.encodedTwice(twice)) == twice)
    }

    @Test func bytesThatAreNotUTF8AreLeftToTheParser() {
        #expect(TextRepair.repaired([0x22, 0xff, 0x22]) == nil)
        #expect(TextRepair.repaired([0x22, 0xc3]) == nil)
        #expect(TextRepair.repaired(Self.encodedTwice([0x22, 0xc3, 0x22])) == nil)
    }

    @Test func aByteOrderMarkDoesNotHinderTheRepair() throws {
        let body = [0xef, 0xbb, 0xbf] + Self.encodedTwice(Array(#"{"a":"é"}"#.utf8))
        let repaired = try #require(TextRepair.repaired(body))
        #expect(try JSONDocument(repaired).root["a"]?.string == "é")
        #expect(TextRepair.repaired([0xef, 0xbb, 0xbf] + Array("{}".utf8)) == nil)
    }
}
