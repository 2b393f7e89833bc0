import Foundation
import TestSupport
import Testing

@testable import OnewayCore

@Suite struct ISO8601Tests {
    @Test(arguments: [
        ("1970-01-01", 0), ("1970-01-01T00:00:01Z", 1000), ("1969-12-31T23:59:59.999Z", -1),
        ("2000-02-29T12:00:00Z", 951_825_600_000), ("2026-11-21T07:30:00.250Z", 1_795_246_200_250),
        ("1970-01-01T00:00:00.1Z", 100), ("1970-01-01T00:00:00.0129999Z", 12),
    ])
    func isRead(text: String, milliseconds: Int64) {
        #expect(Timestamp(iso8601: text)?.milliseconds == milliseconds)
    }

    @Test(arguments: [
        "", "2026", "2026-13-01", "2026-02-29", "2026-00-10", "2026-01-00", "2026-01-32", "2026-1-1", "2026-01-01T",
        "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z", "2026-01-01T00:00:00",
        "2026-01-01T00:00:00+01:00", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00.1x3Z",
        "2026-01-01 00:00:00Z", "+026-01-01", "2026-01-01TT",
    ])
    func isRefused(text: String) {
        #expect(Timestamp(iso8601: text) == nil)
    }

    @Test func agreesWithFoundationForRandomTimes() {
        var generator = Seeded(20_260_131)
        let formatter = ISO8601DateFormatter()
        for _ in 0..<2000 {
            let second = Int64.random(in: -12_000_000_000...200_000_000_000, using: &generator)
            let text = formatter.string(from: Date(timeIntervalSince1970: Double(second)))
            #expect(Timestamp(iso8601: text)?.milliseconds == second * 1000, "\(text)")
        }
    }
}
