import Alerting
import Configuration
import HTTPClient
import OnewayCore
import Telemetry
import TestSupport
import Testing
import Threads

@testable import Admin
@testable import Coordination
@testable import Store
@testable import oneway

/// Alerts, posted to a receiver on this machine that is well, down, slow, or answers 500.
@Suite struct AlerterTests {
    private struct Rig {
        let alerter: Alerter
        let time: TimeSource
        let metrics: ServiceMetrics
        let logged: Locked<[String]>
        let lines: Signal

        /// A time that runs a thousand times as fast.
        init(_ url: String, _ store: any Store, transport: (any Transport)? = nil) async throws {
            var settings = Configuration()
            settings.alerts.url = Secret(url)
            let (logged, lines) = (Locked<[String]>([]), Signal())
            (time, metrics, self.logged, self.lines) = (.quick(1_000), ServiceMetrics(), logged, lines)
            let sink: @Sendable ([UInt8]) -> Void = { line in
                logged.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
                lines.fire()
            }
            let log = Log(level: .debug, format: .json, sink: sink)
            let leader = try await store.lead()
            let made = Alerter(
                settings,
                store: leader,
                transport: transport,
                metrics: metrics.alerts,
                time: time,
                log: log
            )
            alerter = try #require(made)
        }

        func run(_ body: () async throws -> Void) async throws {
            let running = Task { [alerter] in await alerter.run() }
            let outcome: Result<Void, any Error>
            do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
            await alerter.stop()
            await running.value
            try outcome.get()
        }

        /// Looks again and again, as the watch does, until something holds.
        func look(_ causes: Cause..., until isSo: () -> Bool) async throws {
            let deadline = ContinuousClock.now + .seconds(120)
            while !isSo() {
                guard ContinuousClock.now < deadline else { throw TooLate(logged: logged.withLock { $0 }) }
                let seen = lines.count
                let now = time.now()
                var facts = HealthFacts(now: now)
                facts.settled = 1
                facts.parked = causes.contains(.parked) ? 1 : 0
                facts.turnedAway = causes.contains(.turningAway) ? 1 : 0
                var memory = HealthMemory()
                alerter.look(memory.verdict(on: facts), now)
                await lines.wait(after: seen, until: TimeSource.system.now().adding(milliseconds: 5), .system)
            }
        }
    }

    private struct TooLate: Error { let logged: [String] }

    private static func body(_ request: String) throws -> JSONValue {
        let text = request.split(separator: "\r\n\r\n", maxSplits: 1).last ?? ""
        return try JSONDocument(Array(text.utf8)).root
    }

    private static func answering(_ status: String) throws -> RawServer {
        try RawServer { connection in
            while !connection.hear().isEmpty { connection.answer("ok", status: status) }
        }
    }

    @Test func whatIsWrongIsToldAndItsEndToo() async throws {
        let receiver = try Self.answering("200 OK")
        let rig = try await Rig("http://127.0.0.1:\(receiver.port)/hook?key=secret", MemoryStore())
        try await rig.run {
            try await rig.look(.parked) { receiver.requests.count == 1 }
            // A request that is heard is not answered yet, and a stop does not wait for the answer.
            try await rig.look { receiver.requests.count == 2 && rig.alerter.status.waiting == 0 }
        }
        let (raised, recovered) = (try Self.body(receiver.requests[0]), try Self.body(receiver.requests[1]))
        #expect(receiver.requests[0].hasPrefix("POST /hook?key=secret HTTP/1.1"))
        #expect(raised["change"]?.string == "raised" && raised["code"]?.string == "parked")
        #expect(raised["level"]?.string == "attention")
        #expect(raised["sentence"]?.string == "Running; 1 record needs attention.")
        #expect(raised["link"]?.string == "http://127.0.0.1:8081/")
        #expect(recovered["change"]?.string == "recovered" && recovered["level"]?.string == "ok")
        #expect(recovered["until"]?.string != nil && recovered["since"]?.string == raised["since"]?.string)
        #expect(!rig.logged.withLock { $0.joined() }.contains("secret"))
        #expect(rig.metrics.registry.text.contains("oneway_alerts_posted_total 2"))
    }

