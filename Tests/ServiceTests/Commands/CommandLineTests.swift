import OnewayCore
import Testing

@testable import oneway

@Suite struct CommandLineTests {
    @Test func theVersionNamesTheCommit() {
        let pattern = /oneway [0-9.]+ \(commit ([0-9a-f]{12}(, with changes)?|unknown); (debug|release) build\)/
        #expect(Help.version.wholeMatch(of: pattern) != nil, "\(Help.version)")
    }

    static let id = GUID("0f1e2d3c-0000-0000-0000-000000000001") ?? .zero
    static let here = Ask.Options()

    @Test(
        arguments: [
            ([], .help(nil)),
            (["help"], .help(nil)),
            (["--help"], .help(nil)),
            (["help", "serve"], .help("serve")),
            (["help", "--man"], .manual),
            (["completion", "zsh"], .completion(.zsh)),
            (["serve", "--help"], .help("serve")),
            (["--version"], .version),
            (["serve"], .serve(configuration: nil)),
            (["serve", "--config", "a.yaml"], .serve(configuration: "a.yaml")),
            (["serve", "--config=a.yaml"], .serve(configuration: "a.yaml")),
            (["health", "--config", "a.yaml"], .health(configuration: "a.yaml")),
            (["explain", "-"], .explain(Explain.Options(file: "-"))),
            (
                ["explain", "--json", "a.json", "--config=b.yaml"],
                .explain(
                    Explain.Options(file: "a.json", location: ServiceLocation(configuration: "b.yaml"), isJSON: true)
                )
            ),
            (
                ["explain", "a.json", "--server", "--url", "http://x:1"],
                .explain(
                    Explain.Options(file: "a.json", location: ServiceLocation(url: "http://x:1"), asksServer: true)
                )
            ),
            (
                ["changes", "--config", "n.yaml", "--store-of=o.yaml"],
                .changes(Changes.Options(configuration: "n.yaml", storeOf: "o.yaml"))
            ),
            (["fields", "--json"], .fields(configuration: nil, isJSON: true)),
            (["check", "--full"], .check(Check.Options(isFull: true))),
            (["sandbox"], .sandbox(SandboxCommand.Options())),
            (
                ["migrate-store", "sqlite:a.db", "postgresql://u@h/d"],
                .migrateStore(MigrateStore.Options(file: "a.db", database: "postgresql://u@h/d", isToDatabase: true))
            ),
            (
                ["migrate-store", "postgres://u@h/d", "sqlite:a.db"],
                .migrateStore(MigrateStore.Options(file: "a.db", database: "postgres://u@h/d", isToDatabase: false))
            ),
            (
                ["register", "--url=https://a/dynamics/notifications", "--dry-run", "--json", "--config", "c"],
                .register(
                    Register.Options(
                        configuration: "c",
                        url: "https://a/dynamics/notifications",
                        isDryRun: true,
                        isJSON: true
                    )
                )
            ),
            (
                ["register", "--url", "u", "--guard", "--send-key", "--solution", "S_1", "--yes"],
                .register(
                    Register.Options(url: "u", solution: "S_1", isGuarding: true, sendsKey: true, isSure: true)
                )
            ),
            (["register", "--remove"], .register(Register.Options(removes: true))),
            (
                ["sandbox", "--dynamics", "--busy", "5"],
                .sandbox(SandboxCommand.Options(dynamicsPort: 8083, busySeconds: 5))
            ),
            (["sandbox", "--dynamics-port=0"], .sandbox(SandboxCommand.Options(dynamicsPort: 0))),
            (
                [
                    "sandbox", "--port=0", "--address", "::1", "--client-id", "a", "--client-secret=b", "--auto-leads",
                    "--json",
                ],
                .sandbox(
                    SandboxCommand.Options(
                        address: "::1",
                        port: 0,
                        clientID: "a",
                        clientSecret: "b",
                        autoLeads: true,
                        isJSON: true
                    )
                )
            ),
        ] as [([String], Invocation)]
    )
    func understands(arguments: [String], invocation: Invocation) throws {
        #expect(try Invocation(arguments) == invocation)
    }

