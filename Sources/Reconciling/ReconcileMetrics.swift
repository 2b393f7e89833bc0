public import OnewayCore
public import Telemetry
import Threads

/// Measures reconciliation.
package struct ReconcileMetrics: Sendable {
    private let changes: Labeled<Discovery.What, Counter>
    private let requests: Counter
    private let endedAt = Locked<Timestamp?>(nil)

    package init(_ metrics: inout Metrics) {
        changes = metrics.counters(
            "oneway_untold_changes_total",
            "Changes in Dynamics that no notification reported, found by reconciliation.",
            by: Discovery.What.self
        )
        requests = metrics.counter(
            "oneway_reconcile_requests_total",
            "Requests to Dynamics by reconciliation; they are among all requests too."
        )
        let endedAt = endedAt
        metrics.gauge("oneway_reconciled_at_seconds", "When the last reconciliation ended, in Unix time.") {
            endedAt.withLock { $0.map { Double($0.milliseconds) / 1000 } }
        }
    }

    func note(_ discoveries: [Discovery]) { for discovery in discoveries { changes[discovery.what].increment() } }
    func note(requests count: Int) { requests.increment(by: count) }
    func ended(at time: Timestamp) { endedAt.withLock { $0 = time } }
}

extension Discovery.What: MetricLabel {
    public static var labelName: String { "what" }
}
