import TestSupport
import Testing

@testable import OnewayCore

/// What is stored of the budget: whoever goes on after a crash, at any point, keeps Marketo's limits too.
@Suite struct CallBudgetCrashTests {
    private static let noon = Timestamp(second: 1_800_000_000 / 86_400 * 86_400 + 43_200)

    private func at(_ milliseconds: Int64) -> Timestamp {
        Timestamp(milliseconds: Self.noon.milliseconds + milliseconds)
    }

    /// A service that calls, stores what it must before, and dies at any moment; and what Marketo counts.
    private struct Life {
        let limits: CallBudget.Limits
        var random: Seeded
        var clock = Int64(0)
        var budget: CallBudget
        var stored: [UInt8]?
        var open = [Int64]()
        /// When each call began, and when it was answered or cut off.
        var calls = [(begun: Int64, ended: Int64)]()
        var writes = 0
        var crashes = 0

        mutating func step(_ now: Timestamp) {
            if random.chance(50), !open.isEmpty {
                calls.append((open.removeFirst(), clock))
                return budget.answer(random.chance(9) ? .unsure : .fine, round: 0, now: now, using: &random)
            }
            guard budget.admit(now) == .go else { return }
            if let kept = budget.reserve() {
                writes += 1
                if random.chance(10) {
                    budget.giveBack()
                    return budget.forgetReserved()
                }
                stored = kept
                // Stored, and died before the call.
                if random.chance(3) { return crash(now) }
            }
            open.append(clock)
        }

        mutating func crash(_ now: Timestamp) {
            crashes += 1
            calls += open.map { ($0, clock) }
            open = []
            budget = CallBudget(limits, now: now)
            if let stored { budget.resume(stored, now: now) }
        }
    }

    @Test(arguments: UInt64(0)..<150)
    func theLimitsHoldWhereverItIsKilled(seed: UInt64) {
        var random = Seeded(seed)
        let limits = CallBudget.Limits(
            callsPer20Seconds: Int.random(in: 1...60, using: &random),
            concurrentCalls: Int.random(in: 1...6, using: &random),
            callsPerDay: Int.random(in: 20...1_000, using: &random)
        )
        // From noon to beyond 06:00 UTC, when Marketo counts a new day.
        let start = Int64.random(in: 17 * 3_600_000...18 * 3_600_000, using: &random)
        var life = Life(limits: limits, random: random, clock: start, budget: CallBudget(limits, now: at(start)))
        let longest = Int64.random(in: 100...10_000, using: &life.random)
        for _ in 0..<800 {
            life.clock += Int64.random(in: 0...longest, using: &life.random)
            if life.random.chance(2) { life.crash(at(life.clock)) } else { life.step(at(life.clock)) }
            // Whether Marketo counts a call when it arrives, when it ends, or in between.
            let recent = life.calls.reversed().prefix(200).count { $0.ended > life.clock - 20_000 } + life.open.count
            #expect(recent <= limits.callsPer20Seconds, "seed \(seed) at \(life.clock)")
        }
        let begun = life.calls.map(\.begun) + life.open
        let days = Dictionary(grouping: begun) { CallBudget.resetsAt(at($0)) }
        #expect(days.values.allSatisfy { $0.count <= limits.callsPerDay }, "seed \(seed)")
        #expect(life.crashes > 2, "seed \(seed)")
    }

    @Test func afterACrashCallsGoOnAtOnceUnlessTheLimitWasUsedUp() {
        for (callsBefore, resumes) in [(1, true), (35, true), (50, false)] {
            var (budget, random, stored) = (CallBudget(.init(), now: at(0)), Seeded(1), [UInt8]())
            for call in 0..<callsBefore {
                #expect(budget.admit(at(Int64(call) * 10)) == .go)
                stored = budget.reserve() ?? stored
                budget.answer(.fine, round: 0, now: at(Int64(call) * 10), using: &random)
            }
            var next = CallBudget(.init(), now: at(2_000))
            next.resume(stored, now: at(2_000))
            #expect((next.admit(at(2_000)) == .go) == resumes, "\(callsBefore) calls before")
            #expect(next.admit(at(22_000)) == .go)
        }
    }

    @Test func tenCallsCostOneWrite() {
        var (budget, random, writes) = (CallBudget(.init(), now: at(0)), Seeded(1), 0)
        for call in 0..<1_000 {
            let now = at(Int64(call) * 1_000)
            #expect(budget.admit(now) == .go)
            if budget.reserve() != nil { writes += 1 }
            budget.answer(.fine, round: 0, now: now, using: &random)
        }
        #expect(writes == 100 || writes == 101, "\(writes)")
    }

    @Test func aCleanStopRemembersTheCallsAndACrashCountsAFewMore() {
        let limits = CallBudget.Limits(callsPer20Seconds: 10, concurrentCalls: 2, callsPerDay: 1_000)
        var (budget, random) = (CallBudget(limits, now: at(0)), Seeded(5))
        #expect(budget.admit(at(0)) == .go)
        let counted = budget.reserve()
        budget.answer(.fine, round: 0, now: at(1_000), using: &random)
        var clean = CallBudget(limits, now: at(2_000))
        clean.resume(budget.kept, now: at(2_000))
        #expect((clean.usedToday, free(clean, at(2_000)), free(clean, at(21_000))) == (1, 9, 10))
        var crashed = CallBudget(limits, now: at(2_000))
        crashed.resume(counted ?? [], now: at(2_000))
        #expect((crashed.usedToday, free(crashed, at(2_000)), free(crashed, at(22_000))) == (3, 7, 10))
    }

    @Test func whatAnEarlierVersionStoredAtACrashCountsAsTheWholeLimit() {
        var budget = CallBudget(.init(), now: at(0))
        budget.resume(Array(#"{"day":1,"used":26,"answered":null}"#.utf8), now: at(0))
        #expect(free(budget, at(19_999)) == 0)
        #expect(free(budget, at(20_000)) == 50)
    }

    @Test func aClockThatWasAheadDoesNotHoldTheNextUp() {
        var (ahead, random) = (CallBudget(.init(), now: at(3_600_000)), Seeded(5))
        _ = ahead.admit(at(3_600_000))
        ahead.answer(.fine, round: 0, now: at(3_600_000), using: &random)
        var budget = CallBudget(.init(), now: at(0))
        budget.resume(ahead.kept, now: at(0))
        #expect((free(budget, at(0)), free(budget, at(20_000))) == (49, 50))
    }

    private func free(_ budget: CallBudget, _ now: Timestamp) -> Int {
        var (budget, random, count) = (budget, Seeded(1), 0)
        while budget.admit(now) == .go {
            count += 1
            budget.answer(.fine, round: budget.round, now: now, using: &random)
        }
        return count
    }
}
