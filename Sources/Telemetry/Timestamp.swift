import Glibc

/// `2025-11-21T06:51:27.123Z` from milliseconds since 1970.
func timestamp(_ milliseconds: Int64) -> [UInt8] {
    let day = Int64(86_400_000)
    let days = milliseconds >= 0 ? milliseconds / day : (milliseconds - day + 1) / day
    let rest = milliseconds - days * day
    let (year, month, dayOfMonth) = civil(days)
    var text = Array("0000-00-00T00:00:00.000Z".utf8)
    func put(_ number: Int64, _ positions: ClosedRange<Int>) {
        var left = max(0, number)
        for position in positions.reversed() {
            text[position] = UInt8(ascii: "0") + UInt8(left % 10)
            left /= 10
        }
    }
    put(year, 0...3)
    put(month, 5...6)
    put(dayOfMonth, 8...9)
    put(rest / 3_600_000, 11...12)
    put(rest / 60_000 % 60, 14...15)
    put(rest / 1000 % 60, 17...18)
    put(rest % 1000, 20...22)
    return text
}

/// Days since 1970 as a date; counting years from March puts the leap day last (Hinnant, "chrono-compatible low-level
/// date algorithms").
private func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
}

extension Log {
    @Sendable public static func millisecondsNow() -> Int64 {
        var now = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
    }
}
