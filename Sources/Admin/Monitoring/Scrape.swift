import Forwarding
package import Intake
import OnewayCore
import Store
import Telemetry
import Threads

/// One scrape of all metrics. Scrapes may overlap: each shows the newest snapshot.
package struct Scrape: Sendable {
    let metrics: ServiceMetrics
    let store: any Store
    /// Nil: another replica leads.
    let leading: @Sendable () -> LeadingParts?
    let readiness: Readiness
    var health: HealthWatch?
    let now: @Sendable () -> Timestamp

    /// Reads counters, two indexes, and the disk: as quick for a million rows as for none.
    func text() async -> String {
        let parts = leading()
        let snapshot = MetricsSnapshot(
            now: now(),
            store: try? await store.status(),
            groups: try? await store.outboxGroups(),
            room: store.room,
            obstacles: readiness.reasons,
            leads: parts != nil,
            gate: parts?.forwarding?.gate.status,
            verdict: await health?.look(),
            replicas: try? await store.replicas()
        )
        metrics.snapshot.withLock { $0 = snapshot }
        return metrics.registry.text
    }
}

extension Scrape {
    /// A scrape of the parts that the admin API uses.
    package init(metrics: ServiceMetrics, api: AdminAPI, readiness: Readiness) {
        self.init(
            metrics: metrics,
            store: api.store,
            leading: api.leading,
            readiness: readiness,
            now: api.now
        )
        health = api.health
    }
}
