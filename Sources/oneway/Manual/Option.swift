/// An option as the help text of a command has it: completion and the manual page are made from the same words.
struct Option: Equatable {
    /// With its dashes.
    let name: String
    /// What the help calls its value; nil: it has none.
    let value: String?
    let does: String
}

extension Help {
    /// The options in a command's usage, in its order, each with the first line of its explanation.
    static func options(of command: String) -> [Option] {
        guard let text = text(command) else { return [] }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let usage = lines.prefix { !$0.isEmpty }.joined(separator: " ")
        var options: [Option] = []
        for match in usage.matches(of: /(--[a-z][a-z-]*)(?: ([A-Z]+))?/) {
            let name = String(match.1)
            if options.contains(where: { $0.name == name }) { continue }
            options.append(Option(name: name, value: match.2.map(String.init), does: does(name, lines)))
        }
        return options
    }

    /// Beside the option, or on the next line if it is too long for that.
    private static func does(_ name: String, _ lines: [Substring]) -> String {
        for (number, line) in lines.enumerated() {
            guard line.hasPrefix("  --"), let words = line.firstMatch(of: /^  (--.*?)(?:  +(.*))?$/) else { continue }
            let names = words.1.split(separator: ",").map { $0.drop { $0 == " " }.prefix { $0 != " " } }
            guard names.contains(where: { $0 == name }) else { continue }
            let text = words.2 ?? lines.dropFirst(number + 1).first ?? ""
            return String(text.drop { $0 == " " })
        }
        return ""
    }
}
