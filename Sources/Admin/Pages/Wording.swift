package import OnewayCore

/// Numbers and times for human readers.
enum Wording {
    /// `1,234,567`.
    static func number(_ number: some BinaryInteger) -> String {
        var digits = Array(String(number.magnitude))
        var place = digits.count - 3
        while place > 0 {
            digits.insert(",", at: place)
            place -= 3
        }
        return (number < 0 ? "-" : "") + String(digits)
    }

    /// `1 record`, `2,000 records`.
    static func count(_ number: some BinaryInteger, _ one: String, _ many: String? = nil) -> String {
        "\(self.number(number)) \(number == 1 ? one : many ?? one + "s")"
    }

    /// Two units at most: `3 s`, `4 min`, `2 h 5 min`, `6 d 1 h`.
    static func duration(seconds: Int64) -> String {
        let units: [(name: String, seconds: Int64)] = [("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)]
        guard let first = units.firstIndex(where: { seconds >= $0.seconds }) else { return "0 s" }
        let (large, rest) = (units[first], seconds % units[first].seconds)
        let whole = "\(seconds / large.seconds) \(large.name)"
        // Seconds beside minutes would change with every refresh.
        guard first < 2, rest >= units[first + 1].seconds else { return whole }
        return "\(whole) \(rest / units[first + 1].seconds) \(units[first + 1].name)"
    }

    /// `1 h 2 min ago`, or `in 3 min`.
    static func relative(_ time: Timestamp, _ now: Timestamp) -> String {
        let seconds = (now.milliseconds - time.milliseconds) / 1000
        if seconds == 0 { return "now" }
        return seconds > 0 ? "\(duration(seconds: seconds)) ago" : "in \(duration(seconds: -seconds))"
    }

    /// `2026-01-31 08:15:00 UTC`.
    static func absolute(_ time: Timestamp) -> String {
        "\(Timestamp(second: time.second))".replacing("T", with: " ").replacing("Z", with: " UTC")
    }

    /// `08:15`.
    static func clock(_ time: Timestamp) -> String { String(absolute(time).dropFirst(11).prefix(5)) }

    static func bytes(_ count: some BinaryInteger) -> String {
        let count = Int64(count)
        if count < 1 << 10 { return "\(count) bytes" }
        if count < 1 << 20 { return "\(count >> 10) KB" }
        return "\(number(count >> 20)) MB"
    }
}

extension HTML {
    /// Relative for readers; absolute in the tooltip and for programs.
    package static func time(_ time: Timestamp, _ now: Timestamp) -> HTML {
        .tag("time", ["datetime": "\(time)", "title": Wording.absolute(time)], "\(Wording.relative(time, now))")
    }

    /// When something is to happen: what is due is not called next.
    static func next(_ time: Timestamp, _ now: Timestamp) -> HTML { .time(max(time, now), now) }

    /// Text from outside, isolated so that its writing direction does not affect the text around it.
    package static func foreign(_ text: String) -> HTML { .tag("bdi", [:], .text(text)) }

    package static func code(_ text: String) -> HTML { .tag("code", [:], .text(text)) }

    package static func link(_ to: String, _ words: HTML) -> HTML { .tag("a", ["href": to], words) }
}
