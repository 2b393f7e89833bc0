import Coordination
package import OnewayCore
import Threads

/// Counts what is accepted and what is sent.
package final class Traffic: Sendable {
    private let ring: Locked<TrafficRing>
    private let synchronous = Locked<Timestamp?>(nil)
    private let now: @Sendable () -> Timestamp

    package init(now: @escaping @Sendable () -> Timestamp = TimeSource.systemNow) {
        self.now = now
        ring = Locked(TrafficRing(since: now()))
    }

    package func count(_ flow: TrafficRing.Flow, _ number: Int = 1) {
        let now = now()
        ring.withLock { $0.count(flow, number, at: now) }
    }

    /// Continues what was counted before a restart; nothing where it cannot be read.
    package func restore(_ note: [UInt8]) {
        ring.withLock { ring in
            if let kept = TrafficRing(note: note) { ring = kept }
        }
    }

    package var seen: TrafficRing { ring.withLock { $0 } }

    /// Records that data arrived from a synchronous step, which a user's save waits for.
    func noteSynchronousStep() {
        let now = now()
        synchronous.withLock { $0 = now }
    }

    /// When a synchronous step last sent data, since the service started.
    package var synchronousStepAt: Timestamp? { synchronous.withLock { $0 } }
}

/// Counts of what was accepted and sent, by minute for an hour and by hour for a day. Bounded in size.
package struct TrafficRing: Hashable, Sendable {
    package enum Flow: Int, CaseIterable, Sendable {
        /// Notifications that were stored.
        case accepted
        /// Records that Marketo confirmed.
        case sent
    }

    package let since: Timestamp
    private var minutes = Slots(seconds: 60, count: 60)
    private var hours = Slots(seconds: 3_600, count: 24)

    init(since: Timestamp) { self.since = since }

    mutating func count(_ flow: Flow, _ number: Int, at time: Timestamp) {
        minutes.count(flow, number, at: time)
        hours.count(flow, number, at: time)
    }

    /// Oldest first; the last one is still being counted.
    package func lastHour(_ flow: Flow, _ now: Timestamp) -> [Bar] { minutes.bars(flow, now, since) }
    package func lastDay(_ flow: Flow, _ now: Timestamp) -> [Bar] { hours.bars(flow, now, since) }

    package struct Bar: Hashable, Sendable {
        package let start: Timestamp
        package let count: Int
        /// False for the time before counting began.
        package let isCounted: Bool
    }

    fileprivate struct Slots: Hashable, Sendable {
        let seconds: Int64
        fileprivate var numbers: [Int64]
        fileprivate var counts: [[Int]]

        init(seconds: Int64, count: Int) {
            self.seconds = seconds
            numbers = Array(repeating: .min, count: count)
            counts = Array(repeating: Array(repeating: 0, count: Flow.allCases.count), count: count)
        }

        private func number(_ time: Timestamp) -> Int64 { max(0, time.second) / seconds }
        private func place(_ number: Int64) -> Int { Int(number % Int64(numbers.count)) }

        mutating func count(_ flow: Flow, _ more: Int, at time: Timestamp) {
            let (number, place) = (number(time), place(number(time)))
            if numbers[place] < number {
                numbers[place] = number
                counts[place] = Array(repeating: 0, count: Flow.allCases.count)
            }
            // If the clock went back by a whole round, the slot is in use for a later time, and nothing is counted.
            if numbers[place] == number { counts[place][flow.rawValue] += more }
        }

        func bars(_ flow: Flow, _ now: Timestamp, _ since: Timestamp) -> [Bar] {
            let last = number(now)
            return (last - Int64(numbers.count) + 1...last).map { number in
                let isKept = number >= 0 && numbers[place(max(0, number))] == number
                return Bar(
                    start: Timestamp(second: number * seconds),
                    count: isKept ? counts[place(number)][flow.rawValue] : 0,
                    isCounted: number >= self.number(since)
                )
            }
        }
    }
}

// MARK: Across restarts

extension TrafficRing {
    /// A few kilobytes, whatever was counted.
    package var note: [UInt8] {
        let json: JSON = ["since": .int(since.milliseconds), "minutes": minutes.json, "hours": hours.json]
        return json.encoded
    }

    /// Nil where it is not a note of this version.
    package init?(note: [UInt8]) {
        guard let root = try? JSONDocument(note).root, let since = root["since"]?.int else { return nil }
        self.init(since: Timestamp(milliseconds: Int64(since)))
        guard minutes.read(root["minutes"]), hours.read(root["hours"]) else { return nil }
    }
}

extension TrafficRing.Slots {
    /// `[number, count, count]` of each slot that is in use.
    fileprivate var json: JSON {
        .array(
            zip(numbers, counts).filter { $0.0 >= 0 }.map { number, counts in
                .array([.int(number)] + counts.map { .int($0) })
            }
        )
    }

    fileprivate mutating func read(_ json: JSONValue?) -> Bool {
        guard let json, json.isArray else { return false }
        for slot in json.elements {
            let parts = slot.elements.compactMap(\.int)
            guard parts.count == TrafficRing.Flow.allCases.count + 1, parts.allSatisfy({ $0 >= 0 }) else {
                return false
            }
            let place = parts[0] % numbers.count
            (numbers[place], counts[place]) = (Int64(parts[0]), Array(parts.dropFirst()))
        }
        return true
    }
}
