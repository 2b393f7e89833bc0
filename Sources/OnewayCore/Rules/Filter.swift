/// R14: only opportunities that match are synced, if the operator configures it. Unknown or empty counts as a match.
extension RuleBook {
    func filtered(_ opportunity: MirrorRecord) -> Reason? {
        guard let condition = settings.syncWhen, let value = opportunity[condition.column], !value.isNull,
            !Self.matches(value, condition.equals)
        else { return nil }
        return Reason(rule: "R14", says: "\(condition.column) does not match rules.syncWhen")
    }

    private static func matches(_ value: Value, _ literal: RuleSettings.Literal) -> Bool {
        switch (value, literal) {
        case (.bool(let value), .yesNo(let wanted)): value == wanted
        case (.choice(let value), .yesNo(let wanted)): value == (wanted ? 1 : 0)
        case (.choice(let value), .number(let wanted)): isEqual(String(value), wanted)
        case (.bool(let value), .number(let wanted)): isEqual(value ? "1" : "0", wanted)
        case (.number(let value), .number(let wanted)), (.money(let value), .number(let wanted)):
            isEqual(value, wanted)
        case (.choices(let values), .number(let wanted)): values.contains { isEqual(String($0), wanted) }
        case (.text(let value), .text(let wanted)): value == wanted
        case (.reference(_, let id), .text(let wanted)): id == GUID(wanted)
        default: false
        }
    }

    private static func isEqual(_ digits: String, _ wanted: String) -> Bool {
        if digits == wanted { return true }
        guard let left = Double(digits), let right = Double(wanted) else { return false }
        return left == right
    }
}
