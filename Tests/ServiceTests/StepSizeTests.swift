import Testing

@testable import Service

@Suite struct StepSizeTests {
    /// Whatever a row costs, the writer is busy for about as long, and never for much longer.
    @Test(arguments: [20, 60, 100, 300, 2_000], [false, true])
    func aStepTakesAFewMilliseconds(microsecondsPerRow: Int, isAcceptingMuch: Bool) {
        var size = StepSize()
        size.isAcceptingMuch = isAcceptingMuch
        var longest = Duration.zero
        for step in 0..<100 {
            let took = Duration.microseconds(size.rows * microsecondsPerRow)
            if step > 10 { longest = max(longest, took) }
            size.learn(rows: size.rows, took: took)
        }
        let allowed = isAcceptingMuch ? 1_250 : 5_000
        #expect(longest <= .microseconds(max(allowed, StepSize.rowsMin * microsecondsPerRow)))
        #expect((StepSize.rowsMin...StepSize.rowsMax).contains(size.rows))
        if allowed / microsecondsPerRow > StepSize.rowsMax * 2 { #expect(size.rows == StepSize.rowsMax) }
    }

    @Test func aShortStepProvesNothing() {
        var size = StepSize()
        size.learn(rows: 1, took: .microseconds(1))
        #expect(size.rows == 32)
    }
}
