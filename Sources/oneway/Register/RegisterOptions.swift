extension Register {
    struct Options: Equatable, Sendable {
        var configuration: String?
        /// The public address of `/dynamics/notifications`.
        var url: String?
        /// The unique name of a solution in Dynamics.
        var solution: String?
        var isGuarding = false
        var removes = false
        /// Sends the key to existing webhooks too.
        var sendsKey = false
        var isDryRun = false
        var isSure = false
        var isJSON = false
    }
}

extension Register.Options {
    static let names: Set = [
        "--config", "--dry-run", "--guard", "--json", "--remove", "--send-key", "--solution", "--url", "--yes",
    ]

    init(_ given: Arguments) throws(UsageError) {
        self.init(
            configuration: given["--config"],
            url: given["--url"],
            solution: given["--solution"],
            isGuarding: given.has("--guard"),
            removes: given.has("--remove"),
            sendsKey: given.has("--send-key"),
            isDryRun: given.has("--dry-run"),
            isSure: given.has("--yes"),
            isJSON: given.has("--json")
        )
        if removes, solution != nil || sendsKey {
            throw UsageError(says: "`--solution` and `--send-key` have no meaning with `--remove`.")
        }
        if url == nil, !removes {
            throw UsageError(says: "`oneway register` needs --url with the public address that Dynamics is to call.")
        }
        if isJSON, !isDryRun, !isSure {
            throw UsageError(says: "`--json` asks nothing: add --dry-run to see the plan, or --yes to carry it out.")
        }
        // It becomes a header.
        if let solution, !solution.utf8.allSatisfy(Self.isOfName) {
            throw UsageError(says: "`--solution` needs the unique name of a solution: letters, digits, and _.")
        }
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}
