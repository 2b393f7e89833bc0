import Completing
import Configuration
import DataverseClient
import HTTPClient
import MarketoClient
import OnewayCore
import Store
import Telemetry
import Testing

@testable import Admin
@testable import Applying
@testable import Coordination
@testable import Forwarding
@testable import Reading
@testable import Sandbox
@testable import Verifying

/// All that keeps both sides in step, with the stand-ins for Dynamics and Marketo, over real sockets. Dynamics' clock is
/// an hour late, so that nothing counts as just being modified.
struct VerifyingRig: Sendable {
    let store: any Store
    let dataverse: SandboxDataverse
    let marketo: SandboxMarketo
    let forwarding: Forwarding
    let completer: Completer
    let applier: Applier
    let verifier: Verifier
    /// Another one, as after a restart.
    let another: Verifier
    private let client: MarketoClient

    static func run(
        store: any Store = MemoryStore(),
        opportunities: Int = 0,
        isConnected: Bool = true,
        _ change: (inout Configuration) -> Void = { _ in },
        _ body: @Sendable (VerifyingRig) async throws -> Void
    ) async throws {
        let late: @Sendable () -> Timestamp = { TimeSource.systemNow().adding(seconds: -3_600) }
        let dataverse = SandboxDataverse(DataverseOptions(), now: late, send: { _ in 202 })
        let marketo = SandboxMarketo(.unlimited)
        if opportunities > 0 { dataverse.grow(opportunities: opportunities) }
        var settings = Configuration()
        settings.marketo.endpoint = "http://127.0.0.1:\(try marketo.start())"
        settings.marketo.clientId = "sandbox"
        settings.marketo.clientSecret = Secret("sandbox-secret")
        settings.marketo.flushAfterMilliseconds = 0
        settings.marketo.callsPer20Seconds = 100_000
        change(&settings)
        let rig = try await VerifyingRig(settings, store, dataverse, marketo, isConnected)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await dataverse.run() }
            group.addTask { await marketo.run() }
            group.addTask { await rig.forwarding.forwarder.run() }
            group.addTask { await rig.applier.run() }
            group.addTask { await rig.completer.run() }
            group.addTask { await rig.verifier.run() }
            let outcome: Result<Void, any Error>
            do { outcome = .success(try await body(rig)) } catch { outcome = .failure(error) }
            await rig.verifier.stop()
            await rig.completer.stop()
            await rig.applier.stop()
            await rig.forwarding.forwarder.stop()
            await marketo.stop()
            await dataverse.stop()
            try await group.waitForAll()
            try outcome.get()
        }
    }

    private init(
        _ settings: Configuration,
        _ store: any Store,
        _ dataverse: SandboxDataverse,
        _ marketo: SandboxMarketo,
        _ isConnected: Bool
    ) async throws {
        (self.store, self.dataverse, self.marketo) = (store, dataverse, marketo)
        let leader = try await store.lead()
        let log = Log(level: .error, format: .json, sink: { _ in })
        let projector = Projector(store: leader, book: RuleBook(RuleSettings(settings)), asks: true)
        applier = Applier(
            store: leader,
            policy: ApplierTests.policy,
            rules: projector.add,
            rest: projector.followUp,
            now: TimeSource.systemNow,
            log: log
        )
        let port = try dataverse.start()
        let access = DataverseAccess(
            url: "http://127.0.0.1:\(port)",
            tokenURL: "http://127.0.0.1:\(port)/tenant/oauth2/v2.0/token",
            clientID: "sandbox",
            clientSecret: "sandbox-secret"
        )
        let reading = DataverseClient(
            access,
            limits: RequestBudget.Limits(),
            transport: CurlTransport(threads: 5, userAgent: "oneway/test")
        )
        var metrics = Metrics()
        completer = Completer(
            store: leader,
            applier: applier,
            columns: projector.book.columns,
            client: reading,
            marketoUsers: [],
            metrics: CompletingMetrics(&metrics),
            log: log
        )
        forwarding = try #require(
            Forwarding(settings, store: leader, metrics: ServiceMetrics().marketo, log: log)
        )
        let forwarding = forwarding
        func verifier() -> Verifier {
            Verifier(
                store: leader,
                intake: store,
                projector: projector,
                forwarding: forwarding,
                dataverse: isConnected ? reading : nil,
                marketoUsers: [],
                log: log
            )
        }
        (self.verifier, another) = (verifier(), verifier())
        client = MarketoClient(MarketoAccess(settings.marketo), transport: CurlTransport(threads: 1, userAgent: "test"))
    }

    // MARK: Beforehand

    /// Every contact is a lead, and everything that Dynamics has is in Marketo.
    func filled() async throws {
        try await read()
        try await settled()
    }

    /// Everything that Dynamics has is known.
    func read() async throws {
        for contact in dataverse.ids("contact") { marketo.seedLead(["externalPersonId": .string("\(contact)")]) }
        let keys = Entity.allCases.flatMap { entity in
            dataverse.ids(entity.rawValue).map { RecordKey(entity, $0) }
        }
        try await store.ask(Dictionary(uniqueKeysWithValues: keys.map { ($0, .refresh) }), now: TimeSource.systemNow())
        try await until("read") {
            let status = try await store.status()
            return status.questions == 0 && status.stale == 0
        }
    }

    struct TooLate: Error, CustomStringConvertible { let description: String }

    func settled() async throws {
        try await until("settled") {
            let status = try await store.status()
            return status.unapplied == 0 && status.questions == 0 && status.stale == 0
                && status.outbox(.pending) + status.outbox(.waiting) + status.outbox(.parked) == 0
        }
    }

    /// Looks again whenever something was sent, or a job has come further.
    func until(_ what: String, _ isSo: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(120)
        let changes = store.signal(.outbox)
        while true {
            let seen = changes.count
            if try await isSo() { return }
            guard ContinuousClock.now < deadline else {
                throw TooLate(description: "not \(what): \(try await store.status())")
            }
            await changes.wait(after: seen, until: TimeSource.systemNow().adding(milliseconds: 50), .system)
        }
    }

    // MARK: Behind Oneway's back

    /// As another program would.
    func write(_ kind: RecordKind, _ records: JSON...) async throws {
        let outcome = await client.call(.sync(kind, records.map(\.encoded)))
        guard case .answered(let answer) = outcome, answer.isSuccess, answer.results.allSatisfy(\.complaints.isEmpty)
        else { throw TooLate(description: "\(outcome)") }
    }

    func delete(_ kind: RecordKind, _ keys: JSON...) async throws {
        let outcome = await client.call(try #require(MarketoCall.delete(kind, keys.map(\.encoded))))
        guard case .answered(let answer) = outcome, answer.isSuccess, answer.results.allSatisfy(\.complaints.isEmpty)
        else { throw TooLate(description: "\(outcome)") }
    }

    static let quietly = SandboxDataverse.Manner(bypassesSteps: true)

    // MARK: The comparison

    func verification(_ work: Verification.Work = Verification.Work()) async throws -> JSONValue {
        let begun = try await Verification.begin(work, in: store, now: TimeSource.systemNow())
        #expect(begun != nil, "another one is running")
        return try await ended()
    }

    func ended() async throws -> JSONValue {
        try await until("compared") { try await Verification.latest(in: store)?.isRunning == false }
        let latest = try #require(try await Verification.latest(in: store))
        return try JSONDocument(latest.json(now: TimeSource.systemNow()).encoded).root
    }

    /// `what kind key`, with the names of fields.
    func findings() async throws -> [String] {
        let count = try #require(try await Verification.latest(in: store)).kept
        let found = try await FindingsBook(.verify).findings(after: nil, count: count, limit: .max, in: store)
        return found.map { Self.line($0.finding) }.sorted()
    }

    static func line(_ finding: JSONValue) -> String {
        let names = (finding["fields"]?.elements ?? []).compactMap { $0["name"]?.string }
        let parts = ["what", "kind", "key"].map { finding[$0]?.string ?? "" } + names
        return parts.joined(separator: " ")
    }

    func items(_ kind: RecordKind) async throws -> [OutboxItem] {
        try await store.outbox(OutboxFilter(kind: kind), after: nil, limit: 1_000).filter { $0.state.desired != nil }
    }
}
