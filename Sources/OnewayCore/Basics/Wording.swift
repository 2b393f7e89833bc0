/// Numbers and times for human readers.
public enum Wording {
    /// `1,234,567`.
    public static func number(_ number: some BinaryInteger) -> String {
        var digits = Array(String(number.magnitude))
        var place = digits.count - 3
        while place > 0 {
            digits.insert(",", at: place)
            place -= 3
        }
        return (number < 0 ? "-" : "") + String(digits)
    }

    /// `1 record`, `2,000 records`.
    public static func count(_ number: some BinaryInteger, _ one: String, _ many: String? = nil) -> String {
        "\(self.number(number)) \(number == 1 ? one : many ?? one + "s")"
    }

    /// Two units at most: `3 s`, `4 min`, `2 h 5 min`, `6 d 1 h`.
    public static func duration(seconds: Int64) -> String {
        let units: [(name: String, seconds: Int64)] = [("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)]
        guard let first = units.firstIndex(where: { seconds >= $0.seconds }) else { return "0 s" }
        let (large, rest) = (units[first], seconds % units[first].seconds)
        let whole = "\(seconds / large.seconds) \(large.name)"
        // Seconds beside minutes would change with every refresh.
        guard first < 2, rest >= units[first + 1].seconds else { return whole }
        return "\(whole) \(rest / units[first + 1].seconds) \(units[first + 1].name)"
    }

    /// `1 h 2 min ago`, or `in 3 min`.
    public static func relative(_ time: Timestamp, _ now: Timestamp) -> String {
        let seconds = (now.milliseconds - time.milliseconds) / 1000
        if seconds == 0 { return "now" }
        return seconds > 0 ? "\(duration(seconds: seconds)) ago" : "in \(duration(seconds: -seconds))"
    }

    /// `2026-01-31 08:15:00 UTC`.
    public static func absolute(_ time: Timestamp) -> String {
        "\(Timestamp(second: time.second))".replacing("T", with: " ").replacing("Z", with: " UTC")
    }

    /// `08:15`.
    public static func clock(_ time: Timestamp) -> String { String(absolute(time).dropFirst(11).prefix(5)) }

    public static func bytes(_ count: some BinaryInteger) -> String {
        let count = Int64(count)
        if count < 1 << 10 { return "\(count) bytes" }
        if count < 1 << 20 { return "\(count >> 10) KB" }
        return "\(number(count >> 20)) MB"
    }
}
