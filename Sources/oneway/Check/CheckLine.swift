import OnewayCore

/// The result of one check, with the remedy if there is a problem.
struct CheckLine: Equatable, Sendable {
    enum State: String, Sendable { case passes, warns, fails }

    let name: String
    let state: State
    let says: String
    let remedy: String?

    static func passes(_ name: String, _ says: String) -> CheckLine {
        CheckLine(name: name, state: .passes, says: says, remedy: nil)
    }

    static func warns(_ name: String, _ says: String, remedy: String) -> CheckLine {
        CheckLine(name: name, state: .warns, says: says, remedy: remedy)
    }

    static func fails(_ name: String, _ says: String, remedy: String) -> CheckLine {
        CheckLine(name: name, state: .fails, says: says, remedy: remedy)
    }

    var json: JSON {
        ["name": .string(name), "state": .string(state.rawValue), "says": .string(says), "cure": .optional(remedy)]
    }

    var text: String {
        let line = "\(mark.word)  \(name.padded(to: 14)) \(says.printable)"
        return remedy.map { "\(line)\n      \("".padded(to: 14)) fix: \($0.printable)" } ?? line
    }

    func painted(on screen: Screen) -> String {
        mark.paint(mark.word, on: screen) + text.dropFirst(mark.word.count)
    }

    private var mark: (word: String, paint: Paint) {
        switch state {
        case .passes: ("ok  ", .green)
        case .warns: ("warn", .yellow)
        case .fails: ("FAIL", .red)
        }
    }
}
