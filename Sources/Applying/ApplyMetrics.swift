package import Telemetry

/// The notifications that one transaction of the applier applied to mirror and outbox.
package struct AppliedBatch: Sendable {
    let rows: Int
    /// Those of them that could not be applied.
    let setAside: Int
    let took: Duration
}

package struct ApplyMetrics: Sendable {
    private let seconds: Histogram
    private let rows: Histogram
    private let setAside: Counter

    package init(_ metrics: inout Metrics) {
        seconds = metrics.histogram(
            "oneway_apply_seconds",
            "Time to apply one batch of notifications: reading, merging, rules, one transaction.",
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

    package var setAsideSoFar: Int { setAside.value }

    @Sendable package func note(_ batch: AppliedBatch) {
        seconds.observe(batch.took)
        rows.observe(Double(batch.rows))
        setAside.increment(by: batch.setAside)
    }
}
