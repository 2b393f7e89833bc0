import OnewayCore

/// Formatted values, for people only.
struct Formatted: Sendable {
    private let book: DataverseBook

    init(_ book: DataverseBook) { self.book = book }

    /// Nil if there is no formatted value.
    func text(_ value: ColumnValue, _ column: Column) -> String? {
        switch value {
        case .text, .id: nil
        case .number(let digits): Self.grouped(digits)
        case .money(let digits): "$" + Self.grouped(Self.cents(digits))
        case .flag(let flag): flag ? "Yes" : "No"
        case .choice(let number): column.choices?.first { $0.value == number }?.label
        case .moment(let moment): Self.date(moment) + " " + Self.clock(moment)
        case .day(let day): Self.date(day)
        case .lookup(let reference): book.name(of: reference)
        }
    }

    /// `1/31/2026`
    private static func date(_ moment: Timestamp) -> String {
        let parts = "\(moment)".prefix(10).split(separator: "-").compactMap { Int($0) }
        return parts.count == 3 ? "\(parts[1])/\(parts[2])/\(parts[0])" : "\(moment)"
    }

    /// `8:15 AM`
    private static func clock(_ moment: Timestamp) -> String {
        let parts = "\(moment)".dropFirst(11).prefix(5).split(separator: ":")
        guard parts.count == 2, let hour = Int(parts[0]) else { return "" }
        return "\(hour % 12 == 0 ? 12 : hour % 12):\(parts[1]) \(hour < 12 ? "AM" : "PM")"
    }

    private static func cents(_ digits: String) -> String {
        let parts = digits.split(separator: ".")
        return "\(parts.first ?? "0")." + ((parts.count > 1 ? String(parts[1]) : "") + "00").prefix(2)
    }

    private static func grouped(_ digits: String) -> String {
        let parts = digits.split(separator: ".", maxSplits: 1)
        var whole = ""
        for (index, digit) in (parts.first ?? "0").reversed().enumerated() {
            if index > 0, index % 3 == 0, digit != "-" { whole.append(",") }
            whole.append(digit)
        }
        return String(whole.reversed()) + (parts.count > 1 ? ".\(parts[1])" : "")
    }
}
