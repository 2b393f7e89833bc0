import OnewayCore
import TestSupport
import Testing

@testable import DataverseClient

/// When the next request may go.
@Suite struct BudgetTests {
    private static func at(_ seconds: Double) -> Timestamp { Timestamp(milliseconds: Int64(seconds * 1000)) }
    private static let fine = RequestBudget.Remaining()

    @Test func onlySoManyAtOnce() {
        var budget = RequestBudget(.init(concurrentRequests: 2, requestsPer5Minutes: 10))
        #expect((0..<3).map { _ in budget.admit(Self.at(0)) } == [.go, .go, .wait(until: nil)])
        budget.answer(Self.fine, now: Self.at(1))
        #expect(budget.admit(Self.at(1)) == .go && budget.inFlight == 2)
    }

    @Test func aRequestCountsForFiveMinutesAfterItsAnswer() {
        var budget = RequestBudget(.init(concurrentRequests: 2, requestsPer5Minutes: 2))
        for second in [10.0, 20] {
            #expect(budget.admit(Self.at(0)) == .go)
            budget.answer(Self.fine, now: Self.at(second))
        }
        #expect(budget.admit(Self.at(309.9)) == .wait(until: Self.at(310)))
        #expect(budget.admit(Self.at(310)) == .go)
        #expect(budget.admit(Self.at(310)) == .wait(until: Self.at(320)))
        // Nothing was sent, so it does not count.
        budget.giveBack()
        #expect(budget.admit(Self.at(310)) == .go)
    }

    @Test func aPauseHoldsForAllAndIsNeverShortened() {
        var budget = RequestBudget(.init())
        budget.hold(until: Self.at(30))
        budget.hold(until: Self.at(10))
        #expect(budget.admit(Self.at(29.9)) == .wait(until: Self.at(30)) && budget.admit(Self.at(30)) == .go)
    }

    private static let allowances: [(RequestBudget.Remaining, pauseSeconds: Double?)] = [
        (.init(requests: 60, executionSeconds: 60), nil), (.init(requests: 59), 5.084), (.init(requests: 30), 10),
        (.init(requests: 1), 30), (.init(requests: 0), 30), (.init(requests: -1), 30),
        (.init(requests: 5000, executionSeconds: 59), 5), (.init(executionSeconds: 0), 5),
    ]

    @Test(arguments: allowances) func littleThatIsLeftIsSpread(left: RequestBudget.Remaining, pause: Double?) {
        var budget = RequestBudget(.init())
        _ = budget.admit(Self.at(0))
        budget.answer(left, now: Self.at(0))
        guard let pause else {
            #expect(budget.admit(Self.at(0)) == .go && budget.admit(Self.at(0)) == .go)
            return
        }
        #expect(budget.admit(Self.at(0)) == .wait(until: Self.at(pause)))
        #expect(budget.admit(Self.at(pause)) == .go && budget.admit(Self.at(pause)) == .wait(until: nil))
        // An answer without the headers changes nothing; one that tells of more does.
        budget.answer(Self.fine, now: Self.at(pause))
        #expect(budget.admit(Self.at(pause)) == .go)
        budget.answer(.init(requests: 6000, executionSeconds: 1200), now: Self.at(pause))
        #expect(budget.admit(Self.at(pause)) == .go && budget.admit(Self.at(pause)) == .go)
    }

    @Test func anOldAllowanceIsForgotten() {
        var budget = RequestBudget(.init())
        _ = budget.admit(Self.at(0))
        budget.answer(.init(requests: 0), now: Self.at(0))
        #expect(budget.admit(Self.at(300)) == .go && budget.admit(Self.at(300)) == .go)
    }

    /// However requests and answers fall, no five minutes see more requests than allowed, no moment more at once, and
    /// whoever waits as told gets on.
    @Test(arguments: 0..<50) func theShareIsNeverExceeded(seed: UInt64) {
        var random = Seeded(seed)
        let limits = RequestBudget.Limits(
            concurrentRequests: Int.random(in: 1...5, using: &random),
            requestsPer5Minutes: Int.random(in: 1...20, using: &random)
        )
        var budget = RequestBudget(limits)
        var (now, inFlight, begun) = (Int64(0), 0, [Int64]())
        for step in 0..<600 {
            let moment = Timestamp(milliseconds: now)
            if inFlight > 0, random.chance(2) {
                let left = random.chance(4) ? Int.random(in: 0...80, using: &random) : nil
                budget.answer(.init(requests: left), now: moment)
                inFlight -= 1
            }
            if random.chance(20) { budget.hold(until: moment.adding(20_000)) }
            switch budget.admit(moment) {
            case .go:
                inFlight += 1
                begun.append(now)
            case .wait(let until?):
                #expect(until > moment, "seed \(seed), step \(step)")
                if random.chance(3) { now = until.milliseconds }
            case .wait(nil): #expect(inFlight > 0, "seed \(seed), step \(step): nobody would wake it")
            }
            #expect(inFlight <= limits.concurrentRequests && budget.inFlight == inFlight)
            let recent = begun.count { $0 > now - RequestBudget.windowMilliseconds }
            #expect(recent <= limits.requestsPer5Minutes, "seed \(seed), step \(step)")
            now += Int64.random(in: 0...3000, using: &random)
        }
        #expect(!begun.isEmpty)
    }
}

extension Timestamp {
    fileprivate func adding(_ more: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds + more) }
}