    /// Tried again until it arrives, and seen meanwhile.
    @Test(arguments: ["500 Internal Server Error", "404 Not Found", ""])
    func whatDoesNotArriveIsTriedAgain(status: String) async throws {
        let isWell = Locked(false)
        // An empty status: the connection breaks.
        let receiver = try RawServer { connection in
            while !connection.hear().isEmpty {
                let status = isWell.withLock { $0 } ? "204 No Content" : status
                if status.isEmpty { return }
                connection.answer("", status: status)
            }
        }
        let store = MemoryStore()
        let rig = try await Rig("http://127.0.0.1:\(receiver.port)/", store)
        try await rig.run {
            try await rig.look(.turningAway) { rig.alerter.status.isFailing }
            let failed = rig.alerter.status
            #expect(failed.waiting == 1 && failed.failures >= 3 && failed.trouble != nil)
            #expect(rig.logged.withLock { $0 }.contains { $0.contains("an alert could not be posted") })
            isWell.withLock { $0 = true }
            // That it was posted is noted before that nothing waits.
            try await rig.look(.turningAway) { rig.alerter.status.failures == 0 && rig.alerter.status.waiting == 0 }
        }
        #expect(rig.metrics.registry.text.contains("oneway_alerts_posted_total 1"))
        #expect(!rig.metrics.registry.text.contains("oneway_alerts_failed_total 0\n"))
    }

    @Test func aReceiverThatIsDownLosesNothing() async throws {
        let store = MemoryStore()
        // Nobody listens there, and nobody is given that port meanwhile.
        let rig = try await Rig("http://127.0.0.1:1/", store)
        try await rig.run {
            try await rig.look(.parked) { rig.alerter.status.failures > 0 }
            #expect(rig.alerter.status.trouble == "it cannot be reached")
        }
        // The next run finds it in the store, though the cause is gone by then; and what is over is told after it.
        let receiver = try Self.answering("200 OK")
        let next = try await Rig("http://127.0.0.1:\(receiver.port)/", store)
        try await next.run { try await next.look { receiver.requests.count == 2 } }
        #expect(try receiver.requests.map { try Self.body($0)["change"]?.string } == ["raised", "recovered"])
    }

    /// Hears everything, and says nothing for long.
    private final class SilentTransport: Transport {
        let heard = Locked(0)
        let hasEnded = Locked(false)
        let end = Latch()

        func send(_: HTTPRequest) async -> HTTPOutcome {
            heard.withLock { $0 += 1 }
            await end.wait(atMost: .seconds(120))
            hasEnded.withLock { $0 = true }
            return .notSent("")
        }
    }

    /// Looks go on, and a stop does not wait for it.
    @Test func aSlowReceiverHoldsNothingUp() async throws {
        let (receiver, store) = (SilentTransport(), MemoryStore())
        let rig = try await Rig("http://127.0.0.1:1/", store, transport: receiver)
        try await rig.run {
            try await rig.look(.parked) { receiver.heard.withLock { $0 } == 1 }
            rig.alerter.look(HealthMemoryOfNothing.verdict, rig.time.now())
        }
        #expect(!receiver.hasEnded.withLock { $0 }, "it has stopped before")
        receiver.end.open()
        // It is not known to have arrived, so it is told by the next run.
        let kept = try #require(try await store.note("alerts"))
        #expect(!AlertBook(kept: kept).due(rig.time.now()).isEmpty)
    }

    @Test func aRestartDoesNotRepeat() async throws {
        let receiver = try Self.answering("200 OK")
        let store = MemoryStore()
        let first = try await Rig("http://127.0.0.1:\(receiver.port)/", store)
        // Told, and noted as told.
        try await first.run {
            try await first.look(.parked) { first.alerter.status.waiting == 0 && receiver.requests.count == 1 }
        }
        let second = try await Rig("http://127.0.0.1:\(receiver.port)/", store)
        try await second.run {
            // The other cause shows that it runs.
            try await second.look(.parked, .turningAway) { receiver.requests.count == 2 }
        }
        #expect(try Self.body(receiver.requests[1])["code"]?.string == "turning-away")
    }

