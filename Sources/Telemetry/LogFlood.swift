/// Limits how often each message is written per interval, so that a broken disk does not flood the log.
///
/// The number of dropped lines is reported once the interval is over. Messages are constants, so there are few of them.
struct LogFlood {
    static let linesMax = 20
    static let whileMilliseconds: Int64 = 10_000

    private struct Seen {
        var since: Int64
        var lines = 0
        var dropped = 0
    }

    private var seen: [String: Seen] = [:]

    /// Whether this line may be written.
    mutating func admit(_ message: String, at time: Int64) -> Bool {
        var entry = seen[message] ?? Seen(since: time)
        // A clock that was set back must not silence a message for hours.
        if time < entry.since || time - entry.since >= Self.whileMilliseconds {
            entry = Seen(since: time, dropped: entry.dropped)
        }
        let isAdmitted = entry.lines < Self.linesMax
        if isAdmitted { entry.lines += 1 } else { entry.dropped += 1 }
        seen[message] = entry
        return isAdmitted
    }

    /// The lines dropped in intervals that are over, or, at the end, in any. Reported once.
    mutating func dropped(at time: Int64, isEnd: Bool = false) -> [(message: String, count: Int)] {
        let over = seen.filter { _, entry in
            entry.dropped > 0 && (isEnd || time < entry.since || time - entry.since >= Self.whileMilliseconds)
        }
        for message in over.keys { seen[message]?.dropped = 0 }
        return over.map { ($0.key, $0.value.dropped) }.sorted { $0.message < $1.message }
    }
}
