/// The reason for an outcome: the rule that decided, if any, and a sentence for a reader who does not read code.
public struct Reason: Hashable, Sendable {
    /// `R4`, `R7`, ...; nil if no rule was involved.
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
