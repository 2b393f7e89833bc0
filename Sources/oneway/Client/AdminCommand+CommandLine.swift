import OnewayCore

extension AdminCommand {
    static let names: Set = [
        "status", "opportunity", "parked", "retry", "replay", "pause", "resume", "refusals", "replicas", "allow",
        "refresh", "erase",
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
        case "refusals":
            arguments = try given(["--limit", "--after"])
            parsed = .refusals(try Page(arguments))
        case "retry":
            arguments = try given(["--all", "--code"], words: 2)
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

    private static func guid(_ word: String) throws(UsageError) -> GUID {
        guard let id = GUID(word) else { throw UsageError(says: "\(quoted(word)) is not a GUID.") }
        return id
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
        switch (arguments.has("--all"), arguments["--code"], arguments.words.count) {
        case (true, nil, 0): self = .all
        case (false, let code?, 0): self = .code(code)
        case (false, nil, 2): self = .key(kind: arguments.words[0], key: arguments.words[1])
        default: throw UsageError(says: "`oneway retry` needs one of --all, --code CODE, or KIND KEY.")
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
