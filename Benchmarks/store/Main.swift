import Glibc
import OnewayCore
import Store

/// Measures appends and applies per second of the SQLite store, without HTTP. Each case prints one line.
///
///     bench-store append FOLDER [CALLERS ...]
///     bench-store fill FILE ROWS         a backlog of rows of 1 KB
///     bench-store drain FILE ROWS        opens it and applies that many
@main struct Main {
    static func main() async throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        guard arguments.count >= 2 else { return print("usage: see Benchmarks/store/Main.swift") }
        let numbers = arguments.dropFirst(2).compactMap { Int($0) }
        switch arguments[0] {
        case "append":
            for callers in numbers.isEmpty ? [1, 16, 64, 256] : numbers {
                try await AppendCase(callers: callers, folder: arguments[1]).run()
            }
        case "fill": try await Backlog(path: arguments[1]).fill(rows: numbers.first ?? 10_000)
        case "drain": try await Backlog(path: arguments[1]).drain(rows: numbers.first ?? 10_000)
        default: print("no such case: \(arguments[0])")
        }
    }
}

enum Measure {
    static func seconds(_ clock: clockid_t = CLOCK_MONOTONIC) -> Double {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    static var cpuSeconds: Double { seconds(CLOCK_PROCESS_CPUTIME_ID) }

    static var now: Timestamp { Timestamp(milliseconds: Int64(seconds(CLOCK_REALTIME) * 1000)) }

    static var peakMegabytes: Int {
        var usage = rusage()
        unsafe getrusage(RUSAGE_SELF.rawValue, &usage)
        return usage.ru_maxrss >> 10
    }
}

extension Seeded {
    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }
}
