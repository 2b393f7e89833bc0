import Coordination
import OnewayCore
import Store
import Telemetry

/// The store as a part of the service: the last to stop. Says when nothing can be stored, and when it can again.
final class StorePart: Running {
    private static let secondsBetweenLooks = 1

    private let store: any Store
    private let log: Log
    private let stopped = Latch()

    init(store: any Store, log: Log) { (self.store, self.log) = (store, log) }

    /// Throws when the store has not worked yet and waiting cannot help.
    func run() async throws {
        let end = Signal()
        Task {
            await stopped.wait()
            end.fire()
        }
        var (last, hasWorked) = (StoreError?.none, false)
        while end.count == 0 {
            let failure = store.failure
            if let failure {
                if !hasWorked, !failure.mends { throw failure }
                if failure != last, failure.kind != .closed {
                    log.error("nothing can be stored", [.error: .text("\(failure)")])
                }
            } else if last != nil {
                log.info("storing works again")
            }
            (last, hasWorked) = (failure, hasWorked || failure == nil)
            await end.wait(after: 0, until: TimeSource.systemNow().adding(seconds: Self.secondsBetweenLooks), .system)
        }
    }

    func stop() async {
        stopped.open()
        await store.close()
    }
}