    @Test func aFileForMarketingHasNoOtherForm() throws {
        let command = AdminCommand.missingPeople(.init(limit: 500))
        #expect(try Invocation(["waiting", "--csv"]) == .ask(command, Ask.Options()))
        #expect(throws: UsageError.self) { try Invocation(["waiting", "--csv", "--json"]) }
        #expect(throws: UsageError.self) { try Invocation(["waiting", "--csv", "--for", "name"]) }
    }

    @Test(
        arguments: [
            (["status"], .status),
            (["opportunity", "{0F1E2D3C-0000-0000-0000-000000000001}"], .opportunity(id)),
            (["parked"], .parked(code: nil, AdminCommand.Page())),
            (
                ["parked", "--code", "1003", "--limit=9", "--after", "x"],
                .parked(code: "1003", .init(limit: 9, after: "x"))
            ),
            (["retry", "--all"], .retry(.all)),
            (["retry", "--code", "1003"], .retry(.code("1003"))),
            (["retry", "--waiting-for", "lead"], .retry(.waitingFor("lead"))),
            (["waiting", "--for", "lead", "--limit=9"], .waiting(for: "lead", .init(limit: 9))),
            (
                ["opportunities", "--state", "waiting", "--waiting-for=lead", "--since", "2026-01-31", "--oldest"],
                .opportunities(
                    .init(conditions: [
                        ("state", "waiting"), ("waitingFor", "lead"), ("changedSince", "2026-01-31"),
                        ("order", "oldest"),
                    ]),
                    AdminCommand.Page()
                )
            ),
            (["find", "north", "pumps"], .find("north pumps", limit: 50)),
            (["retry", "role", "a/b/c"], .retry(.key(kind: "role", key: "a/b/c"))),
            (["replay", "a", "b"], .replay(.notifications(["a", "b"], isDry: false))),
            (
                ["replay", "--from", "2026-01-31", "--dry-run"],
                .replay(.range(from: "2026-01-31", to: nil, outcome: nil, isDry: true))
            ),
            (["pause"], .pause),
            (["resume"], .resume),
            (["refusals", "--limit", "500"], .refusals(AdminCommand.Page(limit: 500))),
            (["allow", "0f1e2d3c-0000-0000-0000-000000000001"], .allow(id)),
            (
                ["erase", "--contact", "0f1e2d3c-0000-0000-0000-000000000001", "--yes"],
                .erase(contact: id, isSure: true)
            ),
        ] as [([String], AdminCommand)]
    )
    func understandsAdminCommands(arguments: [String], command: AdminCommand) throws {
        #expect(try Invocation(arguments) == .ask(command, Self.here))
        #expect(
            try Invocation(arguments + ["--json", "--config", "a"])
                == .ask(command, .init(.init(configuration: "a"), isJSON: true))
        )
    }

    @Test(arguments: [
        (["sevre"], "There is no command `sevre`. Did you mean `serve`? `oneway help` lists them."),
        (
            ["oportunity"],
            "There is no command `oportunity`. Did you mean `opportunity`? `oneway help` lists them."
        ),
        (["nonsense"], "There is no command `nonsense`. `oneway help` lists them."),
        (
            ["status", "--jsno"],
            "`oneway status` has no option `--jsno`. Did you mean `--json`? `oneway help status` explains those that it has."
        ),
        (
            ["serve", "--confg=a"],
            "`oneway serve` has no option `--confg`. Did you mean `--config`? `oneway help serve` explains those that it has."
        ),
        (
            ["migrate-store", "sqlite:a.db", "b.db"],
            "`oneway migrate-store` needs a sqlite:PATH and a postgresql://USER@HOST/DATABASE, in either order."
        ),
        (["completion"], "`oneway completion` needs a shell: bash, zsh, or fish."),
        (["completion", "tcsh"], "`tcsh` is none of bash, zsh, and fish."),
        (
            ["status", "--ca", "a", "--url", "http://x"],
            "`--ca` says whom to trust under https://: it needs such a `--url`."
        ),
        (["explain", "--json"], "`oneway explain` needs a file, or - for standard input."),
        (["explain", "a", "b"], "`b` is one word too many after `oneway explain`."),
        (["explain", "a", "--url", "http://x"], "`--url` says where the service is: add --server to ask it."),
        (["serve", "--config"], "`--config` needs a file after it."),
        (["serve", "--config="], "`--config` needs a file after it."),
        (["sandbox", "--port", "http"], "`--port` needs a number from 0 to 65535; 0 is a free one."),
        (["sandbox", "--client-id"], "`--client-id` needs a value after it."),
        (["sandbox", "on"], "`on` is one word too many after `oneway sandbox`."),
        (["serve", "a.yaml"], "`a.yaml` is one word too many after `oneway serve`."),
        (["serve", "--config", "a", "b"], "`b` is one word too many after `oneway serve`."),
        (
            ["status", "--all"],
            "`oneway status` has no option `--all`. `oneway help status` explains those that it has."
        ),
        (["status", "--json=yes"], "`--json=yes` is one word too many after `oneway status`."),
        (
            ["status", "--config", "a", "--url", "http://x"],
            "Either `--config` or `--url` says where the service is, not both."
        ),
        (["opportunity"], "`oneway opportunity` needs an opportunity's id."),
        (["opportunity", "x/../y"], "`x/../y` is not a GUID."),
        (["register"], "`oneway register` needs --url with the public address that Dynamics is to call."),
        (
            ["register", "--url"],
            "`--url` needs an address such as https://oneway.example/dynamics/notifications after it."
        ),
        (
            ["register", "--url=u", "--json"],
            "`--json` asks nothing: add --dry-run to see the plan, or --yes to carry it out."
        ),
        (["register", "--remove", "--send-key"], "`--solution` and `--send-key` have no meaning with `--remove`."),
        (
            ["register", "--url=u", "--solution=a b"],
            "`--solution` needs the unique name of a solution: letters, digits, and _."
        ),
        (["parked", "--limit", "0"], "`--limit` is a whole number from 1 to 500."),
        (["retry"], "`oneway retry` needs one of --all, --code CODE, --waiting-for REASON, or KIND KEY."),
        (
            ["retry", "--all", "role", "x"],
            "`oneway retry` needs one of --all, --code CODE, --waiting-for REASON, or KIND KEY."
        ),
        (
            ["waiting", "--csv", "--limit", "9"],
            "`oneway waiting --csv` writes all people that Marketo lacks, and takes no other option."
        ),
        (["find"], "`oneway find` needs what to find."),
        (["replay"], "`oneway replay` needs notifications' ids, or some of --from, --to, --outcome."),
        (
            ["replay", "a", "--from", "b"],
            "`oneway replay` needs notifications' ids, or some of --from, --to, --outcome."
        ),
        (["erase", "--yes"], "`oneway erase` needs --contact with a contact's id."),
        (["changes"], "`oneway changes` needs --config with the other configuration."),
    ])
    func saysWhatIsWrong(arguments: [String], says: String) {
        #expect(throws: UsageError(says: says)) { try Invocation(arguments) }
    }

    /// Completion and the manual page are made from the help texts, so these must have exactly the options that exist.
    @Test func theHelpHasTheOptionsThatExist() {
        // Whatever else may be wrong with a line does not matter here.
        func trouble(_ words: String...) -> String? {
            do throws(UsageError) { _ = try Invocation(words) } catch { return error.says }
            return nil
        }
        let all = Set(Help.commands.flatMap { Help.options(of: $0.name) }.map(\.name))
        for command in Help.commands.map(\.name) {
            let options = Help.options(of: command)
            let taken = all.filter { trouble(command, $0, "1")?.contains("has no option") != true }
            if command == "help" { continue }
            #expect(Set(options.map(\.name)) == taken, "\(command)")
            for option in options {
                #expect(!option.does.isEmpty, "\(command) \(option.name)")
                let takesValue = trouble(command, option.name)?.hasSuffix(" after it.") == true
                #expect(takesValue == (option.value != nil), "\(command) \(option.name)")
            }
        }
    }

    /// A line break or an ampersand in an argument cannot inject anything into the request.
    @Test func whatIsAskedStaysInItsPlace() {
        let command = AdminCommand.parked(code: "1 &x=\r\n", .init(limit: 5, after: "role/a b"))
        #expect(command.request.path == "/api/outbox?state=parked&code=1%20%26x%3D%0D%0A&limit=5&after=role%2Fa%20b")
    }
}
