package import Store
import Telemetry

/// The store's transactions.
package struct CommitMetrics: Sendable {
    private let seconds: Histogram
    private let appends: Histogram

    init(_ metrics: inout Metrics) {
        seconds = metrics.histogram(
            "oneway_store_commit_seconds",
            "A transaction of the store, the disk's answer included.",
            bounds: Histogram.secondsBounds
        )
        appends = metrics.histogram(
            "oneway_store_commit_appends",
            "Notifications stored with one transaction; 0 where it was other work alone.",
            bounds: [0, 1, 2, 5, 10, 20, 50, 100, 200, 500]
        )
    }

    @Sendable package func note(_ commit: Commit) {
        seconds.observe(commit.took)
        appends.observe(Double(commit.appends))
    }
}
