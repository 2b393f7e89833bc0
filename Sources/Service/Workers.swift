import Admin
import Alerting
import Applying
import Completing
import Configuration
import Coordination
import DataverseClient
import Forwarding
import OnewayCore
import Store
import Telemetry

/// All that applies, forwards, and keeps house, for one term of leading. A later term gets its own.
struct Workers: Sendable {
    let projector: Projector
    let applier: Applier
    /// Nil: Marketo is not configured.
    let forwarding: Forwarding?
    /// Nil: Dynamics cannot be asked.
    let completer: Completer?
    let dataverse: DataverseClient?
    /// Nil: nobody is to be told.
    let alerter: Alerter?
    private let leader: any StoreLeader
    private let replays: ReplayJobs
    private let eraser: Eraser
    private let janitor: Janitor

    init(
        _ settings: Configuration,
        _ leader: any StoreLeader,
        metrics: ServiceMetrics,
        recordsConfirmed: @escaping @Sendable (Int) -> Void,
        log: Log
    ) {
        self.leader = leader
        projector = Projector(settings, store: leader)
        forwarding = Forwarding(
            settings,
            store: leader,
            metrics: metrics.marketo,
            recordsConfirmed: recordsConfirmed,
            log: log
        )
        applier = Applier(settings, store: leader, applied: metrics.applying.note, log: log)
        let (applier, columns) = (applier, projector.book.columns)
        dataverse = settings.dynamics.webApi.map { DataverseClient($0) }
        completer = dataverse.map { client in
            Completer(
                store: leader,
                applier: applier,
                columns: columns,
                client: client,
                marketoUsers: Set(settings.dynamics.marketoUsers.compactMap { GUID($0) }),
                log: log
            )
        }
        alerter = Alerter(settings, store: leader, metrics: metrics.alerts, log: log)
        replays = ReplayJobs(store: leader, now: TimeSource.systemNow, log: log)
        eraser = Eraser(store: leader, projector: projector, applier: applier, log: log)
        janitor = Janitor(store: leader, keepDays: settings.inbox.keepDays, now: TimeSource.systemNow, log: log)
    }

    /// To be called once, before they run.
    func begin() async throws(StoreError) {
        try await projector.noticeChangedRules(leader, now: TimeSource.systemNow())
    }

    /// In the order of starting; they stop in the other.
    var parts: [any Running] {
        let forwarders: [any Running] = forwarding.map { [$0.forwarder, $0.probe] } ?? []
        let alerters: [any Running] = [alerter].compactMap(\.self)
        let completers: [any Running] = [completer].compactMap(\.self)
        return forwarders + [applier] + completers + alerters + [replays, eraser, janitor]
    }
}
