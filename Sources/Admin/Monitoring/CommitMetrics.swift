package import Store
import Telemetry

/// Metrics of the store's transactions.
package struct CommitMetrics: Sendable {
    private let seconds: Histogram
    private let appends: Histogram

    init(_ metrics: inout Metrics) {
        seconds = metrics.histogram(
            "oneway_store_commit_seconds",
            "Time of a store transaction, including the disk's confirmation.",
            bounds: Histogram.secondsBounds
        )
        appends = metrics.histogram(
            "oneway_store_commit_appends",
            "Notifications stored per transaction; 0 for one with other work only.",
            bounds: [0, 1, 2, 5, 10, 20, 50, 100, 200, 500]
        )
    }

    private static let slowSeconds = 0.5
    var all: Int { seconds.count }
    var slow: Int { seconds.count(over: Self.slowSeconds) }

    @Sendable package func note(_ commit: Commit) {
        seconds.observe(commit.took)
        appends.observe(Double(commit.appends))
    }
}
