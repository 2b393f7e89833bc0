/// What was asked for on the command line.
enum Invocation: Equatable {
    case serve(configuration: String?)
    case health(configuration: String?)
    case explain(Explain.Options)
    case sandbox(SandboxCommand.Options)
    case help(String?)
    case version
}

/// A command line that cannot be followed, with a sentence that says what would do.
struct UsageError: Error, Equatable { let says: String }

extension Invocation {
    init(_ arguments: [String]) throws(UsageError) {
        var rest = arguments[...]
        guard let first = rest.popFirst() else { self = .help(nil); return }
        if rest.contains("--help") || rest.contains("-h") { self = .help(first); return }
        switch first {
        case "serve": self = .serve(configuration: try Self.configuration(&rest))
        case "health": self = .health(configuration: try Self.configuration(&rest))
        case "explain": self = .explain(try Self.explain(&rest))
        case "sandbox": self = .sandbox(try Self.sandbox(&rest))
        case "help", "--help", "-h": self = .help(rest.popFirst())
        case "--version", "version": self = .version
        default: throw UsageError(says: "There is no command \(quoted(first)). `oneway help` lists them.")
        }
        if let extra = rest.first {
            throw UsageError(says: "\(quoted(extra)) is one word too many after `oneway \(first)`.")
        }
    }

    private static func explain(_ rest: inout ArraySlice<String>) throws(UsageError) -> Explain.Options {
        var options = Explain.Options(file: "")
        while let word = rest.first {
            if word == "--json" {
                options.isJSON = true
                rest.removeFirst()
            } else if let path = try configuration(&rest) {
                options.configuration = path
            } else if options.file.isEmpty, word == "-" || !word.hasPrefix("-") {
                options.file = word
                rest.removeFirst()
            } else {
                break
            }
        }
        if options.file.isEmpty, rest.isEmpty {
            throw UsageError(says: "`oneway explain` needs a file, or - for standard input.")
        }
        return options
    }

    private static func sandbox(_ rest: inout ArraySlice<String>) throws(UsageError) -> SandboxCommand.Options {
        var options = SandboxCommand.Options()
        while let word = rest.first {
            if word == "--json" {
                options.isJSON = true
                rest.removeFirst()
            } else if word == "--auto-leads" {
                options.autoLeads = true
                rest.removeFirst()
            } else if let text = try value("--port", &rest) {
                guard let port = Int(text), (0...65_535).contains(port) else {
                    throw UsageError(says: "`--port` needs a number from 0 to 65535; 0 is a free one.")
                }
                options.port = port
            } else if let address = try value("--address", &rest) {
                options.address = address
            } else if let id = try value("--client-id", &rest) {
                options.clientID = id
            } else if let secret = try value("--client-secret", &rest) {
                options.clientSecret = secret
            } else {
                break
            }
        }
        return options
    }

    private static func configuration(_ rest: inout ArraySlice<String>) throws(UsageError) -> String? {
        try value("--config", &rest, "a file")
    }

    /// Of `--option value` or `--option=value`, where that is next.
    private static func value(
        _ name: String,
        _ rest: inout ArraySlice<String>,
        _ what: String = "a value"
    ) throws(UsageError) -> String? {
        guard let option = rest.first else { return nil }
        if option.hasPrefix(name + "=") {
            rest.removeFirst()
            return String(option.dropFirst(name.count + 1))
        }
        guard option == name else { return nil }
        rest.removeFirst()
        guard let value = rest.popFirst() else { throw UsageError(says: "`\(name)` needs \(what) after it.") }
        return value
    }
}

private func quoted(_ word: String) -> String { "`\(word)`" }
