import Coordination
package import OnewayCore
package import Store
package import Telemetry
import Threads

/// Records refused attempts (R2), many in one write: a flood costs counters, not disk.
package final class RefusalBook: Running {
    /// A save in Dynamics waits for the response, so a slow disk delays it no longer than this.
    static let patience = Duration.seconds(1)
    /// Distinct callers between two writes; any more are counted with the last one.
    static let callersMax = 1000

    private let store: any StoreIntake
    private let now: @Sendable () -> Timestamp
    private let log: Log
    private let page = Locked(Page())
    private let wakes = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

    /// The attempts to write next, and the callers that wait for it.
    private struct Page: Sendable {
        var attempts: [RefusedAttempts] = []
        var latches: [Latch] = []
    }

    package init(store: any StoreIntake, now: @escaping @Sendable () -> Timestamp, log: Log) {
        self.store = store
        self.now = now
        self.log = log
    }

    func note(_ door: RefusalDoor, who: String, opportunity: GUID? = nil, latch: Latch? = nil) {
        page.withLock { page in
            let known = page.attempts.firstIndex { $0.door == door && $0.opportunity == opportunity && $0.who == who }
            if let index = known ?? (page.attempts.count < Self.callersMax ? nil : Self.callersMax - 1) {
                page.attempts[index].count += 1
            } else {
                page.attempts.append(RefusedAttempts(door, who: who, opportunity: opportunity))
            }
            if let latch { page.latches.append(latch) }
        }
        wakes.continuation.yield()
    }

    /// Returns when it is written, or after `patience`.
    func write(_ door: RefusalDoor, who: String, opportunity: GUID?) async {
        let latch = Latch()
        note(door, who: who, opportunity: opportunity, latch: latch)
        await latch.wait(atMost: Self.patience)
    }

    func run() async {
        for await _ in wakes.stream { await writePage() }
        await writePage()
    }

    func stop() async { wakes.continuation.finish() }

    private func writePage() async {
        let page = page.withLock { page in
            defer { page = Page() }
            return page
        }
        guard !page.attempts.isEmpty else { return }
        do { try await store.record(page.attempts, now: now()) } catch {
            log.error(
                "refusals could not be recorded",
                [.count: .int(Int(page.attempts.reduce(0) { $0 + $1.count })), .error: .text("\(error)")]
            )
        }
        for latch in page.latches { latch.open() }
    }
}
