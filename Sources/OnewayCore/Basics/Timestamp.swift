/// A moment in UTC, to the millisecond.
public struct Timestamp: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Since 1970-01-01T00:00:00Z; negative before.
    public let milliseconds: Int64

    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    public init(second: Int64) { self.init(milliseconds: second &* 1000) }

    /// The whole second this moment lies in: Dynamics' `modifiedon` knows no finer time.
    public var second: Int64 { Self.floor(milliseconds, 1000) }

    /// ISO 8601 with `Z`; milliseconds only where there are any.
    public var description: String {
        let (day, ofDay) = (Self.floor(second, 86_400), second - Self.floor(second, 86_400) * 86_400)
        let date = Self.date(ofDay: day)
        let fraction = milliseconds &- second &* 1000
        let clock = "\(Self.two(ofDay / 3600)):\(Self.two(ofDay / 60 % 60)):\(Self.two(ofDay % 60))"
        let year = (0...9999).contains(date.year) ? Self.padded(date.year, 4) : "\(date.year)"
        let tail = fraction == 0 ? "Z" : ".\(Self.padded(fraction, 3))Z"
        return "\(year)-\(Self.two(date.month))-\(Self.two(date.day))T\(clock)\(tail)"
    }

    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }

    /// The proleptic Gregorian date of a day counted from 1970-01-01.
    private static func date(ofDay day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        // Years begin in March here, so that the leap day is the last of its year.
        let shifted = day + 719_468
        let era = floor(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let dayOfMonth = dayOfYear - (153 * month + 2) / 5 + 1
        let calendarMonth = month < 10 ? month + 3 : month - 9
        return (yearOfEra + era * 400 + (calendarMonth <= 2 ? 1 : 0), calendarMonth, dayOfMonth)
    }

    private static func floor(_ value: Int64, _ divisor: Int64) -> Int64 {
        value >= 0 ? value / divisor : (value + 1) / divisor - 1
    }

    private static func two(_ value: Int64) -> String { padded(value, 2) }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
