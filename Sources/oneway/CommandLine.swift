/// A parsed command line.
enum Invocation: Equatable {
    case serve(configuration: String?)
    case health(configuration: String?)
    case explain(Explain.Options)
    case ask(AdminCommand, Ask.Options)
    case changes(Changes.Options)
    case fields(configuration: String?, isJSON: Bool)
    case check(Check.Options)
    case register(Register.Options)
    case sandbox(SandboxCommand.Options)
    case demo(isOnce: Bool)
    case importing(Import.Options)
    case migrateStore(MigrateStore.Options)
    case help(String?)
    case version
}

/// An invalid command line, with a sentence that says what is expected.
struct UsageError: Error, Equatable { let says: String }

extension Invocation {
    init(_ arguments: [String]) throws(UsageError) {
        var rest = arguments[...]
        guard let command = rest.popFirst() else { self = .help(nil); return }
        if rest.contains("--help") || rest.contains("-h") { self = .help(command); return }
        if let (admin, options) = try AdminCommand.read(command, rest) {
            self = .ask(admin, options)
            return
        }
        func given(_ options: Set<String>, wants: [String] = [], more: Int = 0) throws(UsageError) -> Arguments {
            try Arguments(rest, of: command, options: options, wants: wants, more: more)
        }
        switch command {
        case "serve": self = .serve(configuration: try given(["--config"])["--config"])
        case "health": self = .health(configuration: try given(["--config"])["--config"])
        case "explain":
            let options: Set = ["--config", "--json", "--server", "--url"]
            self = .explain(try Explain.Options(given(options, wants: ["a file, or - for standard input"])))
        case "changes": self = .changes(try Changes.Options(given(["--config", "--store-of", "--json"])))
        case "fields":
            let given = try given(["--config", "--json"])
            self = .fields(configuration: given["--config"], isJSON: given.has("--json"))
        case "check": self = .check(Check.Options(try given(["--config", "--full", "--json", "--steps"])))
        case "register": self = .register(try Register.Options(given(Register.Options.names)))
        case "sandbox":
            let options: Set = [
                "--address", "--auto-leads", "--busy", "--client-id", "--client-secret", "--dynamics",
                "--dynamics-port",
                "--json", "--port",
            ]
            self = .sandbox(try SandboxCommand.Options(given(options)))
        case "import":
            let wants = ["a file of JSON lines, or - for standard input"]
            self = .importing(try Import.Options(given(["--config", "--url"], wants: wants)))
        case "migrate-store":
            let wants = ["the store to copy from", "the store to copy to"]
            self = .migrateStore(try MigrateStore.Options(given([], wants: wants)))
        case "demo": self = .demo(isOnce: try given(["--once"]).has("--once"))
        case "help", "--help", "-h": self = .help(try given([], more: 1).words.first)
        case "--version", "version":
            _ = try given([])
            self = .version
        default: throw UsageError(says: "There is no command \(quoted(command)). `oneway help` lists them.")
        }
    }
}
