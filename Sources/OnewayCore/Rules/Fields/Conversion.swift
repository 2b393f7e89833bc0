/// Converts a column's value to a field's. Nil if it cannot be converted.
extension SelectedField.Conversion {
    /// The default conversion for a Dynamics type.
    static func implied(by value: Value, in column: String) -> Self {
        switch value {
        case .null, .text: .text
        case .bool: .yesNo
        case .number: .decimal
        case .money: .money
        case .time: SelectedField.daysByNature.contains(column) ? .date : .dateTime
        case .reference: .lookup(by: .id)
        case .choice: .choice(labels: [:])
        case .choices: .choices(labels: [:], separator: ";")
        }
    }

    func convert(_ value: Value) -> JSON? {
        if value.isNull { return .null }
        switch self {
        case .text: return Self.text(value).map(JSON.string)
        case .money, .decimal: return Self.digits(value).map(JSON.number)
        case .whole: return Self.digits(value).flatMap(Self.whole).map(JSON.number)
        case .yesNo: return Self.yesNo(value).map(JSON.bool)
        case .date: return Self.time(value).map { .string(Self.day($0)) }
        case .dateTime: return Self.time(value).map { .string(Timestamp(second: $0.second).description) }
        case .choice(let labels): return Self.number(value).map { Self.label($0, labels) }
        case .choices(let labels, let separator):
            guard case .choices(let numbers) = value else { return nil }
            return .string(numbers.map { labels[$0] ?? String($0) }.joined(separator: separator))
        case .lookup: return value.reference.map { .string($0.id.description) }
        }
    }

    private static func text(_ value: Value) -> String? {
        switch value {
        case .null: nil
        case .bool(let value): value ? "true" : "false"
        case .number(let text), .money(let text), .text(let text): text
        case .time(let time): Timestamp(second: time.second).description
        case .reference(_, let id): id.description
        case .choice(let number): String(number)
        case .choices(let numbers): numbers.map(String.init).joined(separator: ";")
        }
    }

    /// As received: an amount is never rounded.
    private static func digits(_ value: Value) -> String? {
        switch value {
        case .number(let digits), .money(let digits): digits
        case .choice(let number): String(number)
        default: nil
        }
    }

    private static func whole(_ digits: String) -> String? {
        if Int64(digits) != nil { return digits }
        guard let number = Double(digits)?.rounded(), abs(number) < 9_007_199_254_740_992 else { return nil }
        return String(Int64(number))
    }

    private static func yesNo(_ value: Value) -> Bool? {
        switch value {
        case .bool(let value): value
        case .choice(0), .number("0"): false
        case .choice(1), .number("1"): true
        default: nil
        }
    }

    private static func number(_ value: Value) -> Int? {
        switch value {
        case .choice(let number): number
        case .bool(let value): value ? 1 : 0
        default: nil
        }
    }

    private static func label(_ number: Int, _ labels: [Int: String]) -> JSON {
        labels[number].map(JSON.string) ?? .int(number)
    }

    private static func time(_ value: Value) -> Timestamp? { if case .time(let time) = value { time } else { nil } }

    /// The nearest UTC midnight: a column stored as local midnight is hours away from the intended day. A tie rounds
    /// forward.
    private static func day(_ time: Timestamp) -> String {
        let half: Int64 = 43_200
        return String(Timestamp(second: time.second + half).description.prefix(10))
    }
}
