import Testing

@testable import OnewayCore

@Suite struct NamedIDTests {
    private static let one = GUID(high: 1, low: 1)
    private static let two = GUID(high: 2, low: 2)

    @Test func aNameStandsBehindItsID() {
        let names = [Self.one: "Blue Ltd", Self.two: "Zoë"]
        for (text, expected) in [
            ("", ""), ("no id", "no id"), ("\(Self.one)", "\(Self.one) (Blue Ltd)"),
            ("of \(Self.one), \(Self.two)/x", "of \(Self.one) (Blue Ltd), \(Self.two) (Zoë)/x"),
            ("é\(Self.two)\u{301}", "é\(Self.two) (Zoë)\u{301}"), ("\(GUID.zero)", "\(GUID.zero)"),
            (String("\(Self.one)".dropLast()), String("\(Self.one)".dropLast())),
        ] { #expect(text.naming(names) == expected) }
        #expect("a \(Self.one) \(Self.two)".ids == [Self.one, Self.two])
    }

    @Test func fieldsOfAFileForSpreadsheets() {
        #expect(CSV.line(["a", "", "b,c", "say \"hi\""]) == "a,,\"b,c\",\"say \"\"hi\"\"\"\r\n")
        for text in ["=1+1", "+1", "-1", "@x"] { #expect(CSV.line([text]) == "'\(text)\r\n") }
        #expect(CSV.line(["a\u{1B}[2J\r\nb\u{9B}c\u{2028}d"]) == "a [2J  b c d\r\n")
        #expect(CSV.line(["a\u{202E}b\u{2066}\u{200F}", "\u{202D}=1"]) == "ab,'=1\r\n")
        let joined = "\u{0645}\u{06CC}\u{200C}\u{062E}\u{200D}"
        #expect(CSV.line([joined]) == joined + "\r\n", "some scripts need joiners")
    }
}
