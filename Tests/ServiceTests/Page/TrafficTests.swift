import OnewayCore
import TestSupport
import Testing

@testable import Coordination
@testable import Intake

@Suite struct TrafficTests {
    private static let start = Timestamp(second: 1_772_500_000)

    private func later(minutes: Int64) -> Timestamp { Self.start.adding(seconds: Int(minutes) * 60) }

    @Test func whatIsCountedIsInItsMinuteAndItsHour() {
        var ring = TrafficRing(since: Self.start)
        ring.count(.accepted, 3, at: Self.start)
        ring.count(.accepted, 2, at: later(minutes: 1))
        ring.count(.sent, 7, at: later(minutes: 1))
        let hour = ring.lastHour(.accepted, later(minutes: 1))
        #expect(hour.count == 60)
        #expect(hour.suffix(2).map(\.count) == [3, 2])
        #expect(hour.dropLast(2).allSatisfy { $0.count == 0 && !$0.isCounted })
        #expect(ring.lastDay(.sent, later(minutes: 1)).map(\.count).reduce(0, +) == 7)
        #expect(ring.lastDay(.sent, later(minutes: 1)).count == 24)
    }

    @Test func whatIsOldFallsOut() {
        var ring = TrafficRing(since: Self.start)
        ring.count(.accepted, 5, at: Self.start)
        #expect(ring.lastHour(.accepted, later(minutes: 59)).first?.count == 5)
        #expect(ring.lastHour(.accepted, later(minutes: 60)).allSatisfy { $0.count == 0 && $0.isCounted })
        ring.count(.accepted, 1, at: later(minutes: 60))
        #expect(ring.lastHour(.accepted, later(minutes: 60)).map(\.count).reduce(0, +) == 1)
        #expect(ring.lastDay(.accepted, later(minutes: 60)).map(\.count).reduce(0, +) == 6)
        #expect(ring.lastDay(.accepted, later(minutes: 60 * 26)).map(\.count).reduce(0, +) == 0)
    }

    @Test func aClockThatGoesBackSpoilsNothing() {
        var ring = TrafficRing(since: Self.start)
        ring.count(.sent, 4, at: later(minutes: 120))
        ring.count(.sent, 9, at: later(minutes: 60))
        ring.count(.sent, 1, at: Timestamp(milliseconds: -5))
        #expect(ring.lastHour(.sent, later(minutes: 120)).last?.count == 4)
        #expect(ring.lastHour(.sent, Timestamp(milliseconds: 0)).count == 60)
    }

    /// The expected counts, from a list of all events.
    @Test(arguments: UInt64(0)..<40)
    func theRingIsAListCutShort(seed: UInt64) {
        var random = Seeded(seed)
        var (ring, all, now) = (TrafficRing(since: Self.start), [(Timestamp, Int)](), Self.start)
        for _ in 0..<300 {
            now = now.adding(seconds: Int.random(in: 0...400, using: &random))
            let count = Int.random(in: 1...9, using: &random)
            ring.count(.accepted, count, at: now)
            all.append((now, count))
        }
        for (bars, seconds) in [(ring.lastHour(.accepted, now), Int64(60)), (ring.lastDay(.accepted, now), 3600)] {
            let expected = bars.map { bar in
                all.filter { $0.0.second / seconds * seconds == bar.start.second }.reduce(0) { $0 + $1.1 }
            }
            #expect(bars.map(\.count) == expected, "seed \(seed)")
        }
    }
}
