import OnewayCore

extension AdminCommand {
    static let names: Set = [
        "status", "opportunity", "parked", "retry", "replay", "pause", "resume", "refusals", "replicas", "allow",
        "refresh", "erase", "find", "waiting", "opportunities",
    ]

    /// Nil where the command is none of these.
    static func read(_ command: String, _ rest: ArraySlice<String>) throws(UsageError) -> (AdminCommand, Ask.Options)? {
        var options: Set = ["--ca", "--config", "--url", "--json"]
        func given(
            _ more: Set<String> = [],
            wants: [String] = [],
            words: Int = 0
        ) throws(UsageError) -> Arguments {
            options.formUnion(more)
            return try Arguments(rest, of: command, options: options, wants: wants, more: words)
        }
        let arguments: Arguments
        let parsed: AdminCommand
        switch command {
        case "status":
            arguments = try given(["--exit-code"])
            parsed = .status
        case "pause", "resume":
            arguments = try given()
            parsed = command == "pause" ? .pause : .resume
        case "replicas":
            arguments = try given()
            parsed = .replicas
        case "opportunity", "allow", "refresh":
            arguments = try given(wants: ["an opportunity's id"])
            let id = try guid(arguments.words[0])
            parsed = command == "allow" ? .allow(id) : command == "refresh" ? .refresh(id) : .opportunity(id)
        case "parked":
            arguments = try given(["--code", "--limit", "--after"])
            parsed = .parked(code: arguments["--code"], try Page(arguments))
        case "waiting":
            arguments = try given(["--for", "--csv", "--limit", "--after"])
            parsed = try waiting(arguments)
        case "opportunities":
            arguments = try given(Set(Filter.options.map(\.option)).union(["--oldest", "--limit", "--after"]))
            parsed = .opportunities(Filter(arguments), try Page(arguments))
        case "find":
            arguments = try given(["--limit"], wants: ["what to find"], words: 100)
            parsed = .find(arguments.words.joined(separator: " "), limit: try Page(arguments).limit)
        case "refusals":
            arguments = try given(["--limit", "--after"])
            parsed = .refusals(try Page(arguments))
        case "retry":
            arguments = try given(["--all", "--code", "--waiting-for"], words: 2)
            parsed = .retry(try Retry(arguments))
        case "replay":
            arguments = try given(["--from", "--to", "--outcome", "--dry-run"], words: .max)
            parsed = .replay(try Replay(arguments))
        case "erase":
            arguments = try given(["--contact", "--yes"])
            guard let contact = arguments["--contact"] else {
                throw UsageError(says: "`oneway erase` needs --contact with a contact's id.")
            }
            parsed = .erase(contact: try guid(contact), isSure: arguments.has("--yes"))
        default: return nil
        }
        return (parsed, Self.options(try ServiceLocation(arguments), arguments))
    }

    private static func options(_ location: ServiceLocation, _ arguments: Arguments) -> Ask.Options {
        Ask.Options(location, isJSON: arguments.has("--json"), exitsByLevel: arguments.has("--exit-code"))
    }

    /// For marketing, the people instead of the records: all of them.
    private static func waiting(_ arguments: Arguments) throws(UsageError) -> AdminCommand {
        guard arguments.has("--csv") else { return .waiting(for: arguments["--for"], try Page(arguments)) }
        guard ["--limit", "--after"].allSatisfy({ arguments[$0] == nil }), (arguments["--for"] ?? "lead") == "lead",
            !arguments.has("--json")
        else {
            throw UsageError(
                says: "`oneway waiting --csv` writes all people that Marketo lacks, and takes no other option."
            )
        }
        return .missingPeople(Page(limit: 500))
    }

    private static func guid(_ word: String) throws(UsageError) -> GUID {
        guard let id = GUID(word) else { throw UsageError(says: "\(quoted(word)) is not a GUID.") }
        return id
    }
}

extension AdminCommand.Filter {
    static let options: [(option: String, name: String)] = [
        ("--state", "state"), ("--waiting-for", "waitingFor"), ("--code", "code"), ("--company", "company"),
        ("--since", "changedSince"),
    ]

    fileprivate init(_ arguments: Arguments) {
        conditions = Self.options.compactMap { option, name in arguments[option].map { (name, $0) } }
        if arguments.has("--oldest") { conditions.append(("order", "oldest")) }
    }
}

extension AdminCommand.Page {
    fileprivate init(_ arguments: Arguments) throws(UsageError) {
        after = arguments["--after"]
        guard let text = arguments["--limit"] else { return }
        guard let number = Int(text), 1...500 ~= number else {
            throw UsageError(says: "`--limit` is a whole number from 1 to 500.")
        }
        limit = number
    }
}

extension AdminCommand.Retry {
    fileprivate init(_ arguments: Arguments) throws(UsageError) {
        switch (arguments.has("--all"), arguments["--code"], arguments["--waiting-for"], arguments.words.count) {
        case (true, nil, nil, 0): self = .all
        case (false, let code?, nil, 0): self = .code(code)
        case (false, nil, let reason?, 0): self = .waitingFor(reason)
        case (false, nil, nil, 2): self = .key(kind: arguments.words[0], key: arguments.words[1])
        default:
            throw UsageError(
                says: "`oneway retry` needs one of --all, --code CODE, --waiting-for REASON, or KIND KEY."
            )
        }
    }
}

extension AdminCommand.Replay {
    fileprivate init(_ arguments: Arguments) throws(UsageError) {
        let range = ["--from", "--to", "--outcome"].map { arguments[$0] }
        let isDry = arguments.has("--dry-run")
        switch (arguments.words.isEmpty, range.allSatisfy { $0 == nil }) {
        case (false, true): self = .notifications(arguments.words, isDry: isDry)
        case (true, false): self = .range(from: range[0], to: range[1], outcome: range[2], isDry: isDry)
        default:
            throw UsageError(says: "`oneway replay` needs notifications' ids, or some of --from, --to, --outcome.")
        }
    }
}
