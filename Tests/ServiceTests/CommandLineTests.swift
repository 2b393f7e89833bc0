import Testing

@testable import oneway

@Suite struct CommandLineTests {
    @Test(
        arguments: [
            ([], .help(nil)),
            (["help"], .help(nil)),
            (["--help"], .help(nil)),
            (["help", "serve"], .help("serve")),
            (["serve", "--help"], .help("serve")),
            (["--version"], .version),
            (["serve"], .serve(configuration: nil)),
            (["serve", "--config", "a.yaml"], .serve(configuration: "a.yaml")),
            (["serve", "--config=a.yaml"], .serve(configuration: "a.yaml")),
            (["health", "--config", "a.yaml"], .health(configuration: "a.yaml")),
            (["explain", "-"], .explain(Explain.Options(file: "-"))),
            (
                ["explain", "--json", "a.json", "--config=b.yaml"],
                .explain(Explain.Options(file: "a.json", configuration: "b.yaml", isJSON: true))
            ),
            (["sandbox"], .sandbox(SandboxCommand.Options())),
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

    @Test(arguments: [
        (["sevre"], "There is no command `sevre`. `oneway help` lists them."),
        (["explain", "--json"], "`oneway explain` needs a file, or - for standard input."),
        (["explain", "a", "b"], "`b` is one word too many after `oneway explain`."),
        (["serve", "--config"], "`--config` needs a file after it."),
        (["sandbox", "--port", "http"], "`--port` needs a number from 0 to 65535; 0 is a free one."),
        (["sandbox", "--client-id"], "`--client-id` needs a value after it."),
        (["sandbox", "on"], "`on` is one word too many after `oneway sandbox`."),
        (["serve", "a.yaml"], "`a.yaml` is one word too many after `oneway serve`."),
        (["serve", "--config", "a", "b"], "`b` is one word too many after `oneway serve`."),
    ])
    func saysWhatIsWrong(arguments: [String], says: String) {
        #expect(throws: UsageError(says: says)) { try Invocation(arguments) }
    }
}
