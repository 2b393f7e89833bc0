import Admin
import Alerting
import Applying
import Completing
public import Configuration
import Coordination
import DataverseClient
import Forwarding
import HTTPServer
import Intake
import MarketoClient
import OnewayCore
import Reading
import Reconciling
import Store
public import Telemetry
import Threads

/// The service: the one place where its parts are wired together.
public struct App: Sendable {
    private let settings: Configuration
    private let reloaded: Locked<Configuration>
    private let log: Log
    private let readiness: Readiness
    private let authenticator: Locked<Authenticator>
    private let adminAccess: Locked<AdminAccess>
    private let certificate: ServerCertificate?
    private let store: any Store
    private let refusals: RefusalBook
    private let leadership: Leadership
    private let health: HealthWatch
    private let api: AdminAPI
    private let publicServer: HTTPServer
    private let adminServer: HTTPServer

    public init(_ settings: Configuration, log: Log) async throws {
        try await self.init(settings, graceMilliseconds: Reconciler.graceByDefault, log: log)
    }

    /// `graceMilliseconds`: for so long after a change, its notification may be on its way.
    init(_ settings: Configuration, graceMilliseconds: Int64, log: Log) async throws {
        self.settings = settings
        reloaded = Locked(settings)
        self.log = log
        authenticator = Locked(Authenticator(settings.dynamics))
        adminAccess = Locked(AdminAccess(token: settings.admin.token, hosts: settings.admin.hosts))
        certificate = try Self.certificate(settings.public.tls)
        let now = TimeSource.systemNow
        let metrics = ServiceMetrics()
        let traffic = Traffic()
        let store = try OpenStore.open(settings, metrics.commits)
        self.store = store
        readiness = Readiness(store: store)
        refusals = RefusalBook(store: store, now: now, log: log)
        let leadership = Leadership(settings, store: store, log: log) { settings, leader in
            Workers(
                settings,
                leader,
                intake: store,
                metrics: metrics,
                traffic: traffic,
                graceMilliseconds: graceMilliseconds,
                log: log
            )
        }
        self.leadership = leadership
        let receiver = Receiver(
            policy: Policy(settings),
            store: store,
            refusals: refusals,
            now: now,
            metrics: metrics.intake,
            traffic: traffic,
            log: log
        )
        publicServer = Self.publicServer(
            settings,
            certificate,
            PublicListener(
                authenticator: authenticator,
                receiver: receiver,
                readiness: readiness,
                bodyBytesMax: settings.limits.bodyBytesMax,
                metrics: metrics.intake,
                log: log
            )
        )
        let leader = LeaderView(store: store, leading: { leadership.workers?.shown }, now: now)
        health = HealthWatch(
            HealthWatch.Subjects(
                leader,
                readiness: readiness,
                metrics: metrics,
                leadField: settings.marketo.lead.field
            ),
            keeper: { leadership.workers?.leader },
            log: log
        )
        api = Self.api(settings, leader, leadership, health, traffic, log)
        adminServer = Self.adminServer(
            settings,
            AdminListener(access: adminAccess, readiness: readiness, api: api, metrics: metrics, log: log)
        )
    }

    private static func api(
        _ settings: Configuration,
        _ leader: LeaderView,
        _ leadership: Leadership,
        _ health: HealthWatch,
        _ traffic: Traffic,
        _ log: Log
    ) -> AdminAPI {
        let (store, now) = (leader.store, leader.now)
        let projector = Projector(settings, store: store)
        let statements = Statements(settings, store: store, leading: { leadership.workers?.applier }, log: log)
        return AdminAPI(
            leader: leader,
            connections: Connections(
                marketo: settings.marketo.isConnected,
                dynamics: settings.dynamics.webApi != nil,
                leadField: settings.marketo.lead.field,
                reconcileEveryMinutes: settings.dynamics.reconcileEveryMinutes
            ),
            links: RecordLinks(settings),
            statements: statements,
            explainer: Explainer(policy: Policy(settings), projector: projector, now: now),
            survey: MappingSurvey(projector),
            traffic: traffic,
            importer: Importer(
                store: store,
                projector: projector,
                statements: statements,
                marketoUsers: Set(settings.dynamics.marketoUsers.compactMap { GUID($0) }),
                now: now
            ),
            health: health
        )
    }

    private static func certificate(_ tls: Configuration.TLS?) throws(HTTPServerError) -> ServerCertificate? {
        guard let tls else { return nil }
        return try ServerCertificate(certificateFile: tls.certificate, keyFile: tls.key)
    }

