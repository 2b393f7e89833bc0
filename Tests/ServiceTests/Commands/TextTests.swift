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
        let lines = table.lines(on: Screen(width: width, now: Self.now))
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
        let lines = table.lines(on: Screen(width: width, now: Self.now))
        #expect(lines[1].hasPrefix(key))
        #expect(lines[1].hasSuffix(width == .max ? "end" : "…"))
    }

    /// Foreign text must not move the cursor, change colours, or change the writing direction.
    @Test func whatOthersWroteStaysText() {
        #expect("a\u{1B}[31mb\r\nc\u{9B}d\u{202E}e\u{2028}f".printable == "a [31mb  c d e f")
        #expect("Größe 日本 👍".printable == "Größe 日本 👍")
        var table = Table("A", "B")
        table.add("x\u{1B}]0;evil\u{07}", "y")
        #expect(table.lines(on: Screen(now: Self.now)).joined().unicodeScalars.allSatisfy { $0.value >= 32 })
    }

    /// Where the answer is valid JSON, so is what is shown of it, and it means the same.
    @Test func jsonKeepsItsMeaningWithoutControlCharacters() throws {
        let text = "a\u{7f}\u{9b}31m\u{202e}\u{2066}\u{2028}\u{e0001}ü👍\\n"
        let json = "{\"a\":\"\(text)\",\r\n\t\"b\":1}"
        let shown = json.printableJSON
        #expect(shown.unicodeScalars.allSatisfy { $0 == "\n" || $0 == "\t" || !TextTests.isUnsafe($0) })
        #expect(
            try JSONDocument(Array(shown.utf8)).root["a"]?.string == JSONDocument(Array(json.utf8)).root["a"]?.string
        )
        #expect("{\"b\": \"ü\"}\n".printableJSON == "{\"b\": \"ü\"}\n")
    }

    static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7f...0x9f, 0x200e...0x200f, 0x2028...0x202e, 0x2066...0x2069: true
        default: false
        }
    }

    /// Every text that a command shows, of an answer in which every word is hostile: no control character is left.
    @Test(arguments: [
        ["status"], ["opportunity", id], ["parked"], ["refusals"], ["replay", "0000000000000000"], ["refresh", id],
        ["erase", "--contact", id, "--yes"], ["pause"], ["find", "x"],
    ])
    func nothingFromOutsideReachesTheTerminalAsACommand(words: [String]) throws {
        guard case .ask(let command, _) = try Invocation(words) else { throw UsageError(says: "no command") }
        let evil = "x\u{1b}]0;t\u{7}\u{7f}\u{9b}2J\u{202e}\u{2067}\r\ny"
        let notification: JSON = [
            "outcome": .string(evil), "message": .string(evil), "receivedAt": .string(evil), "code": .string(evil),
            "reasons": [["rule": .string(evil), "says": .string(evil)]],
        ]
        let item: JSON = .object(
            [
                "kind", "key", "name", "contact", "state", "waitingFor", "code", "message", "requestId",
                "nextAttemptAt", "at", "door", "who", "opportunity", "receivedAt", "outcome", "entity",
                "record", "reason", "askedAt", "answer", "nextAt",
            ].map { JSON.Member($0, .string(evil)) }
                + [
                    JSON.Member("reasons", [["rule": .string(evil), "says": .string(evil)]]),
                    JSON.Member("notification", notification),
                    JSON.Member("desired", .object([JSON.Member(evil, .string(evil))])),
                    JSON.Member("confirmed", .object([JSON.Member(evil, .string(evil))])),
                    JSON.Member("before", .object([JSON.Member(evil, .string("a"))])),
                    JSON.Member("after", .object([JSON.Member(evil, .string(evil))])),
                ]
        )
        let value: JSON = ["value": .string(evil), "at": .string(evil)]
        let answer: JSON = .object(
            ["opportunity", "state", "since", "message", "code"].map { JSON.Member($0, .string(evil)) }
                + ["items", "notifications", "reads", "changes"].map { JSON.Member($0, [item]) }
                + [
                    JSON.Member("values", .object([JSON.Member(evil, value)])), JSON.Member("next", .string(evil)),
                    JSON.Member("reasons", [item]), JSON.Member("warnings", [.string(evil)]),
                    JSON.Member("marketo", item), JSON.Member("dynamics", item), JSON.Member("paused", true),
                    JSON.Member("budget", ["resetsAt": .string(evil)]), JSON.Member("inbox", item),
                    JSON.Member("removed", .object([JSON.Member(evil, 1)])),
                ]
        )
        for isTerminal in [false, true] {
            let screen = Screen(width: isTerminal ? 80 : .max, isTerminal: isTerminal, now: Self.now)
            let text = Ask.text(try JSONDocument(answer.encoded).root, to: command, on: screen)
            let found = text.unicodeScalars.filter { $0 != "\n" && Self.isUnsafe($0) }
            #expect(found.isEmpty, "\(found.map(\.value)) in \(text.debugDescription.prefix(300))")
        }
    }

    private static let id = "00000000-0000-0000-0000-000000000001"

    /// Colours where the terminal has them; they change nothing else.
    @Test func coloursComeAfterTheWidths() {
        var table = Table("KIND", "STATE", "MESSAGE")
        table.add("role", "parked", String(repeating: "long ", count: 40))
        table.add("role", "waiting for lead", "")
        var screen = Screen(isTerminal: true, now: Self.now)
        let plain = table.lines(on: screen)
        screen.hasColors = true
        let coloured = table.lines(on: screen)
        #expect(coloured[1].contains("\u{1b}[31mparked\u{1b}[0m") && coloured[2].contains("\u{1b}[33mwaiting"))
        #expect(coloured.map { $0.replacing(/\u{1b}\[[0-9]+m/, with: "") } == plain)
    }

    @Test(
        arguments: [
            (nil, "xterm-256color", true), ("", "xterm", true), ("1", "xterm", false), (nil, "dumb", false),
            (nil, nil, false), ("0", "xterm", false),
        ] as [(String?, String?, Bool)]
    )
    func coloursCanBeSwitchedOff(noColor: String?, terminal: String?, isWanted: Bool) {
        #expect(Paint.isWanted(noColor: noColor, terminal: terminal) == isWanted)
    }

    @Test(arguments: [(-60, "now"), (0, "now"), (120, "in 2 min")])
    func whatIsDueIsNotCalledNext(seconds: Int64, says: String) {
        let time = "\(Timestamp(second: Self.now.second + seconds))"
        #expect(Screen(isTerminal: true, now: Self.now).next(time) == says)
    }

    /// A role's key is longer than most terminals are wide: it has a line of its own, and the kind is whole.
    @Test func aRoleIsShownByName() throws {
        let key = "\(Self.id)/33330000-0000-0000-0000-000000000001/Technical Buyer"
        let answer = """
            {"items":[{"kind":"opportunity","key":"\(Self.id)","name":"Pumps","state":"waiting","waitingFor":"customer",\
            "attempts":12,"nextAttemptAt":"2020-01-01T00:00:00Z"},\
            {"kind":"role","key":"\(key)","name":"Pumps for Fabrikam, the second delivery of three","contact":"Ada Byron",\
            "state":"parked","code":"1003","message":"Invalid data of some kind","attempts":3}],"next":null}
            """
        let root = try JSONDocument(Array(answer.utf8)).root
        let lines = ListText.parked(root, Screen(isTerminal: true, now: Self.now))
        #expect(lines.filter { !$0.hasPrefix("  ") }.allSatisfy { $0.count <= 80 })
        #expect(lines[1].hasPrefix("opportunity  Pumps ") && lines[1].contains("  now"))
        #expect(lines[2] == "  \(Self.id)")
        #expect(lines[3].hasPrefix("role         Technical") && lines[3].contains("1003"))
        #expect(lines[4] == "  \(key)")
        let whole = ListText.parked(root, Screen(width: .max, now: Self.now))
        #expect(whole[2].contains("role         \(key)  Technical Buyer, Ada Byron, Pumps for Fabrikam, the second"))
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
                "KIND         KEY           RECORD    STATE             CODE  TRIES",
                "opportunity  1                       parked            1003  1",
                "role         1/2/Customer  Customer  settled",
                "role         1/2/Customer  Customer  waiting for lead", "", "opportunity 1",
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
