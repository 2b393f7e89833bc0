import OnewayCore
import TestSupport
import Testing

/// Each cause is told once, and its end too.
@Suite struct AlertBookTests {
    private static let start = VerdictTests.now
    private static func at(_ seconds: Int64) -> Timestamp { Timestamp(second: start.second + seconds) }

    /// A book, and whoever listens and is told at once.
    private struct Listener {
        var book = AlertBook()
        var heard: [String] = []

        mutating func look(_ causes: Cause..., at seconds: Int64, isListening: Bool = true) {
            let now = AlertBookTests.at(seconds)
            book.look(causes.map { Verdict.Standing(Symptom($0, "It is \($0)."), since: now) }, now)
            while isListening, let alert = book.due(now).first {
                heard.append("\(alert.change) \(alert.cause.rawValue)")
                book.told(alert, now)
            }
        }
    }

    @Test func aCauseIsToldOnceAndItsEndToo() {
        var listener = Listener()
        for second in stride(from: Int64(0), through: 55, by: 5) { listener.look(.parked, at: second) }
        #expect(listener.heard.isEmpty, "it may pass")
        for second in stride(from: Int64(60), through: 600, by: 5) { listener.look(.parked, at: second) }
        #expect(listener.heard == ["raised parked"])
        for second in stride(from: Int64(605), through: 900, by: 5) { listener.look(at: second) }
        #expect(listener.heard == ["raised parked"], "it may come back")
        listener.look(at: 905)
        #expect(listener.heard == ["raised parked", "recovered parked"])
        listener.look(at: 2_000)
        #expect(listener.heard.count == 2)
    }

    /// To and fro within seconds, for an hour.
    @Test func whatFlapsIsToldOnce() {
        var listener = Listener()
        for second in stride(from: Int64(0), to: 3_600, by: 5) {
            if second % 10 == 0 { listener.look(.marketoStopped, at: second) } else { listener.look(at: second) }
        }
        #expect(listener.heard == ["raised marketo-stopped"])
    }

    /// To and fro every ten minutes, for a day.
    @Test func whatComesBackSoonIsNotToldAgainForAWhile() {
        var listener = Listener()
        for second in stride(from: Int64(0), to: 86_400, by: 5) {
            if second / 600 % 2 == 0 { listener.look(.parked, at: second) } else { listener.look(at: second) }
        }
        let raised = listener.heard.count { $0.hasPrefix("raised") }
        #expect(raised > 10 && raised <= 86_400 / AlertBook.quietSeconds + 1, "\(listener.heard.count)")
    }

    @Test func whatIsNotForAlertsIsNotTold() {
        var listener = Listener()
        listener.look(.starting, .noNotification, .draining, .alertsFail, at: 0)
        listener.look(.starting, .noNotification, .draining, .alertsFail, at: 90_000)
        #expect(listener.heard.isEmpty)
    }

    /// Whoever did not listen then hears it later, with its end.
    @Test func nothingIsLostWhileNobodyListens() {
        var listener = Listener()
        listener.look(.parked, at: 0, isListening: false)
        listener.look(.parked, at: 60, isListening: false)
        for second in stride(from: Int64(65), to: 5_000, by: 5) { listener.look(at: second, isListening: false) }
        listener.look(at: 5_000)
        #expect(listener.heard == ["raised parked", "recovered parked"])
    }

    @Test func aRestartNeitherRepeatsNorForgets() {
        var listener = Listener()
        for second in stride(from: Int64(0), to: 4_000, by: 5) {
            if second < 1_000 { listener.look(.parked, .quarantined, at: second) } else { listener.look(at: second) }
            let again = AlertBook(kept: listener.book.kept)
            #expect(again == listener.book)
            listener.book = again
        }
        let told = ["raised quarantined", "raised parked", "recovered quarantined", "recovered parked"]
        #expect(listener.heard == told)
        #expect(AlertBook(kept: Array("[1".utf8)) == AlertBook())
    }

    /// Whatever comes and goes: raised and recovered alternate, and the same cause is not raised twice within the quiet time.
    @Test(arguments: 0..<30) func raisedAndRecoveredAlternate(seed: UInt64) {
        var random = Seeded(seed)
        var (book, second, raisedAt, isRaised) = (AlertBook(), Int64(0), [Cause: Int64](), Set<Cause>())
        let all: [Cause] = [.parked, .marketoStopped, .quarantined, .paused]
        var present: Set<Cause> = []
        for _ in 0..<3_000 {
            second += Int64.random(in: 1...120, using: &random)
            if Int.random(in: 0..<4, using: &random) == 0, let cause = all.randomElement(using: &random) {
                present.formSymmetricDifference([cause])
            }
            let now = Self.at(second)
            book.look(present.map { Verdict.Standing(Symptom($0, ""), since: now) }, now)
            if Bool.random(using: &random) { book = AlertBook(kept: book.kept) }
            guard let alert = book.due(now).first, Bool.random(using: &random) else { continue }
            book.told(alert, now)
            if alert.change == .raised {
                let last = raisedAt[alert.cause]
                #expect(isRaised.insert(alert.cause).inserted, "seed \(seed)")
                #expect(last.map { second - $0 >= Int64(AlertBook.quietSeconds) } ?? true, "seed \(seed)")
                raisedAt[alert.cause] = second
            } else {
                #expect(isRaised.remove(alert.cause) != nil && !present.contains(alert.cause), "seed \(seed)")
            }
        }
        #expect(!raisedAt.isEmpty, "seed \(seed)")
    }
}
