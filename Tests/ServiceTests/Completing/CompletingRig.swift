import Completing
import Configuration
import DataverseClient
import HTTPClient
import OnewayCore
import Sandbox
import Store
import Telemetry
import Testing
import Threads

@testable import Applying
@testable import Coordination

/// An applier that asks, the completer, and the Dynamics that it asks, over real sockets.
struct CompletingRig: Sendable {
    let store: any Store
    let dataverse: SandboxDataverse
    let completer: Completer
    let applier: Applier
    let projector: Projector
    let metrics: Metrics
    /// By how much Oneway's clock is put forward; Dynamics' is right.
    let ahead: Locked<Int64>

    static func run(
        secret: String = "sandbox-secret",
        readsRoleNames: Bool = false,
        _ body: @Sendable (CompletingRig) async throws -> Void
    ) async throws {
        let dataverse = SandboxDataverse(send: { _ in 202 })
        let port = try dataverse.start()
        let ahead = Locked<Int64>(0)
        let now: @Sendable () -> Timestamp = { TimeSource.systemNow().adding(milliseconds: ahead.withLock(\.self)) }
        let store = MemoryStore()
        let leader = try await store.lead()
        let log = Log(level: .error, format: .json, sink: { _ in })
        var settings = RuleSettings()
        settings.readsRoleNames = readsRoleNames
        let projector = Projector(store: leader, book: RuleBook(settings), asks: true)
        let applier = Applier(
            store: leader,
            policy: ApplierTests.policy,
            rules: projector.add,
            rest: projector.followUp,
            now: now,
            log: log
        )
        let access = DataverseAccess(
            url: "http://127.0.0.1:\(port)",
            tokenURL: "http://127.0.0.1:\(port)/tenant/oauth2/v2.0/token",
            clientID: "sandbox",
            clientSecret: secret
        )
        var metrics = Metrics()
        let measuring = CompletingMetrics(&metrics)
        let completer = Completer(
            store: leader,
            applier: applier,
            columns: projector.book.columns,
            client: DataverseClient(
                access,
                limits: RequestBudget.Limits(),
                transport: CurlTransport(threads: 5, userAgent: "oneway/test"),
                answered: measuring.note
            ),
            marketoUsers: [Company.marketoUser],
            metrics: measuring,
            time: TimeSource(now: now, sleep: TimeSource.system.sleep),
            log: log
        )
        let rig = CompletingRig(
            store: store,
            dataverse: dataverse,
            completer: completer,
            applier: applier,
            projector: projector,
            metrics: metrics,
            ahead: ahead
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await dataverse.run() }
            group.addTask { await applier.run() }
            group.addTask { await completer.run() }
            let outcome: Result<Void, any Error>
            do { outcome = .success(try await body(rig)) } catch { outcome = .failure(error) }
            await completer.stop()
            await applier.stop()
            await dataverse.stop()
            try await group.waitForAll()
            try outcome.get()
        }
    }

    func post(_ bodies: Body...) async throws { for body in bodies { try await ApplyingRig(store).append(body) } }

    /// Whoever waits for a time looks again.
    func goForward(milliseconds: Int64) {
        ahead.withLock { $0 += milliseconds }
        completer.retryNow()
    }

    struct TooLate: Error, CustomStringConvertible { let description: String }

    /// Looks again whenever something was asked, answered, or applied.
    func until(_ what: String, _ isSo: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(120)
        let changes = store.signal(.questions)
        while true {
            let seen = changes.count
            if try await isSo() { return }
            guard ContinuousClock.now < deadline else {
                throw TooLate(description: "not \(what): \(try await store.openQuestions(of: .opportunity, limit: 9))")
            }
            await changes.wait(after: seen, until: TimeSource.systemNow().adding(milliseconds: 200), .system)
        }
    }

    /// Everything is applied, and every question is answered.
    func completed() async throws {
        try await until("completed") {
            let status = try await store.status()
            return status.unapplied == 0 && status.questions == 0 && status.stale == 0
        }
    }

    func record(_ entity: Entity, _ id: GUID) async throws -> MirrorRecord? {
        let key = RecordKey(entity, id)
        return try await store.records([key])[key]
    }

    func wanted(_ opportunity: GUID) async throws -> JSONValue? {
        let item = try await store.outboxItem(DeliveryKey(.opportunity, "\(opportunity)"))
        return try item?.state.desired.map { try JSONDocument($0).root }
    }

    /// A counter, as a scrape shows it.
    func count(_ sample: String) -> Int? {
        let lines = metrics.text.split(separator: "\n")
        return lines.first { $0.hasPrefix(sample + " ") }.flatMap { Int($0.dropFirst(sample.count + 1)) }
    }

    /// Requests for rows, of any table.
    var reads: Int { dataverse.measured.calls.count { !$0.path.contains("EntityDefinitions") } }
}
