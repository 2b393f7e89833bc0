import Coordination
package import OnewayCore
package import Store
package import Telemetry
import Threads

/// Keeps the inbox within its age and size, and the events of deliveries within their age, in small steps, between which everyone else gets a turn.
package struct Janitor: Running {
    static let rowsPerStep = 500
    static let pause = Duration.seconds(60)
    private static let millisecondsPerDay: Int64 = 86_400_000

    let store: any StoreLeader
    let inboxDays: Int
    let historyDays: Int
    let now: @Sendable () -> Timestamp
    let log: Log
    private let stopped = Latch()

    package init(
        store: any StoreLeader,
        inboxDays: Int,
        historyDays: Int,
        now: @escaping @Sendable () -> Timestamp,
        log: Log
    ) {
        self.store = store
        self.inboxDays = inboxDays
        self.historyDays = historyDays
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
        await sweep(inboxDays, "pruned the inbox") { oldest in
            try await store.prune(olderThan: oldest, rowsMax: Self.rowsPerStep)
        }
        await sweep(historyDays, "pruned the history of deliveries") { oldest in
            try await store.forgetEvents(olderThan: oldest, rowsMax: Self.rowsPerStep)
        }
    }

    private func sweep(_ days: Int, _ done: StaticString, step: (Timestamp) async throws -> Pruned) async {
        let oldest = Timestamp(milliseconds: now().milliseconds - Int64(days) * Self.millisecondsPerDay)
        do {
            var rows = 0
            while !Task.isCancelled {
                let pruned = try await step(oldest)
                rows += pruned.rows
                if pruned.isDone { break }
            }
            if rows > 0 { log.info(done, [.count: .int(rows)]) }
        } catch {
            log.warning("the store could not be pruned", [.error: .text("\(error)")])
        }
    }
}
