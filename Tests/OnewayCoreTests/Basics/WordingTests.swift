import OnewayCore
import Testing

@Suite struct WordingTests {
    @Test(arguments: [
        (0, "0 s"), (59, "59 s"), (60, "1 min"), (3_599, "59 min"), (3_600, "1 h"), (7_500, "2 h 5 min"),
        (86_400, "1 d"),
        (180_000, "2 d 2 h"),
    ])
    func durationsAreReadable(seconds: Int64, says: String) { #expect(Wording.duration(seconds: seconds) == says) }

    @Test(arguments: [(0, "0"), (999, "999"), (1_000, "1,000"), (-1_234_567, "-1,234,567")])
    func numbersAreReadable(number: Int, says: String) { #expect(Wording.number(number) == says) }
}
