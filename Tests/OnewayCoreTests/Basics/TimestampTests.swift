import Testing

@testable import OnewayCore

@Suite struct TimestampTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00Z"), (-1, "1969-12-31T23:59:59.999Z"), (1_506_384_247_000, "2017-09-26T00:04:07Z"),
        (1_721_809_601_096, "2024-07-24T08:26:41.096Z"), (951_782_400_000, "2000-02-29T00:00:00Z"),
        (-62_135_596_800_000, "0001-01-01T00:00:00Z"), (4_107_542_400_000, "2100-03-01T00:00:00Z"),
    ])
    func theTextIsISO8601(_ milliseconds: Int64, _ text: String) {
        #expect(Timestamp(milliseconds: milliseconds).description == text)
    }

    @Test(arguments: [(-1, -1), (-1000, -1), (-1001, -2), (0, 0), (999, 0), (1000, 1)])
    func theSecondIsTheOneItLiesIn(_ milliseconds: Int64, _ second: Int64) {
        #expect(Timestamp(milliseconds: milliseconds).second == second)
    }

    @Test(arguments: [Int64.min, Int64.max]) func theFarthestTimesDoNotTrap(_ milliseconds: Int64) {
        #expect(!Timestamp(milliseconds: milliseconds).description.isEmpty)
    }
}
