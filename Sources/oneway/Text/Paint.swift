/// Colours, for terminals that have them. They only repeat what the words say.
enum Paint: String {
    case bold = "1", red = "31", green = "32", yellow = "33"

    /// Of the state of a record or the outcome of a notification; nil where nobody has to look.
    init?(state: String) {
        switch state.prefix(while: { $0 != " " }) {
        case "parked", "quarantined", "refused": self = .red
        case "waiting": self = .yellow
        case "settled", "accepted": self = .green
        default: return nil
        }
    }

    func callAsFunction(_ text: String, on screen: Screen) -> String {
        screen.hasColors ? "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" : text
    }

    /// https://no-color.org: any value that is not empty means none.
    static func isWanted(noColor: String?, terminal: String?) -> Bool {
        (noColor ?? "").isEmpty && !(terminal ?? "").isEmpty && terminal != "dumb"
    }
}
