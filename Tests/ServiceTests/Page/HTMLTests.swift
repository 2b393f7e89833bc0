import OnewayCore
import TestSupport
import Testing

@testable import Admin
@testable import Coordination

/// Foreign text stays text.
@Suite struct HTMLTests {
    private func text(_ html: HTML) -> String {
        var bytes: [UInt8] = []
        html.append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(arguments: [(-60, ">now<"), (0, ">now<"), (90, ">in 1 min<")])
    func whatIsDueIsNotCalledNext(seconds: Int, says: String) {
        let now = Timestamp(second: 1_772_442_000)
        #expect(text(.next(now.adding(seconds: seconds), now)).contains(says))
    }

    @Test func elementsAreWrittenAndClosed() {
        let html = HTML.tag("p", ["class": "a", "id": nil, "hidden": ""], "x & ", .tag("b", [:], "y"), .tag("input"))
        #expect(text(html) == #"<p class="a" hidden="">x &amp; <b>y</b><input></p>"#)
        #expect(String(decoding: HTML.tag("html").document, as: UTF8.self) == "<!DOCTYPE html>\n<html></html>")
    }

    @Test func controlCharactersAreReplaced() {
        #expect(text("a\u{0}b\u{1B}c\td\r") == "a\u{FFFD}b\u{FFFD}c\td\u{FFFD}")
    }

    @Test(arguments: UInt64(0)..<200)
    func noTextBecomesMarkup(seed: UInt64) {
        var random = Seeded(seed)
        let pieces = [
            "<", ">", "\"", "'", "&", "</p>", "<script>", "-->", "<!--", "]]>", "&lt;", "&#60;", "`", "=", "\u{0}",
            "\u{7F}",
            "\u{202E}", "onerror=", "é", "e\u{301}", "\u{1F600}", " ", "javascript:", "{{", "%3C", "\n",
        ]
        let hostile = (0..<Int.random(in: 0..<12, using: &random)).map { _ in pieces.randomElement(using: &random) ?? ""
        }
        .joined()
        let written = text(.tag("p", ["title": hostile], "\(hostile)"))
        // One element with one attribute, for any text.
        #expect(written.utf8.count { $0 == UInt8(ascii: "<") } == 2, "seed \(seed)")
        #expect(written.utf8.count { $0 == UInt8(ascii: "\"") } == 2, "seed \(seed)")
        #expect(!written.utf8.contains(UInt8(ascii: "'")), "seed \(seed)")
        let (opening, closing) = (#"<p title=""#, "</p>")
        #expect(written.hasPrefix(opening) && written.hasSuffix(closing), "seed \(seed)")
        let halves = written.dropFirst(opening.count).dropLast(closing.count).split(
            separator: "\">",
            maxSplits: 1,
            omittingEmptySubsequences: false
        )
        #expect(halves.map { Self.unescaped($0) } == [Self.kept(hostile), Self.kept(hostile)], "seed \(seed)")
    }

    private static func unescaped(_ text: Substring) -> String {
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")]
            .reduce(String(text)) { $0.replacing($1.0, with: $1.1) }
    }

    private static func kept(_ text: String) -> String {
        var kept = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let isControl = scalar.value < 32 && scalar != "\n" && scalar != "\t" || scalar.value == 127
            kept.append(isControl ? "\u{FFFD}" : scalar)
        }
        return String(kept)
    }

    @Test func addressesEscapeTheirParameters() {
        #expect(address("/parked", ["code": "a&b=c d/é", "kind": nil]) == "/parked?code=a%26b%3Dc%20d%2F%C3%A9")
        #expect(address("/parked", ["code": nil]) == "/parked")
    }

    @Test func formsAreReadAsBrowsersWriteThem() {
        let form = Form("q=a+b%2Bc&x=&y=%C3%A9")
        #expect(form["q"] == "a b+c")
        #expect(form["x"] == nil)
        #expect(form["y"] == "é")
    }
}
