package import Telemetry

package struct AlertMetrics: Sendable {
    let posted: Counter
    let failed: Counter

    package init(_ metrics: inout Metrics) {
        posted = metrics.counter("oneway_alerts_posted_total", "Alerts that arrived at alerts.url.")
        failed = metrics.counter(
            "oneway_alerts_failed_total",
            "Attempts to post an alert that failed; each is repeated until it arrives."
        )
    }
}
