import OnewayCore

extension Explain {
    /// The answer of `POST /api/explain` for a reader who knows Dynamics but not code.
    static func text(_ explanation: JSONValue, _ screen: Screen) -> String {
        let about = ["message", "entity", "record"].compactMap { explanation[$0]?.string?.printable }
        let code = explanation["code"]?.string.map { " (\($0.printable))" } ?? ""
        let outcome = explanation["outcome"]?.string?.printable ?? ""
        var lines = ["\(outcome)\(code): \(about.isEmpty ? "unreadable" : about.joined(separator: " "))"]
        if explanation["repaired"]?.bool == true { lines.append("its text was encoded twice and has been repaired") }
        var says = Table("", "")
        for attribute in explanation["attributes"]?.members ?? [] {
            says.add(attribute.name, attribute.value["value"]?.shown ?? "")
        }
        lines += section("It says", says.lines(on: screen, inset: 2))
        lines += section("Because", (explanation["reasons"]?.elements ?? []).map(\.reason))
        let changes = ChangeText.lines(explanation, screen)
        return (lines + (changes.isEmpty ? ["", "Marketo: this alone changes nothing"] : changes))
            .joined(separator: "\n")
    }

    private static func section(_ title: String, _ lines: [String]) -> [String] {
        lines.isEmpty ? [] : ["", title] + lines.map { "  \($0)" }
    }
}
