/// A point in time in UTC, to the millisecond.
public struct Timestamp: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Since 1970-01-01T00:00:00Z; negative before.
    public let milliseconds: Int64

    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    public init(second: Int64) { self.init(milliseconds: second &* 1000) }

    /// The whole second that contains it: Dynamics' `modifiedon` has no finer resolution.
    public var second: Int64 { Self.floor(milliseconds, 1000) }

    /// ISO 8601 with `Z`; milliseconds only if they are not zero.
    public var description: String {
        String(decoding: text(withMilliseconds: second &* 1000 != milliseconds), as: UTF8.self)
    }

    /// ISO 8601 with `Z`, as bytes.
    public func text(withMilliseconds: Bool) -> [UInt8] {
        let day = Self.floor(second, 86_400)
        let ofDay = second - day * 86_400
        let date = Self.date(ofDay: day)
        var text = (0...9999).contains(date.year) ? [] : Array("\(date.year)".utf8)
        func add(_ number: Int64, digits: Int, after separator: Character? = nil) {
            if let separator { text += separator.utf8 }
            var divisor: Int64 = digits == 4 ? 1000 : digits == 3 ? 100 : 10
            while divisor > 0 {
                text.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
                divisor /= 10
            }
        }
        if text.isEmpty { add(date.year, digits: 4) }
        add(date.month, digits: 2, after: "-")
        add(date.day, digits: 2, after: "-")
        add(ofDay / 3600, digits: 2, after: "T")
        add(ofDay / 60 % 60, digits: 2, after: ":")
        add(ofDay % 60, digits: 2, after: ":")
        if withMilliseconds { add(milliseconds &- second &* 1000, digits: 3, after: ".") }
        return text + "Z".utf8
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
}
