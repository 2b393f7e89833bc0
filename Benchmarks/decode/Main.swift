import Foundation
import Glibc
import OnewayCore

/// Measures microseconds, MB/s, and allocations of decoding a notification, compared with Foundation's decoder.
@main struct Main {
    static func main() throws {
        print("body        decoder                       us/body      MB/s  allocations   x")
        for attributes in [30, 1400] {
            let body = Bodies.created(attributes: attributes)
            try compare(body)
        }
    }

    private static func compare(_ body: [UInt8]) throws {
        let data = Data(body)
        let selection = Selection([
            .opportunity: ["estimatedvalue", "stepname", "closeprobability", "estimatedclosedate"]
        ])
        let rows: [(name: String, work: () throws -> Void)] = [
            ("JSONDecoder, same content", { _ = try JSONDecoder().decode(FoundationNotification.self, from: data) }),
            ("tape alone", { _ = try JSONDocument(body) }),
            ("Notification, every column", { _ = try DynamicsNotification.decode(body, selection: .everything) }),
            ("Notification, selected columns", { _ = try DynamicsNotification.decode(body, selection: selection) }),
            (
                "the same, with facts",
                {
                    let notification = try DynamicsNotification.decode(body, selection: selection)
                    _ = notification.facts(receivedAt: Timestamp(second: 0))
                }
            ),
            ("identity", { _ = NotificationIdentity(body: body, envelope: nil) }),
        ]
        var base = 0.0
        for row in rows {
            let microseconds = try Measure.microseconds(row.work)
            if base == 0 { base = microseconds }
            let allocations = try Measure.allocations(row.work)
            let columns = [
                pad("\(body.count)", 9), "  ", row.name.padding(toLength: 31, withPad: " ", startingAt: 0),
                pad(String(format: "%.2f", microseconds), 8),
                pad(String(format: "%.0f", Double(body.count) / microseconds), 10),
                pad(allocations.map(String.init) ?? "-", 13), pad(String(format: "%.1f", base / microseconds), 8),
            ]
            print(columns.joined())
        }
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}

enum Measure {
    /// The median of nine rounds of thread time, after a warm-up.
    static func microseconds(_ work: () throws -> Void) rethrows -> Double {
        var repetitions = 1
        while try nanoseconds(repetitions, work) < 30_000_000 { repetitions *= 2 }
        let rounds = try (0..<9).map { _ in try nanoseconds(repetitions, work) / Double(repetitions) / 1000 }
        return rounds.sorted()[4]
    }

    /// Counted by the library that `run-decode` preloads; nil without it.
    static func allocations(_ work: () throws -> Void) rethrows -> Int? {
        guard let counter = AllocationCounter.shared else { return nil }
        let before = counter.count
        for _ in 0..<16 { try work() }
        return (counter.count - before) / 16
    }

    private static func nanoseconds(_ repetitions: Int, _ work: () throws -> Void) rethrows -> Double {
        let start = threadNanoseconds()
        for _ in 0..<repetitions { try work() }
        return Double(threadNanoseconds() - start)
    }

    private static func threadNanoseconds() -> Int {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
