import Testing

@testable import Applying

@Suite struct StepSizeTests {
    @Test(arguments: [
        (20, false, 128), (100, false, 40), (100, true, 10), (400, false, 10), (400, true, 8), (9_000, false, 8),
    ])
    func aStepTakesAFewMilliseconds(microsecondsPerRow: Int, isAcceptingMuch: Bool, rows: Int) {
        var size = StepSize()
        size.isAcceptingMuch = isAcceptingMuch
        for _ in 0..<10 { size.learn(rows: size.rows, took: .microseconds(size.rows * microsecondsPerRow)) }
        #expect(size.rows == rows)
    }

    @Test func oneStepThatWasHeldUpChangesNothingButManyDo() {
        var size = StepSize()
        for _ in 0..<8 { size.learn(rows: 40, took: .milliseconds(4)) }
        size.learn(rows: 40, took: .milliseconds(400))
        #expect(size.rows == 40)
        for _ in 0..<8 { size.learn(rows: 40, took: .milliseconds(8)) }
        #expect(size.rows == 20)
    }

    @Test(arguments: [1, 7]) func aShortStepProvesNothing(rows: Int) {
        var size = StepSize()
        size.learn(rows: rows, took: .seconds(1))
        #expect(size.rows == 32)
        size.learn(rows: 8, took: .zero)
        #expect(size.rows == StepSize.rowsMax)
    }
}
