/// A parsed command line.
enum Invocation: Equatable {
    case serve(configuration: String?)
    case health(configuration: String?)
    case explain(Explain.Options)
    case ask(AdminCommand, Ask.Options)
    case compare(Compare.Options)
    case changes(Changes.Options)
    case fields(configuration: String?, isJSON: Bool)
    case check(Check.Options)
    case register(Register.Options)
    case sandbox(SandboxCommand.Options)
    case demo(isOnce: Bool, usesFreePorts: Bool)
    case loadFiles(LoadFiles.Options)
    case load(Load.Options)
    case migrateStore(MigrateStore.Options)
    case reconcile(Reconcile.Options)
    case help(String?)
    case manual
    case completion(Completion)
    case version
}

/// An invalid command line, with a sentence that says what is expected.
struct UsageError: Error, Equatable { let says: String }

extension UsageError {
    static func unknown(command: String) -> UsageError {
        let nearest = Nearest.question(command, among: Help.commands.map(\.name))
        return UsageError(says: "There is no command \(quoted(command)).\(nearest) `oneway help` lists them.")
    }
}

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
            let options: Set = ["--ca", "--config", "--json", "--server", "--url"]
            self = .explain(try Explain.Options(given(options, wants: ["a file, or - for standard input"])))
        case "changes": self = .changes(try Changes.Options(given(["--config", "--store-of", "--json"])))
        case "fields":
            let given = try given(["--config", "--json"])
            self = .fields(configuration: given["--config"], isJSON: given.has("--json"))
        case "check": self = .check(Check.Options(try given(["--config", "--full", "--json", "--repair", "--steps"])))
        case "register": self = .register(try Register.Options(given(Register.Options.names)))
        case "sandbox":
            let options: Set = [
                "--address", "--auto-leads", "--busy", "--client-id", "--client-secret", "--dynamics",
                "--dynamics-port",
                "--json", "--port",
            ]
            self = .sandbox(try SandboxCommand.Options(given(options)))
        case "import":
            let wants = ["a file, or - for standard input"]
            self = .loadFiles(try LoadFiles.Options(given(["--ca", "--config", "--url"], wants: wants)))
        case "migrate-store":
            let wants = ["the store to copy from", "the store to copy to"]
            self = .migrateStore(try MigrateStore.Options(given([], wants: wants)))
        case "verify":
            self = .compare(try Compare.Options(verify: given(Compare.Options.verifyNames, more: 1)))
        case "adopt": self = .compare(try Compare.Options(adopt: given(Compare.Options.adoptNames)))
        case "load":
            let given = try given(Load.Options.names, more: LoadFiles.filesMax)
            self = given.words.isEmpty ? .load(try Load.Options(given)) : .loadFiles(try LoadFiles.Options(given))
        case "reconcile": self = .reconcile(try Reconcile.Options(given(Reconcile.Options.names)))
        case "demo":
            let given = try given(["--free-ports", "--once"])
            self = .demo(isOnce: given.has("--once"), usesFreePorts: given.has("--free-ports"))
        case "help", "--help", "-h":
            let given = try given(["--man"], more: 1)
            self = given.has("--man") ? .manual : .help(given.words.first)
        case "completion":
            let shell = try given([], wants: ["a shell: bash, zsh, or fish"]).words[0]
            guard let completion = Completion(rawValue: shell) else {
                throw UsageError(says: "\(quoted(shell)) is none of bash, zsh, and fish.")
            }
            self = .completion(completion)
        case "--version", "version":
            _ = try given([])
            self = .version
        default: throw .unknown(command: command)
        }
    }
}
