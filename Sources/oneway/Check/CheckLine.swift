import OnewayCore

/// One thing that was looked at, and the cure where it is not well.
struct CheckLine: Equatable, Sendable {
    enum State: String, Sendable { case passes, warns, fails }

    let name: String
    let state: State
    let says: String
    let cure: String?

    static func passes(_ name: String, _ says: String) -> CheckLine {
        CheckLine(name: name, state: .passes, says: says, cure: nil)
    }

    static func warns(_ name: String, _ says: String, cure: String) -> CheckLine {
        CheckLine(name: name, state: .warns, says: says, cure: cure)
    }

    static func fails(_ name: String, _ says: String, cure: String) -> CheckLine {
        CheckLine(name: name, state: .fails, says: says, cure: cure)
    }

    var json: JSON {
        ["name": .string(name), "state": .string(state.rawValue), "says": .string(says), "cure": .optional(cure)]
    }

    var text: String {
        let mark =
            switch state {
            case .passes: "ok  "
            case .warns: "warn"
            case .fails: "FAIL"
            }
        let line = "\(mark)  \(name.padded(to: 14)) \(says.printable)"
        return cure.map { "\(line)\n      \("".padded(to: 14)) cure: \($0.printable)" } ?? line
    }
}
