import Admin
import Alerting
import Applying
import Completing
import Configuration
import Coordination
import DataverseClient
import Forwarding
import Intake
import Loading
import OnewayCore
import Reconciling
import Store
import Telemetry
import Verifying

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
    let planner: LoadPlanner?
    private let loader: Loader?
    private let reconciler: Reconciler?
    /// Nil: Marketo is not configured.
    let verifier: Verifier?
    let leader: any StoreLeader
    private let replays: ReplayJobs
    private let eraser: Eraser
    private let janitor: Janitor
    private let trafficKeeper: TrafficKeeper

    init(
        _ settings: Configuration,
        _ leader: any StoreLeader,
        intake: any StoreIntake,
        metrics: ServiceMetrics,
        traffic: Traffic,
        graceMilliseconds: Int64,
        log: Log
    ) {
        self.leader = leader
        projector = Projector(settings, store: leader)
        forwarding = Forwarding(
            settings,
            store: leader,
            metrics: metrics.marketo,
            recordsConfirmed: { traffic.count(.sent, $0) },
            log: log
        )
        applier = Applier(settings, store: leader, applied: metrics.applying.note, log: log)
        let (applier, columns) = (applier, projector.book.columns)
        dataverse = settings.dynamics.webApi.map { DataverseClient($0, answered: metrics.completing.note) }
        let marketoUsers = Set(settings.dynamics.marketoUsers.compactMap { GUID($0) })
        completer = dataverse.map { client in
            Completer(
                store: leader,
                applier: applier,
                columns: columns,
                client: client,
                marketoUsers: marketoUsers,
                metrics: metrics.completing,
                log: log
            )
        }
        alerter = Alerter(settings, store: leader, metrics: metrics.alerts, log: log)
        let (projector, dataverse) = (projector, dataverse)
        verifier = forwarding.map { forwarding in
            Verifier(
                store: leader,
                intake: intake,
                projector: projector,
                forwarding: forwarding,
                dataverse: dataverse,
                marketoUsers: marketoUsers,
                log: log
            )
        }
        let reader = dataverse.map { client in
            TableReader(tables: Tables(client: client, columns: columns), marketoUsers: marketoUsers)
        }
        let (merger, isForwarding) = (
            BulkMerger(projector: projector, applier: applier, now: TimeSource.systemNow), forwarding != nil
        )
        planner = reader.map { LoadPlanner(reader: $0, book: merger.book) }
        loader = reader.map { reader in
            Loader(store: leader, merger: merger, reader: reader, isForwarding: isForwarding, log: log)
        }
        reconciler = reader.map { reader in
            Reconciler(
                store: leader,
                intake: intake,
                merger: merger,
                reader: reader,
                everyMinutes: settings.dynamics.reconcileEveryMinutes,
                graceMilliseconds: graceMilliseconds,
                metrics: metrics.reconciling,
                log: log
            )
        }
        replays = ReplayJobs(store: leader, now: TimeSource.systemNow, log: log)
        eraser = Eraser(store: leader, projector: projector, applier: applier, log: log)
        trafficKeeper = TrafficKeeper(store: leader, traffic: traffic, log: log)
        janitor = Janitor(
            store: leader,
            inboxDays: settings.inbox.keepDays,
            historyDays: settings.history.keepDays,
            now: TimeSource.systemNow,
            log: log
        )
    }

    /// To be called once, before they run.
    func begin() async throws(StoreError) {
        try await projector.noticeChangedRules(leader, now: TimeSource.systemNow())
        try await trafficKeeper.begin()
    }

    /// What the admin API tells of them.
    var shown: LeadingParts {
        LeadingParts(
            forwarding: forwarding,
            completer: completer,
            planner: planner,
            verifier: verifier,
            alerter: alerter
        )
    }

    /// In the order of starting; they stop in the other.
    var parts: [any Running] {
        let forwarders: [any Running] = forwarding.map { [$0.forwarder, $0.probe] } ?? []
        let alerters: [any Running] = [alerter].compactMap(\.self)
        let completers: [any Running] = [completer].compactMap(\.self)
        let loaders: [any Running] = [loader].compactMap(\.self)
        let reconcilers: [any Running] = [reconciler].compactMap(\.self)
        let verifiers: [any Running] = [verifier].compactMap(\.self)
        return [trafficKeeper] + forwarders + [applier] + completers + alerters + loaders + reconcilers
            + [replays, eraser, janitor] + verifiers
    }
}
