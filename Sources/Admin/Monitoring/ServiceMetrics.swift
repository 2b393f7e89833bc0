package import Alerting
package import Applying
package import Completing
package import Forwarding
package import Intake
import OnewayCore
package import Reconciling
import Telemetry
import Threads

/// The service's metrics, by part. docs/operating.md explains each, and says which value deserves an alarm.
package struct ServiceMetrics: Sendable {
    let registry: Metrics
    package let intake: IntakeMetrics
    package let commits: CommitMetrics
    package let applying: ApplyMetrics
    package let marketo: MarketoMetrics
    package let alerts: AlertMetrics
    package let completing: CompletingMetrics
    package let reconciling: ReconcileMetrics
    /// Values that are not counted but read once per scrape.
    let snapshot = Locked(MetricsSnapshot())

    package init() {
        var metrics = Metrics()
        intake = IntakeMetrics(&metrics)
        commits = CommitMetrics(&metrics)
        applying = ApplyMetrics(&metrics)
        marketo = MarketoMetrics(&metrics)
        alerts = AlertMetrics(&metrics)
        completing = CompletingMetrics(&metrics)
        reconciling = ReconcileMetrics(&metrics)
        MetricsSnapshot.register(snapshot, in: &metrics)
        ProcessFigures.register(in: &metrics)
        metrics.gauges("oneway_build_info", "The running version; always 1.", by: VersionLabel.self) {
            [VersionLabel(): 1]
        }
        registry = metrics
    }
}

/// The running version.
struct VersionLabel: MetricLabels {
    static var allCases: [VersionLabel] { [VersionLabel()] }
    var labels: [(name: String, value: String)] { [("version", Oneway.version)] }
}
