import Coordination
package import OnewayCore
package import Store
package import Telemetry
import Threads

/// Keeps the inbox within its age and size, in small steps, between which everyone else gets a turn.
package struct Janitor: Running {
    static let rowsPerStep = 500
    static let pause = Duration.seconds(60)
    private static let millisecondsPerDay: Int64 = 86_400_000

    let store: any StoreLeader
    let keepDays: Int
    let now: @Sendable () -> Timestamp
    let log: Log
    private let stopped = Latch()

    package init(store: any StoreLeader, keepDays: Int, now: @escaping @Sendable () -> Timestamp, log: Log) {
        self.store = store
        self.keepDays = keepDays
        self.now = now
        self.log = log
    }

    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                repeat { await sweep() } while (try? await Task.sleep(for: Self.pause)) != nil
            }
            await stopped.wait()
            group.cancelAll()
        }
    }

    func stop() async { stopped.open() }

    /// Prunes until nothing more is to be removed.
    func sweep() async {
        let oldest = Timestamp(milliseconds: now().milliseconds - Int64(keepDays) * Self.millisecondsPerDay)
        do {
            var rows = 0
            while !Task.isCancelled {
                let pruned = try await store.prune(olderThan: oldest, rowsMax: Self.rowsPerStep)
                rows += pruned.rows
                if pruned.isDone { break }
            }
            if rows > 0 { log.info("pruned the inbox", [.count: .int(rows)]) }
        } catch {
            log.warning("the inbox could not be pruned", [.error: .text("\(error)")])
        }
    }
}
