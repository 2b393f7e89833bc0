/// What was asked for on the command line.
enum Invocation: Equatable {
    case serve(configuration: String?)
    case health(configuration: String?)
    case explain(Explain.Options)
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

    private static func configuration(_ rest: inout ArraySlice<String>) throws(UsageError) -> String? {
        guard let option = rest.first else { return nil }
        if option.hasPrefix("--config=") {
            rest.removeFirst()
            return String(option.dropFirst("--config=".count))
        }
        guard option == "--config" else { return nil }
        rest.removeFirst()
        guard let path = rest.popFirst() else { throw UsageError(says: "`--config` needs a file after it.") }
        return path
    }
}

private func quoted(_ word: String) -> String { "`\(word)`" }
