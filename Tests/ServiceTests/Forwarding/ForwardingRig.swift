import Configuration
import HTTPClient
import HTTPServer
import MarketoClient
import OnewayCore
import Store
import Telemetry
import Testing

@testable import Admin
@testable import Coordination
@testable import Forwarding
@testable import Sandbox

/// A forwarder with a store, and the stand-in for Marketo that it forwards to, over real sockets.
struct ForwardingRig: Sendable {
    let store: any Store
    let marketo: SandboxMarketo
    let forwarding: Forwarding
    let time: TimeSource
    let metrics: ServiceMetrics
    private let endpoint: String
    private let lines: Signal

    /// Time runs `speed` times as fast as real time, for both sides.
    static func run(
        speed: Int64 = 1,
        store: any Store = MemoryStore(),
        _ change: (inout Configuration) -> Void = { _ in },
        options: SandboxOptions = SandboxOptions(),
        _ body: @Sendable (ForwardingRig) async throws -> Void
    ) async throws {
        let (clock, lines) = (TimeSource.quick(speed), Signal())
        let marketo = SandboxMarketo(options, now: clock.now)
        var settings = Configuration()
        settings.marketo.endpoint = "http://127.0.0.1:\(try marketo.start())"
        settings.marketo.clientId = options.clientID
        settings.marketo.clientSecret = Secret(options.clientSecret)
        settings.marketo.flushAfterMilliseconds = 0
        settings.limits.drainSecondsMax = 5
        change(&settings)
        let metrics = ServiceMetrics()
        let log = Log(level: .debug, format: .json, sink: { _ in lines.fire() })
        let transport = CurlTransport(threads: settings.marketo.concurrentCalls, userAgent: Oneway.userAgent)
        let forwarding = try #require(
            Forwarding(
                settings,
                store: try await store.lead(),
                transport: transport,
                time: clock,
                metrics: metrics.marketo,
                // Of real time: a call takes no less of that.
                claimSeconds: 600 * Int(speed),
                log: log
            )
        )
        let rig = ForwardingRig(
            store: store,
            marketo: marketo,
            forwarding: forwarding,
            time: clock,
            metrics: metrics,
            endpoint: settings.marketo.endpoint,
            lines: lines
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await marketo.run() }
            group.addTask { await forwarding.forwarder.run() }
            let outcome: Result<Void, any Error>
            do { outcome = .success(try await body(rig)) } catch { outcome = .failure(error) }
            await forwarding.forwarder.stop()
            await marketo.stop()
            try await group.waitForAll()
            try outcome.get()
        }
    }

    // MARK: Desired state

    func want(_ desired: [DesiredRecord]) async throws {
        while true {
            var application = Application(basis: try await store.mirrorVersion())
            application.desired = desired
            do throws(StoreError) {
                try await store.leader.apply(application, now: time.now())
                break
            } catch { guard error.kind == .outdated else { throw error } }
        }
    }

    func want(_ desired: DesiredRecord...) async throws { try await want(desired) }

    /// As an operator does.
    @discardableResult
    func setPaused(_ isPaused: Bool) async throws -> Timestamp? {
        let since = isPaused ? try await store.orders().pausedSince ?? time.now() : nil
        try await store.setPause(since: since)
        try await forwarding.forwarder.obeyOrders()
        return since
    }

    // MARK: Waiting

    struct TooLate: Error, CustomStringConvertible { let description: String }

    /// Checks again whenever the forwarder has logged something.
    func until(
        _ what: String,
        sourceLocation: SourceLocation = #_sourceLocation,
        _ isSo: () async throws -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + .seconds(120)
        while true {
            let seen = lines.count
            if try await isSo() { return }
            guard ContinuousClock.now < deadline else {
                let open = try await store.outbox(OutboxFilter(), after: nil, limit: 500)
                    .filter { $0.state.stage != .settled }.prefix(5).map { item in
                        let state = item.state
                        return "\(item.key): \(state.stage), due \(state.nextAttemptAt?.description ?? "never")"
                            + ", for \(state.waitingFor?.rawValue ?? "nothing"), \(state.attempts) attempts"
                            + ", claimed \(state.isClaimed), in doubt \(state.isInDoubt), \(state.trouble?.code ?? "no trouble")"
                    }
                let says = ["not \(what) in time at \(time.now())", "\(forwarding.gate.status)"] + open
                throw TooLate(description: says.joined(separator: "\n"))
            }
            await lines.wait(after: seen, until: TimeSource.system.now().adding(milliseconds: 200), .system)
        }
    }

    /// Waits until nothing is left to send.
    func settled() async throws {
        try await until("settled") {
            let status = try await store.status()
            return status.outbox(.pending) == 0 && status.outbox(.waiting) == 0
        }
    }

    /// Waits until Marketo has everything. Records that were parked meanwhile, or by a late answer, are retried as an
    /// operator would.
    func asWanted() async throws {
        try await until("as wanted") {
            let status = try await store.status()
            if status.outbox(.pending) > 0 { return false }
            if status.outbox(.waiting) + status.outbox(.parked) == 0 { return true }
            _ = try await store.retry(.all, now: time.now())
            forwarding.retryNow()
            return false
        }
    }

    func item(_ desired: DesiredRecord) async throws -> DeliveryState {
        try #require(try await store.outboxItem(desired.key)).state
    }

    func stage(_ desired: DesiredRecord, is stage: DeliveryState.Stage) async throws {
        try await until("\(desired.key) \(stage)") { try await item(desired).stage == stage }
    }

    func access(secret: String) -> MarketoAccess {
        MarketoAccess(endpoint: endpoint, clientID: "sandbox", clientSecret: secret)
    }

    // MARK: Marketo's records

    func calls(_ path: String) -> [Call] { marketo.measured.calls.filter { $0.path == path } }

    func held(_ kind: MarketoKind, _ key: String) -> [String: JSON]? { marketo.book.held(kind, key)?.values }

    func told(_ opportunity: Int) -> [HistoryEntry] {
        marketo.history.of(.opportunity, "\(GUID.number(opportunity))")
    }

    func roles(of opportunity: Int) -> [[String: JSON]] {
        marketo.book[.role].records("externalOpportunityId", "\(GUID.number(opportunity))").map(\.values)
    }
}

