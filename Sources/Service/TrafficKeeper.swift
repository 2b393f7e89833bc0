import Coordination
import Intake
import OnewayCore
import Store
import Telemetry
import Threads

/// Keeps the traffic of the last day across restarts, for the charts: one small note in the store, written at most once
/// a minute, and at the end. A crash loses a minute of it.
struct TrafficKeeper: Running {
    static let note = "traffic"
    static let pause = Duration.seconds(60)

    let store: any StoreLeader
    let traffic: Traffic
    let log: Log
    private let stopped = Latch()
    private let kept = Locked<TrafficRing?>(nil)

    init(store: any StoreLeader, traffic: Traffic, log: Log) {
        (self.store, self.traffic, self.log) = (store, traffic, log)
    }

    /// To be called once, before anything is counted.
    func begin() async throws(StoreError) {
        if let note = try await store.note(Self.note) { traffic.restore(note) }
    }

    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                while (try? await Task.sleep(for: Self.pause)) != nil { await keep() }
            }
            await stopped.wait()
            group.cancelAll()
        }
    }

    /// Whoever stops the parts closes the store next, so this waits for the last note.
    func stop() async {
        stopped.open()
        await keep()
    }

    /// Writes nothing if nothing came since.
    private func keep() async {
        let seen = traffic.seen
        if kept.withLock({ $0 == seen }) { return }
        do {
            try await store.setNote(Self.note, seen.note)
            kept.withLock { $0 = seen }
        } catch {
            log.warning("the traffic could not be kept", [.error: .text("\(error)")])
        }
    }
}
