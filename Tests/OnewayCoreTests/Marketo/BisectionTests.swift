import TestSupport
import Testing

@testable import OnewayCore

@Suite struct BisectionTests {
    /// Searches as the lead search does: a call that contains one of the bad values is refused.
    private static func ask(_ count: Int, bad: Set<Int>) -> (found: Set<Int>, refused: Set<Int>, calls: Int, Bisection)
    {
        var (bisection, found, refused) = (Bisection(count: count), Set<Int>(), Set<Int>())
        while let range = bisection.next() {
            if bad.isDisjoint(with: range) {
                bisection.answered()
                found.formUnion(range)
            } else if bisection.refused(range) {
                refused.insert(range.lowerBound)
            }
        }
        return (found, refused, bisection.calls, bisection)
    }

    @Test func nothingBadCostsOneCall() {
        let (found, refused, calls, _) = Self.ask(300, bad: [])
        #expect(found.count == 300 && refused.isEmpty && calls == 1)
        #expect(Self.ask(0, bad: []).calls == 0)
    }

    /// Without this limit it was 599.
    @Test func aQuestionThatMarketoDoesNotTakeCostsFewCalls() {
        let (found, refused, calls, bisection) = Self.ask(300, bad: Set(0..<300))
        #expect(found.isEmpty && refused.count == Bisection.probesMax)
        #expect(bisection.isQuestionAtFault && calls <= 14)
        #expect(bisection.waiting.reduce(0) { $0 + $1.count } == 300 - Bisection.probesMax)
    }

    /// Every value is found, refused alone, or left for another time; two calls per halving and bad value, never more
    /// than the maximum.
    @Test(arguments: Array(UInt64(1)...60)) func fewBadOnesAreFound(_ seed: UInt64) {
        var random = Seeded(seed)
        let count = Int.random(in: 1...300, using: &random)
        let bad = Set(
            (0..<Int.random(in: 0...12, using: &random)).map { _ in Int.random(in: 0..<count, using: &random) }
        )
        let (found, refused, calls, bisection) = Self.ask(count, bad: bad)
        let left = bisection.waiting.reduce(into: Set<Int>()) { $0.formUnion($1) }
        #expect(found.union(refused).union(left) == Set(0..<count), "seed \(seed)")
        #expect(found.isDisjoint(with: bad) && refused.isSubset(of: bad), "seed \(seed)")
        let halvings = Int.bitWidth - (count - 1).leadingZeroBitCount
        #expect(calls <= min(Bisection.callsMax, 1 + 2 * bad.count * halvings), "seed \(seed)")
        if calls < Bisection.callsMax, !bisection.isQuestionAtFault { #expect(refused == bad, "seed \(seed)") }
    }

    @Test func manyBadOnesEndAtTheMost() {
        let bad = Set(stride(from: 1, to: 300, by: 3))
        let (found, _, calls, _) = Self.ask(300, bad: bad)
        #expect(calls == Bisection.callsMax && !found.isEmpty)
    }
}
