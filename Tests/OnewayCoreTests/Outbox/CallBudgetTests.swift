import TestSupport
import Testing

@testable import OnewayCore

@Suite struct CallBudgetTests {
    private static let noon = Timestamp(second: 1_800_000_000 / 86_400 * 86_400 + 43_200)
    private static let trouble = DeliveryTrouble(code: "x", message: "y")

    private func at(_ milliseconds: Int64) -> Timestamp {
        Timestamp(milliseconds: Self.noon.milliseconds + milliseconds)
    }

    private func budget(_ per20: Int = 50, _ atOnce: Int = 5, _ perDay: Int = 50_000) -> CallBudget {
        CallBudget(
            CallBudget.Limits(callsPer20Seconds: per20, concurrentCalls: atOnce, callsPerDay: perDay),
            now: Self.noon
        )
    }

    /// One call at a time, each answered at once in the same way.
    private func calls(_ signal: CallBudget.Signal, hours: Int64, seed: UInt64) -> (count: Int, budget: CallBudget) {
        var (random, budget, now, count) = (Seeded(seed), budget(), at(0), 0)
        while now < at(hours * 3_600_000) {
            switch budget.admit(now) {
            case .go:
                count += 1
                budget.answer(signal, round: budget.round, now: now, using: &random)
            case .wait(let until): now = max(until ?? now, Timestamp(milliseconds: now.milliseconds + 1))
            }
        }
        return (count, budget)
    }

    @Test(arguments: UInt64(0)..<100)
    func noWindowOf20SecondsHoldsMoreThanAllowedByEitherClock(seed: UInt64) {
        var random = Seeded(seed)
        let (per20, atOnce) = (Int.random(in: 1...20, using: &random), Int.random(in: 1...6, using: &random))
        var budget = budget(per20, atOnce)
        var (clock, begun, answers, open) = (Int64(0), [Int64](), [Int64](), 0)
        for _ in 0..<600 {
            clock += Int64.random(in: 0...1_500, using: &random)
            if open > 0, random.chance(2) {
                budget.answer(
                    random.chance(30) ? .fewerCalls : .fine,
                    round: budget.round,
                    now: at(clock),
                    using: &random
                )
                answers.append(clock)
                open -= 1
            } else if budget.admit(at(clock)) == .go {
                begun.append(clock)
                open += 1
            }
            #expect(open <= atOnce, "seed \(seed)")
            // Whether Marketo counts a call when it arrives, when it ends, or in between.
            let recent = answers.count { $0 > clock - 20_000 } + open
            #expect(recent <= per20, "seed \(seed) at \(clock)")
            #expect(begun.count { $0 > clock - 20_000 } <= per20, "seed \(seed) at \(clock)")
        }
        #expect(begun.count > 10, "seed \(seed): it never resumed")
    }

    @Test func atMostSoManyAtOnceAndTheNextGoesWhenOneIsAnswered() {
        var (budget, random) = (budget(50, 2), Seeded(1))
        #expect(budget.admit(at(0)) == .go)
        #expect(budget.admit(at(0)) == .go)
        #expect(budget.admit(at(0)) == .wait(until: nil))
        budget.answer(.fine, round: budget.round, now: at(10), using: &random)
        #expect(budget.admit(at(10)) == .go)
        budget.giveBack()
        #expect((budget.inFlight, budget.usedToday) == (1, 2), "a call that was not made is not counted")
    }

    @Test func theDayEndsAtSixUTCAndThenAllIsLeftAgain() {
        var (budget, random) = (budget(50, 5, 3), Seeded(1))
        for _ in 0..<3 {
            #expect(budget.admit(at(0)) == .go)
            budget.answer(.fine, round: budget.round, now: at(0), using: &random)
        }
        let reset = Timestamp(milliseconds: Self.noon.milliseconds + 18 * 3_600_000)
        #expect("\(reset)".hasSuffix("T06:00:00Z"))
        #expect(CallBudget.resetsAt(at(0)) == reset)
        #expect((budget.admit(at(5)), budget.leftToday(at(5))) == (.wait(until: reset), 0))
        #expect(budget.leftToday(reset) == 3)
        #expect(budget.admit(reset) == .go)
    }

    @Test func anHourWithoutMarketoCostsAboutACallAMinute() {
        let (count, budget) = calls(.away(Self.trouble), hours: 1, seed: 7)
        #expect((50...110).contains(count), "\(count) calls")
        #expect(budget.condition == .backingOff(Self.trouble))
    }

    @Test func errorsThatNeedAPersonAreProbedRarely() {
        let (count, budget) = calls(.stop(Self.trouble), hours: 10, seed: 7)
        #expect((50...120).contains(count), "\(count) calls")
        #expect(budget.condition == .stopped(Self.trouble))
    }

