/// A number that is looked at again and again, and how it changed over a time. A look in ten seconds is enough.
public struct Growth: Sendable {
    private let seconds: Int64
    private let stepSeconds: Int64
    /// Oldest first. The first one may be older than the time.
    private var looks: [(at: Timestamp, value: Int64)]

    public init(over seconds: Int64, from value: Int64 = 0, at start: Timestamp) {
        self.seconds = seconds
        // At most about a hundred looks.
        stepSeconds = max(5, seconds / 100)
        looks = [(start, value)]
    }

    /// Returns how much more it is than that long ago, or than at the first look.
    public mutating func look(_ value: Int64, _ now: Timestamp) -> Int64 {
        note(value, now)
        return value - looks[0].value
    }

    /// What it will be after so many seconds if it goes on as it did; nil before an hour is known.
    public mutating func extrapolate(_ value: Int64, _ now: Timestamp, seconds ahead: Int64) -> Int64? {
        note(value, now)
        let known = now.second - looks[0].at.second
        return known < 3600 ? nil : value + (value - looks[0].value) / known * ahead
    }

    private mutating func note(_ value: Int64, _ now: Timestamp) {
        if let last = looks.last, now.second - last.at.second >= stepSeconds { looks.append((now, value)) }
        while looks.count > 1, looks[1].at.second <= now.second - seconds { looks.removeFirst() }
    }
}