    /// Whoever does not lead any longer posts nothing.
    @Test func onlyTheLeaderPosts() async throws {
        let receiver = try Self.answering("200 OK")
        let store = MemoryStore()
        let old = try await Rig("http://127.0.0.1:\(receiver.port)/", store)
        _ = try await store.lead()
        try await old.run {
            try await old.look(.parked) {
                old.logged.withLock { $0 }.contains { $0.contains("alerts could not be stored") }
            }
        }
        #expect(receiver.requests.isEmpty)
    }

    /// What has to be told above all, though it cannot be noted that it was.
    @Test func whatIsWrongIsToldThoughNothingCanBeStored() async throws {
        let receiver = try Self.answering("200 OK")
        let store = FailingStore()
        let rig = try await Rig("http://127.0.0.1:\(receiver.port)/", store)
        try await rig.run {
            try await rig.look(.turningAway) { receiver.requests.count == 1 && rig.alerter.status.waiting == 0 }
            #expect(try await store.note("alerts") == nil)
            store.isFailing.withLock { $0 = false }
            try await rig.look(.turningAway) { store.written.withLock { $0 } > 0 }
        }
        #expect(receiver.requests.count == 1)
        #expect(rig.logged.withLock { $0 }.contains { $0.contains("may be posted twice") })
        let kept = try #require(try await store.note("alerts"))
        #expect(AlertBook(kept: kept).due(rig.time.now()).isEmpty)
    }

    @Test func checkPostsATrial() async throws {
        let receiver = try Self.answering("200 OK")
        var settings = Configuration()
        settings.alerts.url = Secret("http://127.0.0.1:\(receiver.port)/")
        let lines = await Check.alerts(settings, Check.Options())
        #expect(lines.map(\.state) == [.passes])
        #expect(try Self.body(receiver.requests[0])["change"]?.string == "check")
        let broken = try Self.answering("403 Forbidden")
        settings.alerts.url = Secret("http://127.0.0.1:\(broken.port)/key")
        let failed = await Check.alerts(settings, Check.Options())
        #expect(failed.map(\.state) == [.fails] && failed[0].says.contains("it answers 403"))
        #expect(!failed[0].text.contains("/key"))
        settings.alerts.url = nil
        #expect(await Check.alerts(settings, Check.Options()).isEmpty)
    }
}

/// A store that can be read, and that fails whatever would be written, as with a disk that fails.
private struct FailingStore: Driver {
    let isFailing = Locked(true)
    let written = Locked(0)
    private let base = MemoryStore()

    var terms: any Terms { base.terms }
    var wakeups: Wakeups { base.wakeups }
    var counters: Counters { base.counters }
    var room: StoreRoom? { base.room }
    var failure: StoreError? { base.failure }

    func append(_ packed: PackedEntry) async throws(StoreError) -> Appended { try await base.append(packed) }

    func write<Value: Sendable>(
        _ work: @escaping @Sendable (MemoryTables) throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        if isFailing.withLock({ $0 }) { throw StoreError(.unavailable, "the disk fails") }
        let value = try await base.write(work)
        written.withLock { $0 += 1 }
        return value
    }

    func read<Value: Sendable>(
        _ pace: ReadingPace,
        _ read: @escaping @Sendable (MemoryTables) throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        try await base.read(pace, read)
    }

    func problems() async throws(StoreError) -> [String] { try await base.problems() }

    func close() async { await base.close() }
}

/// The verdict of a service without any cause.
private enum HealthMemoryOfNothing {
    static var verdict: Verdict {
        var facts = HealthFacts(now: TimeSource.systemNow())
        facts.settled = 1
        var memory = HealthMemory()
        return memory.verdict(on: facts)
    }
}
