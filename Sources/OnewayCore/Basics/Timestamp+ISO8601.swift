/// Times as written by people and APIs: `2026-01-31`, `2026-01-31T08:15:00Z`, `2026-01-31T08:15:00.250Z`. Anything
/// finer than a millisecond is dropped.
extension Timestamp {
    public init?(iso8601 text: String) {
        let parts = text.split(separator: "T", omittingEmptySubsequences: false)
        guard parts.count <= 2, let days = Self.days(parts[0]) else { return nil }
        guard parts.count == 2 else {
            self.init(milliseconds: days * 86_400_000)
            return
        }
        guard parts[1].last == "Z", let milliseconds = Self.milliseconds(parts[1].dropLast()) else { return nil }
        self.init(milliseconds: days * 86_400_000 + milliseconds)
    }

    private static func days(_ text: Substring) -> Int64? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, let year = number(parts[0], digits: 4), let month = number(parts[1], digits: 2),
            let day = number(parts[2], digits: 2), (1...12).contains(month), day >= 1, day <= lastDay(month, of: year)
        else { return nil }
        // Years begin in March here, so that the leap day is the last of its year.
        let marchYear = month > 2 ? year : year - 1
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return marchYear * 365 + marchYear / 4 - marchYear / 100 + marchYear / 400 + dayOfYear - 719_468
    }

    private static func lastDay(_ month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static func milliseconds(_ text: Substring) -> Int64? {
        let halves = text.split(separator: ".", omittingEmptySubsequences: false)
        let parts = halves[0].split(separator: ":", omittingEmptySubsequences: false)
        guard halves.count <= 2, parts.count == 3, let hours = number(parts[0], digits: 2),
            let minutes = number(parts[1], digits: 2), let seconds = number(parts[2], digits: 2),
            hours < 24, minutes < 60, seconds < 60
        else { return nil }
        let whole = ((hours * 60 + minutes) * 60 + seconds) * 1000
        guard halves.count == 2 else { return whole }
        guard 1...9 ~= halves[1].utf8.count, number(halves[1], digits: halves[1].utf8.count) != nil else { return nil }
        return number((halves[1] + "00").prefix(3), digits: 3).map { whole + $0 }
    }

    private static func number(_ text: Substring, digits: Int) -> Int64? {
        text.utf8.count == digits && text.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains)
            ? Int64(text) : nil
    }
}
