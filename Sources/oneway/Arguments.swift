/// The words after a command, parsed by the command's own list of options.
struct Arguments: Equatable {
    private(set) var words: [String] = []
    private var values: [String: String] = [:]
    private var flags: Set<String> = []

    /// Options that need a value after them, with its description, which may be a command's own.
    private static let needs = [
        "--address": "an address such as 127.0.0.1",
        "--after": "the `next` of the previous page",
        "--ca": "a file of certificates, in PEM",
        "--busy": "a number of seconds from 1 to 3600",
        "--client-id": "a value",
        "--client-secret": "a value",
        "--code": "a code, such as 1003",
        "--company": "an account's id",
        "--config": "a file",
        "--contact": "a contact's id",
        "--dynamics-port": "a number from 0 to 65535; 0 is a free one",
        "--for": "what is waited for, such as lead",
        "--from": "a time such as 2026-01-31T08:15:00Z",
        "--limit": "a number",
        "--only": "opportunity, connection, contact, or account",
        "--outcome": "accepted, refused, or quarantined",
        "--port": "a number from 0 to 65535; 0 is a free one",
        "--sample": "a number of opportunities",
        "--share": "a percentage from 1 to 100",
        "--since": "a date such as 2026-01-31",
        "--solution": "the unique name of a solution",
        "--state": "a state such as waiting",
        "--store-of": "a file",
        "--to": "a time such as 2026-01-31T08:15:00Z",
        "--url": "an address such as http://127.0.0.1:8081 or https://oneway.example",
        "--waiting-for": "what is waited for, such as lead",
        "opportunities --since": "a time such as 2026-01-31T08:15:00Z",
        "register --url": "an address such as https://oneway.example/dynamics/notifications",
    ]

    /// - Parameters:
    ///   - options: The command's options; those without a line in `needs` are flags.
    ///   - wants: The required words.
    ///   - more: The number of words that may follow them.
    init(
        _ given: ArraySlice<String>,
        of command: String,
        options: Set<String>,
        wants: [String] = [],
        more: Int = 0
    ) throws(UsageError) {
        var rest = given
        while let word = rest.popFirst() {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            if options.contains(word), Self.needs[word] == nil {
                flags.insert(word)
            } else if options.contains(parts[0]), let need = Self.needs[parts[0]] {
                guard let value = parts.count == 2 ? parts[1] : rest.popFirst(), !value.isEmpty else {
                    let need = Self.needs["\(command) \(parts[0])"] ?? need
                    throw UsageError(says: "\(quoted(parts[0])) needs \(need) after it.")
                }
                values[parts[0]] = value
            } else if words.count < wants.count + more, word == "-" || !word.hasPrefix("-") {
                words.append(word)
            } else {
                throw Self.surplus(word, after: command, options)
            }
        }
        if words.count < wants.count {
            throw UsageError(says: "`oneway \(command)` needs \(wants[words.count]).")
        }
    }

    private static func surplus(_ word: String, after command: String, _ options: Set<String>) -> UsageError {
        let name = String(word.prefix { $0 != "=" })
        guard name.hasPrefix("-"), !options.contains(name) else {
            return UsageError(says: "\(quoted(word)) is one word too many after `oneway \(command)`.")
        }
        let nearest = Nearest.question(name, among: options)
        let more = "`oneway help \(command)` explains those that it has."
        return UsageError(says: "`oneway \(command)` has no option \(quoted(name)).\(nearest) \(more)")
    }

    /// The value of an option.
    subscript(option: String) -> String? { values[option] }

    func has(_ flag: String) -> Bool { flags.contains(flag) }
}

func quoted(_ word: String) -> String { "`\(word)`" }
