/// Why an outcome is what it is: the rule that decided, where one did, and a sentence for a reader who knows no code.
public struct Reason: Hashable, Sendable {
    /// `R4`, `R7`, ...; nil where no rule of the mission was needed.
    public let rule: String?
    public let says: String

    public init(rule: String? = nil, says: String) {
        self.rule = rule
        self.says = says
    }
}

extension Reason {
    public var json: JSON { ["rule": .optional(rule), "says": .string(says)] }
}