    private static func publicServer(
        _ settings: Configuration,
        _ certificate: ServerCertificate?,
        _ listener: PublicListener
    ) -> HTTPServer {
        HTTPServer(
            address: ListenAddress(host: settings.public.address.description, port: settings.public.port),
            limits: HTTPLimits(settings.limits),
            tls: certificate,
            responder: listener
        )
    }

    private static func adminServer(_ settings: Configuration, _ listener: AdminListener) -> HTTPServer {
        HTTPServer(
            address: ListenAddress(host: settings.admin.address.description, port: settings.admin.port),
            limits: .admin,
            responder: listener
        )
    }

    /// The ports that were bound: those configured, or the kernel's choice for 0.
    public struct Ports: Sendable {
        public let `public`: Int
        public let admin: Int
    }

    /// Binds both listeners and starts accepting. `run` must follow.
    public func start() async throws -> Ports {
        // Others may lead a shared store: waiting for a turn must not keep this one from accepting.
        if !settings.store.isShared { try await leadership.beginAlone() }
        let admin = try adminServer.start()
        do {
            let ports = Ports(public: try publicServer.start(), admin: admin)
            for (name, address, port) in [
                ("public", settings.public.address, ports.public), ("admin", settings.admin.address, ports.admin),
            ] {
                log.info(
                    "listening",
                    [.listener: .text(name), .address: .text(address.description), .port: .int(port)]
                )
            }
            if !settings.marketo.isConnected { log.warning("marketo.endpoint is not set: nothing is forwarded") }
            readiness.set(.starting, false)
            return ports
        } catch {
            await adminServer.stop(graceSeconds: 0)
            throw error
        }
    }

    /// By which the other replicas know what only the leader knows.
    private var forOthers: [any Running] {
        let leadership = leadership
        return [
            LeaderReport(leadership, api.leader),
            AnsweringOthers(api, leader: { leadership.workers?.leader }, log: log),
        ]
    }

    /// Runs until a clean stop, which begins when `told` returns.
    public func run(until told: @escaping @Sendable () async -> Void) async throws {
        let parts: [any Running] =
            [StorePart(store: store, log: log), leadership]
            + (settings.store.isShared ? forOthers : []) + [
                health, refusals,
                Listener(server: adminServer, graceSeconds: 1),
                Listener(server: publicServer, graceSeconds: Double(settings.limits.drainSecondsMax)),
            ]
        try await Lifecycle(parts: parts).run {
            await told()
            readiness.set(.draining, true)
        }
    }

    /// Reloads the settings that may change while running: secrets and certificates.
    public func reload(_ source: ConfigurationSource) {
        do {
            // As of the last reload: what is kept from it holds the newest secrets.
            let (fresh, needRestart) = reloaded.withLock(\.self).reloaded(from: try source.read().configuration)
            // Without a token the listener would trust anyone who reaches it.
            guard fresh.admin.token != nil || settings.admin.address.isLoopback else {
                return log.error(
                    "admin.token is no longer set while admin.address is beyond loopback; nothing was changed"
                )
            }
            if let tls = fresh.public.tls {
                try certificate?.reload(certificateFile: tls.certificate, keyFile: tls.key)
            }
            reloaded.withLock { $0 = fresh }
            authenticator.withLock { $0 = Authenticator(fresh.dynamics) }
            adminAccess.withLock { $0 = AdminAccess(token: fresh.admin.token, hosts: fresh.admin.hosts) }
            let workers = leadership.reload(fresh)
            workers?.forwarding?.client.reload(MarketoAccess(fresh.marketo))
            workers?.forwarding?.retryNow()
            if let webApi = fresh.dynamics.webApi { workers?.dataverse?.reload(DataverseAccess(webApi)) }
            workers?.completer?.retryNow()
            workers?.alerter?.reload(fresh.alerts)
            log.info("secrets and certificates were read again")
            for key in needRestart { log.warning("a changed setting needs a restart", [.setting: .text(key)]) }
        } catch {
            log.error("secrets and certificates could not be reloaded", [.error: .text("\(error)")])
        }
    }
}

extension HTTPLimits {
    fileprivate init(_ limits: Configuration.Limits) {
        self.init()
        connectionsMax = limits.connectionsMax
        requestsInFlightMax = limits.requestsInFlightMax
        bodiesInMemoryBytesMax = limits.bodiesInMemoryMegabytesMax << 20
        requestSecondsMax = Double(limits.requestSecondsMax)
    }

    /// Enough for a few people and a monitoring system.
    fileprivate static var admin: HTTPLimits {
        var limits = HTTPLimits()
        limits.connectionsMax = 128
        limits.requestsInFlightMax = 32
        return limits
    }
}
