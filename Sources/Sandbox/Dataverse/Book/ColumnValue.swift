public import OnewayCore

/// The value of a column. Null is represented by absence.
public enum ColumnValue: Hashable, Sendable {
    case text(String)
    /// The digits of a whole, decimal, or floating-point number.
    case number(String)
    case flag(Bool)
    /// Choices, states, and type codes.
    case choice(Int)
    case money(String)
    case moment(Timestamp)
    /// A date without a time: midnight UTC.
    case day(Timestamp)
    case id(GUID)
    case lookup(RowReference)
}

public struct RowReference: Hashable, Sendable {
    public let table: String
    public let id: GUID

    public init(_ table: String, _ id: GUID) {
        self.table = table
        self.id = id
    }
}

extension ColumnValue {
    var reference: RowReference? {
        if case .lookup(let reference) = self { reference } else { nil }
    }

    var text: String? {
        if case .text(let text) = self { text } else { nil }
    }

    var choice: Int? {
        if case .choice(let number) = self { number } else { nil }
    }

    var flag: Bool? {
        if case .flag(let flag) = self { flag } else { nil }
    }

    var digits: String? {
        switch self {
        case .number(let digits), .money(let digits): digits
        default: nil
        }
    }
}

extension ColumnValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral {
    public init(stringLiteral text: String) { self = .text(text) }
    public init(booleanLiteral flag: Bool) { self = .flag(flag) }
}
