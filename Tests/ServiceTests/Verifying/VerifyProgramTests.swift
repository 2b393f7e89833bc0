import Configuration
import OnewayCore
import Sandbox
import Testing

@testable import Service
@testable import oneway

/// The comparison through the service's API, its page, and the commands.
@Suite struct VerifyProgramTests {
    private static let opportunity = "5e6f0001-71b4-ef11-a72f-6045bd905a01"

    private static func invoke(_ words: String...) async throws -> Int32 {
        guard case .compare(let options) = try Invocation(words) else {
            Issue.record("\(words) is another command")
            return -1
        }
        return await Compare.run(options)
    }

    private static let notifications = [
        "opportunity-created-contact", "opportunity-created-both", "connection-created-stakeholder",
        "opportunity-created-account", "contact-created", "account-created", "opportunity-won",
    ]

    @Test func theServiceCompares() async throws {
        var options = SandboxOptions()
        options.autoLeads = true
        try await withSandbox(options) { sandbox, marketo in
            let configure = { (settings: inout Configuration) in
                settings.marketo = marketo
                settings.dynamics.keys = []
                settings.dynamics.anonymous = true
                settings.public.address = .loopback
            }
            try await AppTests.withApp(store: .memory, configure) { app in
                #expect(try await AppTests.ask("GET", app.admin, "/api/verify").status == 404)
                #expect(try await AppTests.ask("GET", app.admin, "/api/adopt").status == 404)
                #expect(try await AppTests.ask("GET", app.admin, "/verify").body.contains("None yet"))
                for name in Self.notifications {
                    let body = try ContractTests.text("examples/notifications/\(name).json")
                    _ = try await AppTests.ask("POST", app.public, "/dynamics/notifications", body)
                }
                let deadline = ContinuousClock.now + .seconds(120)
                while ContinuousClock.now < deadline {
                    let outbox = try await AppTests.ask("GET", app.admin, "/api/status").members["outbox"]
                    let counts = outbox as? [String: Int] ?? [:]
                    if counts["pending"] == 0, counts["settled"] ?? 0 > 4 { break }
                    try await Task.sleep(for: .milliseconds(50))
                }
                let url = "http://127.0.0.1:\(app.admin)"
                #expect(try await Self.invoke("verify", "--url", url) == 0, "nothing differs")
                #expect(try await Self.invoke("verify", Self.opportunity, "--url", url, "--csv") == 0)
                #expect(try await Self.invoke("adopt", "--dry-run", "--url", url, "--json") == 0)
                sandbox.reset()
                #expect(try await Self.invoke("verify", "--repair", "--share", "100", "--url", url) == 1)
                #expect(try await Self.invoke("verify", "--last", "--url", url) == 1)
                for command in ["verify", "adopt"] {
                    #expect(try await Self.invoke(command, "--cancel", "--url", url) == 0, "\(command)")
                }
                let page = try await AppTests.ask("GET", app.admin, "/verify?limit=2").body
                #expect(page.contains("/opportunities/\(Self.opportunity)") || page.contains("Show more"))
                let list = try await AppTests.ask("GET", app.admin, "/api/verify/findings?what=missing&limit=2")
                #expect(list.items.count == 2 && list.members["next"] is String)
                for job in ["/api/verify", "/api/adopt"] {
                    #expect(try await AppTests.ask("DELETE", app.admin, job).status == 200, "\(job)")
                }
                for bad in [#"{"sample": 0}"#, #"{"share": 101}"#, #"{"all": true}"#, "[]"] {
                    #expect(try await AppTests.ask("POST", app.admin, "/api/verify", bad).status == 400, "\(bad)")
                }
                let one = "/api/opportunities/\(GUID(high: 1, low: 1))/verify"
                #expect(try await AppTests.ask("POST", app.admin, one).status == 404)
            }
        }
    }

    @Test(arguments: [
        ["verify", "nonsense"], ["verify", "--sample", "0"], ["verify", "--last", "--cancel"],
        ["verify", "--csv", "--json"], ["verify", opportunity, "--last"], ["adopt", "now"],
    ])
    func aBadCommandLineIsRefused(words: [String]) {
        #expect(throws: UsageError.self) { _ = try Invocation(words) }
    }

    /// Numbers for people are grouped, those for programs are not.
    @Test func largeNumbersCanBeRead() throws {
        func read(_ json: String) throws -> JSONValue { try JSONDocument(Array(json.utf8)).root }
        let job = try read(
            #"{"state":"done","calls":1234,"progress":{"done":5000,"total":20113},"result":{"missing":1500}}"#
        )
        #expect(CompareText.progress(job) == "5,000 of 20,113 records, 1,500 missing")
        let task = Compare.Task.verify(sample: nil, share: nil, repairs: false)
        let lines = CompareText.job(job, [], task, Screen(now: Timestamp(second: 0)))
        #expect(lines.contains { $0.hasSuffix(" 1,234") } && lines.contains { $0.hasSuffix(" 1,500") }, "\(lines)")
    }

    @Test func tablesGoToSpreadsheetsWithoutFormulas() throws {
        let json = """
            [{"what":"different","kind":"opportunity","key":"k","opportunity":null,"cause":"marketo","says":"a, b",\
            "sentAgain":false,"fields":[{"name":"name","dynamics":"=1+1","wanted":null,"marketo":"say \\"x\\""}]}]
            """
        let lines = CompareText.csv(try JSONDocument(Array(json.utf8)).root.elements)
        #expect(lines.count == 2 && lines[0].hasPrefix("what,kind,key,"))
        #expect(lines[1] == #"different,opportunity,k,,marketo,"a, b",false,name,'=1+1,,"say ""x""""#)
    }
}
