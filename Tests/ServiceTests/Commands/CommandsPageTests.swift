import Foundation
import HTTPServer
import OnewayCore
import Store
import Testing

@testable import Admin
@testable import Applying
@testable import Reading
@testable import oneway

/// docs/commands.md shows the real output of the commands.
@Suite struct CommandsPageTests {
    private static let screen = Screen(width: 80, now: Timestamp(second: 1_772_442_000))

    private static func sample(_ name: String) throws -> [String] {
        let page = try ContractTests.text("docs/commands.md")
        let block = try #require(page.components(separatedBy: "<!-- \(name) -->\n```\n").dropFirst().first)
        return try #require(block.components(separatedBy: "\n```").first).components(separatedBy: "\n")
    }

    private static func read(_ json: String) throws -> JSONValue { try JSONDocument(Array(json.utf8)).root }

    @Test func status() throws {
        let answer = """
            {"health":{"level":"attention","code":"marketo-away","since":"2026-03-02T08:15:00Z",\
            "sentence":"Marketo has a problem: today's calls are used up (607).","causes":[\
            {"sentence":"Marketo has a problem: today's calls are used up (607).",\
            "remedy":"The quota resets at midnight US Central time. Buy more, or make other programs use fewer."},\
            {"sentence":"Running; 1 record needs attention.",\
            "remedy":"Marketo refuses them: Parked says why, and how to fix it."}]},"alerts":null,\
            "inbox":{"unapplied":3,"quarantined":1,"bytes":43210},\
            "outbox":{"settled":5120,"pending":10,"waiting":2,"parked":1},"lag":{"apply":0,"forward":4},\
            "marketo":{"state":"backing-off","code":"607","message":"Daily quota reached"},\
            "budget":{"usedToday":49000,"leftToday":1000,"resetsAt":"2026-03-03T06:00:00Z"},\
            "dynamics":null,"coverage":{"dynamics":5011,"asOf":"2026-03-02T08:00:00Z","known":5010,"marketo":4998,\
            "pending":10,"waits":[{"state":"waiting","for":"name","count":2}]},"replicas":1,"warnings":["a step sends data synchronously"]}
            """
        #expect(try StatusText.lines(Self.read(answer), Self.screen) == Self.sample("status"))
    }

    /// From records in the store to the lines on a terminal of 80 columns.
    @Test func parked() async throws {
        let store = MemoryStore()
        let context = ApplyingRig(store)
        try await context.take(ProjectorTests.contactOf(ProjectorTests.account), ProjectorTests.opportunity(1))
        let now = ProjectorTests.now
        for (kind, message) in [(RecordKind.opportunity, "Invalid data"), (.role, "Access denied")] {
            let items = try await store.leader.claim(kind, limit: 9, now: now, until: now)
            let trouble = DeliveryTrouble(code: kind == .role ? "603" : "1003", message: message)
            try await store.leader.settle(items.map { Settlement($0, .parked(trouble, requestID: nil)) }, now: now)
        }
        let head = RequestHead(id: "t", method: "GET", path: "/api/outbox", query: "state=parked")
        let answer = try await context.api().answer(.outbox, Request(head: head, body: []))
        let screen = Screen(isTerminal: true, now: now)
        let lines = ListText.parked(try JSONDocument(answer.body).root, screen)
        #expect(try lines == Self.sample("parked"), "\(lines.joined(separator: "\n"))")
    }

    @Test func loadPlan() throws {
        let answer = """
            {"dryRun":true,"dynamics":{"opportunity":{"rows":20113,"atLeast":false},\
            "contact":{"rows":31020,"atLeast":false},"account":{"rows":9800,"atLeast":false},\
            "connection":{"rows":7450,"atLeast":false}},"named":{"contacts":14200,"accounts":6100,"roles":9000},\
            "requests":216,"calls":188,"callsLeft":49750,"days":1,"minutes":4,\
            "people":{"asked":300,"missing":12,"withoutValue":0}}
            """
        #expect(try LoadText.plan(Self.read(answer)) == Self.sample("load-plan"))
    }

    @Test func load() throws {
        func answer(_ state: String, _ phase: String, _ progress: String, _ result: String) throws -> JSONValue {
            try Self.read(
                #"{"state":"\#(state)","phase":"\#(phase)","progress":\#(progress),"#
                    + #""endsAt":"2026-03-02T09:05:00Z","message":null,"result":\#(result)}"#
            )
        }
        let reading = try answer(
            "running",
            "opportunities",
            #"{"done":15000,"total":20113,"unit":"opportunities"}"#,
            #"{"inMarketo":0,"waiting":0,"missingPeople":0,"parked":0,"callsLeft":49750}"#
        )
        let sending = try answer(
            "running",
            "sending",
            #"{"done":12400,"total":33600,"unit":"records"}"#,
            #"{"inMarketo":8150,"waiting":41,"missingPeople":41,"parked":0,"callsLeft":49690}"#
        )
        let done = try answer(
            "done",
            "sending",
            #"{"done":33600,"total":33600,"unit":"records"}"#,
            #"{"read":{"opportunity":20113,"contact":14187,"account":6095,"connection":7450},"requests":214,"#
                + #""inMarketo":20113,"waiting":41,"parked":0}"#
        )
        let shown =
            [reading, sending].map { LoadText.progress($0, Self.screen) } + LoadText.result(done, Self.screen)
        #expect(try shown == Self.sample("load"))
    }