    @Test func anExhaustedDayIsProbedTwiceAnHour() {
        let (count, _) = calls(.nextDay(Self.trouble), hours: 5, seed: 7)
        #expect((9...11).contains(count), "\(count) calls")
    }

    @Test func inTroubleOneCallAtATimeTriesAndSuccessEndsIt() {
        var (budget, random) = (budget(), Seeded(3))
        for _ in 0..<3 { #expect(budget.admit(at(0)) == .go) }
        for _ in 0..<3 { budget.answer(.away(Self.trouble), round: budget.round, now: at(100), using: &random) }
        guard case .wait(let until?) = budget.admit(at(100)) else { Issue.record("no pause"); return }
        #expect(until < at(1_400), "three that fail together count as one failure")
        #expect(budget.admit(until) == .go)
        #expect(budget.admit(until) == .wait(until: nil))
        budget.answer(.fine, round: budget.round, now: until, using: &random)
        #expect(budget.condition == .ok)
        #expect(budget.admit(until) == .go)
        #expect(budget.admit(until) == .go)
    }

    @Test func anOperatorsRetryIsNotUndoneByEarlierCalls() {
        for trouble in [CallBudget.Signal.stop(Self.trouble), .away(Self.trouble), .nextDay(Self.trouble)] {
            var (budget, random) = (budget(), Seeded(3))
            let before = budget.round
            for _ in 0..<3 { #expect(budget.admit(at(0)) == .go) }
            budget.answer(trouble, round: before, now: at(10), using: &random)
            #expect(budget.admit(at(20)) != .go)
            budget.retryNow()
            budget.answer(trouble, round: before, now: at(30), using: &random)
            #expect(budget.inFlight == 1, "the slot is free nevertheless")
            budget.answer(trouble, round: before, now: at(40), using: &random)
            #expect(budget.admit(at(50)) == .go)
            budget.answer(trouble, round: budget.round, now: at(60), using: &random)
            #expect(budget.admit(at(70)) != .go, "the result of a call that began later counts")
        }
        var (budget, random) = (budget(), Seeded(3))
        let before = budget.round
        #expect(budget.admit(at(0)) == .go)
        budget.retryNow()
        budget.answer(.fewerCalls, round: before, now: at(10), using: &random)
        #expect(budget.callsPer20Seconds(at(10)) == 25, "the number of calls made stays true after a repair")
    }

    @Test func oneRecordsFailureNeitherEndsTroubleNorMakesIt() {
        var (budget, random) = (budget(), Seeded(3))
        #expect(budget.admit(at(0)) == .go)
        budget.answer(.unsure, round: 0, now: at(0), using: &random)
        #expect((budget.condition, budget.admit(at(0))) == (.ok, .go))
        budget.answer(.away(Self.trouble), round: 0, now: at(0), using: &random)
        #expect(budget.admit(at(5_000)) == .go)
        budget.answer(.unsure, round: 0, now: at(5_000), using: &random)
        #expect((budget.condition, budget.inFlight) == (.backingOff(Self.trouble), 0))
    }

    @Test func complaintsHalveTheRateOnceAndItComesBackGently() {
        var (budget, random) = (budget(40, 8), Seeded(5))
        for _ in 0..<4 { _ = budget.admit(at(0)) }
        for _ in 0..<4 { budget.answer(.fewerCalls, round: budget.round, now: at(50), using: &random) }
        #expect(budget.callsPer20Seconds(at(50)) == 20)
        #expect(budget.condition == .ok)
        #expect(budget.callsPer20Seconds(at(30_050)) == 30)
        #expect(budget.callsPer20Seconds(at(300_050)) == 40)
        _ = budget.admit(at(60_000))
        budget.answer(.fewerAtOnce, round: budget.round, now: at(60_000), using: &random)
        #expect(budget.concurrentCalls(at(60_000)) == 4)
        #expect(budget.concurrentCalls(at(200_000)) == 8)
    }

    @Test func pausesDoubleUpToTheirMostAndAreNeverInStep() {
        var random = Seeded(11)
        let pause = Pause(first: 1_000, most: 60_000)
        for (failures, length) in [(1, 1_000), (2, 2_000), (5, 16_000), (7, 60_000), (64, 60_000)] {
            let tries = (0..<50).map { _ in pause.milliseconds(after: failures, using: &random) }
            #expect(tries.allSatisfy { (Int64(length) * 3 / 4...Int64(length) * 5 / 4).contains($0) })
            #expect(Set(tries).count > 20)
        }
    }
}
