import Glibc
import OnewayCore
import Store

/// Many callers append bodies of 8 KB as fast as they are answered.
struct AppendCase {
    let callers: Int
    let folder: String

    private static let seconds = 3.0

    func run() async throws {
        var source = Bodies(seed: 42)
        let bodies = (0..<500).map { _ in source.next() }
        let path = "\(folder)/bench-\(getpid())-\(callers).db"
        defer { for suffix in ["", "-wal", "-shm", "-lock"] { unsafe unlink(path + suffix) } }
        let store = try SQLiteStore(path: path)
        let (start, cpu) = (Measure.seconds(), Measure.cpuSeconds)
        let latencies = try await withThrowingTaskGroup(of: [Double].self) { group in
            for caller in 0..<callers {
                group.addTask { try await Self.call(store, caller, bodies, until: start + Self.seconds) }
            }
            return try await group.reduce(into: []) { $0 += $1 }.sorted()
        }
        let (rows, elapsed) = (Double(latencies.count), Measure.seconds() - start)
        let used = Measure.cpuSeconds - cpu
        var log = stat()
        unsafe stat("\(path)-wal", &log)
        await store.close()
        print(
            "append callers=\(callers) rows/s=\(Int(rows / elapsed)) p50us=\(Int(latencies[latencies.count / 2] * 1e6))",
            "p99us=\(Int(latencies[latencies.count * 99 / 100] * 1e6)) cpu-us/row=\(Int(used / rows * 1e6))",
            "wal-mb=\(log.st_size >> 20) peak-mb=\(Measure.peakMegabytes)"
        )
    }

    private static func call(
        _ store: SQLiteStore,
        _ caller: Int,
        _ bodies: [[UInt8]],
        until end: Double
    ) async throws -> [Double] {
        var random = Seeded(state: UInt64(caller) &* 7_919 &+ 1)
        var latencies: [Double] = []
        var began = Measure.seconds()
        while began < end {
            let entry = InboxEntry(
                identity: random.bytes(32),
                InboxLabels(
                    .accepted,
                    message: "Update",
                    entity: "opportunity",
                    record: GUID(high: random.next(), low: random.next()),
                    opportunity: GUID(high: random.next() % 50_000, low: 1)
                ),
                body: bodies[Int(random.next() % 500)]
            )
            _ = try await store.append(entry, now: Measure.now)
            let now = Measure.seconds()
            latencies.append(now - began)
            began = now
        }
        return latencies
    }
}