    @Test func changes() throws {
        func change(_ number: UInt64, _ before: String, _ after: String) -> Change {
            let reasons = [Reason(rule: "R12", says: "the amount is estimatedvalue")]
            let key = DeliveryKey(
                .opportunity,
                "\(GUID(high: 0x5e6f_0002_71b4_ef11, low: 0xa72f_6045_bd90_5a00 + number))"
            )
            return Change(key: key, before: Array(before.utf8), after: Array(after.utf8), reasons: reasons)
        }
        let all = [
            change(1, #"{"stage":"Propose"}"#, #"{"stage":"3-Propose","amount":52500.0000}"#),
            change(2, #"{"stage":"Close"}"#, #"{"stage":"4-Close"}"#),
        ]
        var summary = ChangeSummary()
        for change in all { summary.add(change) }
        let first = ChangeText.lines(of: try JSONDocument(all[0].json.encoded).root, Self.screen)
        let lines = ChangeText.summary(summary, Self.screen) + [""] + first
        #expect(try lines == Self.sample("changes"), "\(lines.joined(separator: "\n"))")
    }

    @Test func erase() throws {
        let removed = #""removed":{"inbox":12,"mirror":0,"outbox":0}"#
        let told = try [
            #"{"state":"running","waitsFor":"marketo","left":2,"refused":1,"searched":0,\#(removed)}"#,
            #"{"state":"running","waitsFor":null,"left":0,"refused":0,"searched":200000,\#(removed)}"#,
        ].map { EraseText.progress(try Self.read($0)) }
        let end = try Self.read(#"{"state":"done","removed":{"inbox":12,"mirror":3,"outbox":2}}"#)
        let shown = told + [EraseText.removed(end)]
        #expect(try shown == Self.sample("erase"))
    }

    @Test func check() throws {
        let lines: [CheckLine] = [
            .passes("configuration", "valid, and sufficient to serve"),
            .fails(
                "public",
                "0.0.0.0 port 8080 is taken by another program",
                remedy: "choose another public.port, or stop that program (ss -ltnp shows it)"
            ),
            .warns(
                "fsync",
                "a synced write takes 31.5 ms (median of 20)",
                remedy: "every notification waits for one: a local SSD is much faster"
            ),
        ]
        let shown = (lines.map { $0.painted(on: Self.screen) } + [Check.summary(lines)]).joined(separator: "\n")
        #expect(shown == (try Self.sample("check")).joined(separator: "\n"))
    }

    @Test func register() throws {
        let url = "https://oneway.example/dynamics/notifications"
        var found = FoundWebhook(as: WantedWebhook(RuleBook(RuleSettings()), url: url, authentication: .header))
        let deletion = StepEvent("Delete", of: .contact)
        for index in found.steps.indices where found.steps[index].event == deletion {
            found.steps[index].values["statecode"] = .number(1)
        }
        found.steps.append(FoundStep(.zero, nil, ["name": .text("Win of opportunity")]))
        var settings = RuleSettings()
        settings.syncWhen = .init(column: "new_region", equals: .text("north"))
        let wanted = WantedWebhook(RuleBook(settings), url: url, authentication: .header)
        let guarding = FoundWebhook(
            as: WantedWebhook(guardAt: "https://oneway.example/dynamics/guard", authentication: .header)
        )
        let intents: [WebhookIntent] = [.present(wanted), .untouched(.guarding, url: guarding.url)]
        let plan = try RegistrationPlan(intents, found: [found, guarding])
        let lines = RegisterText.lines(plan, Screen(width: 100, now: Self.screen.now))
        #expect(try lines == Self.sample("register"))
    }

    /// Every command is on the page, and so are its words in the help.
    @Test func everyCommandIsDocumented() throws {
        let page = try ContractTests.text("docs/commands.md") + ContractTests.text("README.md")
        for command in Help.commands {
            #expect(page.contains("oneway \(command.name)") || page.contains("`\(command.name)`"), "\(command.name)")
            #expect(
                command.name == "help" || Help.text(command.name)?.hasPrefix("usage: oneway \(command.name)") == true
            )
        }
    }

    @Test func theHelpNamesAllReasonsToWait() {
        for command in ["waiting", "opportunities"] {
            for reason in WaitReason.allCases {
                #expect(Help.text(command)?.contains(reason.rawValue) == true, "\(command): \(reason)")
            }
        }
    }

    /// The help texts fit a terminal too.
    @Test func helpFits() {
        let all = Help.commands.compactMap { Help.text($0.name) }.joined(separator: "\n")
        #expect(all.split(separator: "\n").allSatisfy { $0.count <= 120 })
    }
}

extension FoundWebhook {
    /// Exactly as it should be.
    fileprivate init(as wanted: WantedWebhook) {
        let steps = wanted.steps.enumerated().map { index, step in
            let number = UInt64(index + 1)
            let images = step.image.map { [FoundImage(GUID(high: 2, low: number), $0.values)] } ?? []
            return FoundStep(GUID(high: 1, low: number), step.event, step.values, images: images)
        }
        self.init(GUID(high: 3, low: wanted.role == .data ? 1 : 2), wanted.values, isKeySet: true, steps: steps)
    }

    fileprivate var url: String? { if case .text(let url) = values["url"] { url } else { nil } }
}
