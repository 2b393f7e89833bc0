import OnewayCore
import Testing

@testable import oneway

/// The commands' output for people.
@Suite struct TextTests {
    static let now = Timestamp(second: 1_772_442_000)

    @Test(arguments: [
        (0, "0 s ago"), (89, "89 s ago"), (90, "2 min ago"), (180, "3 min ago"), (5_400, "2 h ago"),
        (86_400, "24 h ago"),
        (129_600, "2 days ago"), (864_000, "10 days ago"), (-120, "in 2 min"),
    ])
    func timesAreHumanOnATerminal(seconds: Int64, says: String) {
        let time = "\(Timestamp(second: Self.now.second - seconds))"
        #expect(Screen(isTerminal: true, now: Self.now).time(time) == says)
        #expect(Screen(now: Self.now).time(time) == time)
    }

    @Test(arguments: [20, 30, 40, 60, 80, 200]) func tablesFit(width: Int) {
        var table = Table("KEY", "NOTE", "TEXT")
        table.add("a", "", String(repeating: "long ", count: 40))
        table.add(String(repeating: "k", count: 90), "", "short")
        let lines = table.lines(width: width)
        #expect(lines.count == 3)
        #expect(lines.allSatisfy { $0.count <= width && !$0.hasSuffix(" ") })
        #expect(!lines[0].contains("NOTE"), "a column without values is left out")
        if width < 90 { #expect(lines[2].contains("…")) }
    }

    /// The arguments of the next command can be copied from any screen.
    @Test(arguments: [20, 80, Int.max]) func aKeyIsNeverCut(width: Int) {
        let key = String(repeating: "k", count: 90)
        var table = Table("KEY", "TEXT", whole: ["KEY"])
        table.add(key, String(repeating: "long ", count: 40) + "end")
        let lines = table.lines(width: width)
        #expect(lines[1].hasPrefix(key))
        #expect(lines[1].hasSuffix(width == .max ? "end" : "…"))
    }

    /// Foreign text must not move the cursor, change colours, or change the writing direction.
    @Test func whatOthersWroteStaysText() {
        #expect("a\u{1B}[31mb\r\nc\u{9B}d\u{202E}e\u{2028}f".printable == "a [31mb  c d e f")
        #expect("Größe 日本 👍".printable == "Größe 日本 👍")
        var table = Table("A", "B")
        table.add("x\u{1B}]0;evil\u{07}", "y")
        #expect(table.lines(width: 80).joined().unicodeScalars.allSatisfy { $0.value >= 32 })
    }

    /// Desired records field by field, undesired ones in words, and Marketo's message in full.
    @Test func anOpportunityShowsBothSidesOfEachRecord() throws {
        let role = #""kind":"role","key":"1/2/Customer","attempts":0,"nextAttemptAt":null"#
        let answer = """
            {"opportunity":"1","state":"parked","values":{},"notifications":[],\
            "reasons":[{"rule":"R12","says":"the amount"}],"items":[\
            {"kind":"opportunity","key":"1","state":"parked","waitingFor":null,"code":"1003","attempts":1,\
            "message":"\(String(repeating: "long ", count: 40))end","requestId":"r#1","nextAttemptAt":null,\
            "reasons":[{"rule":"R12","says":"the amount"}],\
            "desired":{"name":"A","stage":"new","amount":null},"confirmed":{"name":"A","stage":"old","x":1}},\
            {\(role),"state":"settled","waitingFor":null,"code":null,"message":null,"requestId":null,\
            "reasons":[{"rule":"R11","says":"removed"}],"desired":null,"confirmed":null},\
            {\(role),"state":"waiting","waitingFor":"lead","code":null,"message":null,"requestId":null,"reasons":[],"desired":null,\
            "confirmed":{"isPrimary":true}}]}
            """
        let lines = OpportunityText.lines(try JSONDocument(Array(answer.utf8)).root, Screen(now: Self.now))
        #expect(
            lines == [
                "opportunity 1: parked", "  R12  the amount", "", "In Marketo",
                "KIND         KEY           STATE             CODE  TRIES",
                "opportunity  1             parked            1003  1", "role         1/2/Customer  settled",
                "role         1/2/Customer  waiting for lead", "", "opportunity 1",
                "  Marketo's last message: 1003 \(String(repeating: "long ", count: 40))end",
                "  Marketo's request: r#1",
                "  FIELD   DESIRED     CONFIRMED", "  name    A           A", "  stage   new         old",
                "  amount  (empty)     (left out)", "  x       (left out)  1", "", "role 1/2/Customer",
                "  must not exist, and as far as is known does not", "  R11  removed", "", "role 1/2/Customer",
                "  must not exist, but Marketo still has it", "  waits for: lead",
                "  FIELD      DESIRED      CONFIRMED",
                "  isPrimary  (not there)  yes",
            ]
        )
    }

    /// Refused or withdrawn: settled, because Marketo should not have it.
    @Test func anOpportunityThatIsNotWantedSaysSo() throws {
        let answer = """
            {"opportunity":"1","state":"settled","values":{},"notifications":[],"reasons":[],"items":[\
            {"kind":"opportunity","key":"1","state":"settled","reasons":[],"desired":null,"confirmed":null}]}
            """
        let lines = OpportunityText.lines(try JSONDocument(Array(answer.utf8)).root, Screen(now: Self.now))
        #expect(lines.first == "opportunity 1: settled, not wanted in Marketo")
        #expect(lines.last == "  must not exist, and as far as is known does not")
    }

    @Test func aChangeShowsOnlyDifferences() throws {
        let change = """
            {"kind":"opportunity","key":"1","before":{"name":"A","stage":"old","x":1},\
            "after":{"name":"A","stage":"new","amount":7.50},"reasons":[{"rule":"R12","says":"the amount"}]}
            """
        let lines = ChangeText.lines(of: try JSONDocument(Array(change.utf8)).root, Screen(now: Self.now))
        #expect(
            lines == [
                "Marketo changes opportunity 1", "  stage   old ->  new", "  amount          7.50",
                "  x       1 ->    (left as it is)", "  R12  the amount",
            ]
        )
    }
}