extension TimeSource {
    static func quick(_ speed: Int64) -> TimeSource {
        let (start, wall) = (ContinuousClock.now, TimeSource.systemNow())
        return TimeSource(
            now: {
                let (seconds, attoseconds) = start.duration(to: .now).components
                let real = seconds * 1000 + attoseconds / 1_000_000_000_000_000
                return wall.adding(milliseconds: real * speed)
            },
            sleep: { until in
                let (seconds, attoseconds) = start.duration(to: .now).components
                let now = wall.milliseconds + (seconds * 1000 + attoseconds / 1_000_000_000_000_000) * speed
                try? await Task.sleep(for: .microseconds(max(0, until.milliseconds - now) * 1000 / speed))
            }
        )
    }
}

extension GUID {
    static func number(_ number: Int) -> GUID { GUID(high: 0xabc0, low: UInt64(number)) }
}

extension DesiredRecord {
    static func company(_ number: Int) -> DesiredRecord {
        let record: JSON = ["externalCompanyId": .string("\(GUID.number(number))"), "company": "Contoso"]
        return DesiredRecord(
            DeliveryKey(.company, "\(GUID.number(number))"),
            opportunity: nil,
            DesiredState(record.encoded)
        )
    }

    static func opportunity(_ number: Int, name: String = "Pumps", company: Int? = nil, _ more: JSON.Member...)
        -> DesiredRecord
    {
        let id = GUID.number(number)
        var members: [JSON.Member] = [.init("externalOpportunityId", .string("\(id)"))]
        if let company { members.append(.init("externalCompanyId", .string("\(GUID.number(company))"))) }
        members += [.init("name", .string(name))] + more
        return DesiredRecord(
            DeliveryKey(.opportunity, "\(id)"),
            opportunity: id,
            DesiredState(JSON.object(members).encoded)
        )
    }

    static func role(_ opportunity: Int, contact: Int, _ name: String = "Customer", isPrimary: Bool = true)
        -> DesiredRecord
    {
        let (opportunity, contact) = (GUID.number(opportunity), GUID.number(contact))
        let record: JSON = [
            "externalOpportunityId": .string("\(opportunity)"), "contact": .string("\(contact)"), "role": .string(name),
            "isPrimary": .bool(isPrimary),
        ]
        let key = DeliveryKey(.role, "\(opportunity)/\(contact)/\(name)")
        return DesiredRecord(key, opportunity: opportunity, DesiredState(record.encoded))
    }

    var gone: DesiredRecord { DesiredRecord(key, opportunity: opportunity, DesiredState(nil)) }
}

extension SandboxOptions {
    static var unlimited: SandboxOptions {
        var options = SandboxOptions()
        options.limits = .off
        return options
    }
}
