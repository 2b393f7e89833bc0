import Completing
import DataverseClient
import HTTPClient
import OnewayCore
import Sandbox
import Store
import Telemetry
import Testing

@testable import Applying
@testable import Coordination
@testable import Loading

/// All that a load needs, without Marketo, over real sockets.
struct LoadingRig: Sendable {
    let store: any Store
    let dataverse: SandboxDataverse
    let loader: Loader
    let planner: LoadPlanner
    let projector: Projector

    /// Runs `body` beside the applier, the completer, and the loader, then stops them.
    static func run(
        _ store: any Store = MemoryStore(),
        dataverse given: SandboxDataverse? = nil,
        _ body: @Sendable (LoadingRig) async throws -> Void
    ) async throws {
        let dataverse = given ?? SandboxDataverse(send: { _ in 202 })
        let port = try dataverse.start()
        let leader = try await store.lead()
        let log = Log(level: .error, format: .json, sink: { _ in })
        let projector = Projector(store: leader, book: RuleBook(RuleSettings()), asks: true)
        let applier = Applier(
            store: leader,
            policy: ApplierTests.policy,
            rules: projector.add,
            rest: projector.followUp,
            now: TimeSource.systemNow,
            log: log
        )
        let access = DataverseAccess(
            url: "http://127.0.0.1:\(port)",
            tokenURL: "http://127.0.0.1:\(port)/tenant/oauth2/v2.0/token",
            clientID: "sandbox",
            clientSecret: "sandbox-secret"
        )
        let client = DataverseClient(
            access,
            limits: RequestBudget.Limits(),
            transport: CurlTransport(threads: 5, userAgent: "oneway/test")
        )
        let columns = projector.book.columns
        var metrics = Metrics()
        let completer = Completer(
            store: leader,
            applier: applier,
            columns: columns,
            client: client,
            marketoUsers: [Company.marketoUser],
            metrics: CompletingMetrics(&metrics),
            log: log
        )
        let reader = TableReader(tables: Tables(client: client, columns: columns), marketoUsers: [Company.marketoUser])
        let merger = BulkMerger(projector: projector, applier: applier, now: TimeSource.systemNow)
        let loader = Loader(store: leader, merger: merger, reader: reader, isForwarding: false, log: log)
        let planner = LoadPlanner(reader: reader, book: projector.book)
        let rig = LoadingRig(
            store: store,
            dataverse: dataverse,
            loader: loader,
            planner: planner,
            projector: projector
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await dataverse.run() }
            group.addTask { await applier.run() }
            group.addTask { await completer.run() }
            group.addTask { await loader.run() }
            let outcome: Result<Void, any Error>
            do { outcome = .success(try await body(rig)) } catch { outcome = .failure(error) }
            await loader.stop()
            await completer.stop()
            await applier.stop()
            await dataverse.stop()
            try await group.waitForAll()
            try outcome.get()
        }
    }

    func begin(_ work: LoadWork = LoadWork()) async throws {
        _ = try #require(try await LoadJob.begin(work, in: store, now: TimeSource.systemNow()))
    }

    /// Looks again whenever a job has come further.
    @discardableResult
    func until(_ what: String, _ isSo: (LoadJob) -> Bool) async throws -> LoadJob {
        let deadline = ContinuousClock.now + .seconds(120)
        let changes = store.signal(.jobs)
        while true {
            let seen = changes.count
            let load = try #require(try await LoadJob.latest(in: store))
            if isSo(load) { return load }
            guard ContinuousClock.now < deadline else {
                throw CompletingRig.TooLate(description: "not \(what): \(load.phase), \(load.job)")
            }
            await changes.wait(after: seen, until: TimeSource.systemNow().adding(milliseconds: 200), .system)
        }
    }

    @discardableResult
    func loaded(_ work: LoadWork = LoadWork()) async throws -> LoadJob {
        try await begin(work)
        return try await until("done") { $0.job.state == .done }
    }

    func record(_ entity: Entity, _ id: GUID) async throws -> MirrorRecord? {
        let key = RecordKey(entity, id)
        return try await store.records([key])[key]
    }

    func wanted(_ key: DeliveryKey) async throws -> JSONValue? {
        try await store.outboxItem(key)?.state.desired.map { try JSONDocument($0).root }
    }

    /// Requests for rows of a table.
    func reads(_ set: String) -> Int { dataverse.measured.callsByPath[set] ?? 0 }
}
