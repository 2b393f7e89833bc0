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
import Store
public import Telemetry
import Threads

/// The service: the one place where its parts are wired together.
public struct App: Sendable {
    private let settings: Configuration
    private let log: Log
    private let readiness: Readiness
    private let authenticator: Locked<Authenticator>
    private let adminAccess: Locked<AdminAccess>
    private let certificate: ServerCertificate?
    private let store: any Store
    private let refusals: RefusalBook
    private let workers: Workers
    private let health: HealthWatch
    private let publicServer: HTTPServer
    private let adminServer: HTTPServer

    public init(_ settings: Configuration, log: Log) async throws {
        self.settings = settings
        self.log = log
        authenticator = Locked(Authenticator(settings.dynamics))
        adminAccess = Locked(AdminAccess(token: settings.admin.token, hosts: settings.admin.hosts))
        certificate = try Self.certificate(settings.public.tls)
        let now = TimeSource.systemNow
        let metrics = ServiceMetrics()
        let traffic = Traffic()
        store = try Self.open(settings, metrics.commits)
        readiness = Readiness(store: store)
        refusals = RefusalBook(store: store, now: now, log: log)
        let leader = try await store.lead()
        workers = Workers(
            settings,
            leader,
            metrics: metrics,
            recordsConfirmed: { traffic.count(.sent, $0) },
            log: log
        )
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
        health = Self.health(settings, workers, leader, store, readiness, metrics, log)
        let api = AdminAPI(
            store: store,
            applier: workers.applier,
            explainer: Explainer(policy: Policy(settings), projector: workers.projector, now: now),
            unknowns: UnknownCount(store: store, book: workers.projector.book),
            traffic: traffic,
            importer: Importer(store: store, projector: workers.projector, applier: workers.applier, now: now),
            forwarding: workers.forwarding,
            completer: workers.completer,
            health: health,
            now: now
        )
        adminServer = Self.adminServer(
            settings,
            AdminListener(access: adminAccess, readiness: readiness, api: api, metrics: metrics, log: log)
        )
    }

    private static func health(
        _ settings: Configuration,
        _ workers: Workers,
        _ leader: any StoreLeader,
        _ store: any Store,
        _ readiness: Readiness,
        _ metrics: ServiceMetrics,
        _ log: Log
    ) -> HealthWatch {
        let subjects = HealthWatch.Subjects(
            store: store,
            readiness: readiness,
            forwarding: workers.forwarding,
            completer: workers.completer,
            metrics: metrics,
            alerter: workers.alerter,
            leadField: settings.marketo.lead.field
        )
        return HealthWatch(subjects, leader: leader, now: TimeSource.systemNow, log: log)
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
        try await workers.begin()
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
            if workers.forwarding == nil { log.warning("marketo.endpoint is not set: nothing is forwarded") }
            readiness.set(.starting, false)
            return ports
        } catch {
            await adminServer.stop(graceSeconds: 0)
            throw error
        }
    }

    /// Runs until a clean stop, which begins when `told` returns.
    public func run(until told: @escaping @Sendable () async -> Void) async throws {
        let parts: [any Running] =
            [StorePart(store: store)] + workers.parts + [
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
            let (fresh, needRestart) = settings.reloaded(from: try source.read().configuration)
            // Without a token the listener would trust anyone who reaches it.
            guard fresh.admin.token != nil || settings.admin.address.isLoopback else {
                return log.error(
                    "admin.token is no longer set while admin.address is beyond loopback; nothing was changed"
                )
            }
            try certificate?.reload()
            authenticator.withLock { $0 = Authenticator(fresh.dynamics) }
            adminAccess.withLock { $0 = AdminAccess(token: fresh.admin.token, hosts: fresh.admin.hosts) }
            workers.forwarding?.client.reload(MarketoAccess(fresh.marketo))
            workers.forwarding?.retryNow()
            if let webApi = fresh.dynamics.webApi { workers.dataverse?.reload(DataverseAccess(webApi)) }
            workers.completer?.retryNow()
            workers.alerter?.reload(fresh.alerts)
            log.info("secrets and certificates were read again")
            for key in needRestart { log.warning("a changed setting needs a restart", [.setting: .text(key)]) }
        } catch {
            log.error("secrets and certificates could not be reloaded", [.error: .text("\(error)")])
        }
    }

    private static func open(_ settings: Configuration, _ commits: CommitMetrics) throws -> any Store {
        switch settings.store {
        case .sqlite(let path):
            try SQLiteStore(
                path: path,
                limits: StoreLimits(
                    inboxBytesMax: Int64(settings.inbox.sizeMegabytesMax) << 20,
                    diskFreeBytesMin: Int64(settings.limits.diskFreeMegabytesMin) << 20
                ),
                committed: commits.note
            )
        case .memory: MemoryStore()
        case .postgreSQL: throw Unsupported(what: "PostgreSQL is not supported by this version; use sqlite:PATH")
        }
    }
}

struct Unsupported: Error, CustomStringConvertible {
    let what: String
    var description: String { what }
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
