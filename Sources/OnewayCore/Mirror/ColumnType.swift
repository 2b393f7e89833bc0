/// What a column of a Dynamics table holds.
public enum ColumnType: String, Hashable, Sendable, CaseIterable {
    case text, number, money, flag, time, choice, choices, lookup, id
    /// Cannot be read as a column: files, images, parties, and the parts of other columns.
    case other
}

extension Value {
    /// As the Web API writes it; nil for a value that a column of this type cannot have. `table` is that of a look-up.
    public init?(_ json: JSONValue, _ type: ColumnType, table: String?) {
        if json.isNull {
            self = .null
            return
        }
        let value: Value? =
            switch type {
            case .text, .id: json.string.map { .text($0) }
            case .number: json.number.map { .number($0) }
            case .money: json.number.map { .money($0) }
            case .flag: json.bool.map { .bool($0) }
            case .time: json.string.flatMap { Timestamp(iso8601: $0) }.map { .time($0) }
            case .choice: json.int.map { .choice($0) }
            case .choices: json.string.flatMap(Self.options).map { .choices($0) }
            case .lookup: Self.reference(json.string, table)
            case .other: nil
            }
        guard let value else { return nil }
        self = value
    }

    /// As an exported file has it, where everything is text. Nothing is guessed: a number with thousands separators, a
    /// local time, or the label of a choice is nil.
    public init?(exported text: String, _ type: ColumnType, table: String?) {
        if text.isEmpty {
            self = .null
            return
        }
        let value: Value? =
            switch type {
            case .text, .id: .text(text)
            case .number: Self.digits(text).map { .number($0) }
            case .money: Self.digits(text).map { .money($0) }
            case .flag: Self.flags[text.lowercased()].map { .bool($0) }
            case .time: Timestamp(iso8601: text).map { .time($0) }
            case .choice: Int(text).map { .choice($0) }
            case .choices: Self.options(text.replacing(";", with: ",")).map { .choices($0) }
            case .lookup: Self.reference(text, table)
            case .other: nil
            }
        guard let value else { return nil }
        self = value
    }

    private static let flags = ["true": true, "false": false, "1": true, "0": false]

    /// Those that are a number in JSON too.
    private static func digits(_ text: String) -> String? { (try? JSONDocument(Array(text.utf8)))?.root.number }

    private static func reference(_ id: String?, _ table: String?) -> Value? {
        guard let table, let id = id.flatMap({ GUID($0) }) else { return nil }
        return id.isZero ? .null : .reference(entity: table, id: id)
    }

    /// `1,5,3`, as a multi-select is given.
    private static func options(_ text: String) -> [Int]? {
        let parts = text.split(separator: ",").map { Int($0) }
        let numbers = Set(parts.compactMap(\.self))
        return parts.contains(nil) ? nil : numbers.sorted()
    }
}
