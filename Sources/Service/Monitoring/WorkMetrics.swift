import Store
import Telemetry

/// The store's transactions.
struct CommitMetrics: Sendable {
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

    @Sendable func note(_ commit: Commit) {
        seconds.observe(commit.took)
        appends.observe(Double(commit.appends))
    }
}

/// What one transaction of the applier brought from the inbox into mirror and outbox.
package struct AppliedBatch: Sendable {
    let rows: Int
    /// Of them those that could not be applied.
    let setAside: Int
    let took: Duration
}

struct ApplyMetrics: Sendable {
    private let seconds: Histogram
    private let rows: Histogram
    private let setAside: Counter

    init(_ metrics: inout Metrics) {
        seconds = metrics.histogram(
            "oneway_apply_seconds",
            "Applying one batch of notifications: reading, merging, rules, one transaction.",
            bounds: Histogram.secondsBounds
        )
        rows = metrics.histogram(
            "oneway_apply_rows",
            "Notifications applied in one batch.",
            bounds: [1, 2, 4, 8, 16, 32, 64, 128]
        )
        setAside = metrics.counter(
            "oneway_set_aside_total",
            "Accepted notifications that could not be applied and were put in quarantine."
        )
    }

    @Sendable func note(_ batch: AppliedBatch) {
        seconds.observe(batch.took)
        rows.observe(Double(batch.rows))
        setAside.increment(by: batch.setAside)
    }
}
