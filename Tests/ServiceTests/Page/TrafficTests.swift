import Configuration
import OnewayCore
import Service
import Store
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

    /// What cannot be read is left aside: charts are no reason not to start.
    @Test(arguments: [
        "", "{}", "[]", #"{"since":1}"#, #"{"since":1,"minutes":[[1,2]],"hours":[]}"#,
        #"{"since":1,"minutes":[[-60,2,3]],"hours":[]}"#, #"{"since":1,"minutes":[["a",2,3]],"hours":[]}"#,
    ])
    func aStrangeNoteChangesNothing(note: String) {
        let traffic = Traffic(now: { Self.start })
        traffic.count(.sent, 3)
        traffic.restore(Array(note.utf8))
        #expect(traffic.seen.lastHour(.sent, Self.start).last?.count == 3)
    }

    /// Of the service itself: what it accepted is still in the chart after a restart.
    @Test func theLastDayOutlivesARestart() async throws {
        let path = AppTests.file()
        defer { AppTests.remove(path) }
        try await AppTests.withApp(store: .sqlite(path: path)) { ports in
            let sent = try await AppTests.ask("POST", ports.public, AppTests.door, notification())
            #expect(sent.status == 202)
        }
        let store = try SQLiteStore(reading: path)
        let note = try #require(try await store.note("traffic"))
        await store.close()
        let kept = try #require(TrafficRing(note: note))
        #expect(kept.lastDay(.accepted, TimeSource.systemNow()).map(\.count).reduce(0, +) == 1)
        try await AppTests.withApp(store: .sqlite(path: path)) { ports in
            let page = try await AppTests.ask("GET", ports.admin, "/").body
            #expect(page.contains("aria-label=\"Accepted") || page.contains(": 1; at most 1 in"), "the chart has it")
        }
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
        let kept = TrafficRing(note: ring.note)
        #expect(kept?.lastHour(.accepted, now) == ring.lastHour(.accepted, now), "seed \(seed)")
        #expect(kept?.lastDay(.accepted, now) == ring.lastDay(.accepted, now), "seed \(seed)")
        #expect(ring.note.count < 5_000, "bounded, whatever was counted")
    }
}
