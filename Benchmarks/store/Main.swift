import Glibc
import OnewayCore
import Store

/// Appends and applies per second of the SQLite store, without HTTP. Prints one line per case.
@main struct Main {
    static let secondsPerCase = 3.0

    static func main() async throws {
        let arguments = CommandLine.arguments
        let folder = arguments.count > 1 ? arguments[1] : "/tmp"
        for callers in (arguments.count > 2 ? arguments[2...].compactMap { Int($0) } : [1, 16, 64, 256]) {
            try await append(callers: callers, folder: folder)
        }
    }

    private static func append(callers: Int, folder: String) async throws {
        var source = Bodies(seed: 42)
        let bodies = (0..<500).map { _ in source.next() }
        let path = "\(folder)/bench-\(getpid())-\(callers).db"
        defer { for suffix in ["", "-wal", "-shm", "-lock"] { unsafe unlink(path + suffix) } }
        let store = try SQLiteStore(path: path)
        let (start, cpu) = (seconds(CLOCK_MONOTONIC), seconds(CLOCK_PROCESS_CPUTIME_ID))
        let latencies = try await withThrowingTaskGroup(of: [Double].self) { group in
            for caller in 0..<callers {
                group.addTask {
                    var random = Seeded(state: UInt64(caller) &* 7_919 &+ 1)
                    var latencies: [Double] = []
                    while seconds(CLOCK_MONOTONIC) - start < secondsPerCase {
                        let began = seconds(CLOCK_MONOTONIC)
                        let entry = InboxEntry(
                            identity: (0..<16).map { _ in UInt8(truncatingIfNeeded: random.next()) },
                            outcome: .accepted,
                            message: "Update",
                            entity: "opportunity",
                            record: GUID(high: random.next(), low: random.next()),
                            opportunity: GUID(high: random.next() % 50_000 &* 0x9e37_79b9_7f4a_7c15, low: 1),
                            body: bodies[Int(random.next() % 500)]
                        )
                        let now = Timestamp(milliseconds: Int64(seconds(CLOCK_REALTIME) * 1000))
                        _ = try await store.append(entry, now: now)
                        latencies.append(seconds(CLOCK_MONOTONIC) - began)
                    }
                    return latencies
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }.sorted()
        }
        let elapsed = seconds(CLOCK_MONOTONIC) - start
        let used = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu
        var log = stat()
        unsafe stat("\(path)-wal", &log)
        await store.close()
        report(
            "append callers=\(callers) rows/s=\(Int(Double(latencies.count) / elapsed))"
                + " p50us=\(Int(latencies[latencies.count / 2] * 1e6))"
                + " p99us=\(Int(latencies[latencies.count * 99 / 100] * 1e6))"
                + " cpu-us/row=\(Int(used / Double(latencies.count) * 1e6)) wal-mb=\(log.st_size >> 20)"
                + " peak-mb=\(peakMegabytes())"
        )
    }

    private static func report(_ line: String) { print(line) }

    static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    static func peakMegabytes() -> Int {
        var usage = rusage()
        unsafe getrusage(RUSAGE_SELF.rawValue, &usage)
        return usage.ru_maxrss >> 10
    }
}
