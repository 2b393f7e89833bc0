import Testing
import Threads

@testable import HTTPServer

/// A server with a path for each thing a responder can do, and a record of the requests.
final class TestResponder: Responder {
    let bodyBytesMax: Int
    let account = Locked(Account())
    let latch = Latch()
    var server: HTTPServer? { running.withLock { $0 } }
    let running = Locked<HTTPServer?>(nil)
    /// Not opened when the server stops.
    let stuck = Latch()

    struct Account: Sendable {
        var admitted = 0
        var bodies: [String] = []
        var served = 0
        var statuses: [Int?] = []
        var log: [String] = []
        var waiting = 0
    }

    init(bodyBytesMax: Int) { self.bodyBytesMax = bodyBytesMax }

    var bodies: [String] { account.withLock { $0.bodies } }
    var admitted: Int { account.withLock { $0.admitted } }

    func admit(_ head: RequestHead) -> Admission {
        account.withLock { $0.admitted += 1 }
        switch head.path {
        case "/health": return .answer(Response(status: 200, body: Array("alive".utf8)))
        case "/cut-at-once": return .answer(.cut)
        case "/no": return .answer(Response(status: 403, body: Array("no".utf8)))
        case "/reserved": return .receive(bodyBytesMax: bodyBytesMax, lane: .reserved)
        default: return .receive(bodyBytesMax: bodyBytesMax, lane: .ordinary)
        }
    }

    func respond(to request: Request) async -> Response {
        let body = String(decoding: request.body, as: UTF8.self)
        account.withLock { $0.bodies.append(body) }
        if request.head.path == "/cut" { return .cut }
        if request.head.path == "/wait" {
            account.withLock { $0.waiting += 1 }
            await latch.wait()
        }
        if request.head.path == "/stuck" {
            account.withLock { $0.waiting += 1 }
            await stuck.wait()
        }
        return Response(
            status: 200,
            headers: [("X-Method", request.head.method), ("X-Query", request.head.query)],
            body: Array("\(request.body.count)".utf8)
        )
    }

    func refuse(_ refusal: HTTPRefusal, _ head: RequestHead) -> Response {
        switch refusal {
        case .malformed(let what): Response(status: 400, body: Array(what.utf8))
        case .tooLarge: Response(status: 413)
        case .overloaded: Response(status: 503, body: Array("overloaded".utf8))
        case .draining: Response(status: 503, body: Array("draining".utf8))
        case .timedOut: Response(status: 503, body: Array("timed out".utf8))
        }
    }

    func served(_ exchange: Served) {
        account.withLock {
            $0.served += 1
            $0.statuses.append(exchange.status)
        }
    }

    func libraryLog(_ line: String) { account.withLock { $0.log.append(line) } }

    /// Waits for another thread to make a condition true.
    func eventually(_ condition: (Account) -> Bool) async -> Bool {
        for _ in 0..<120_000 {
            if account.withLock({ condition($0) }) { return true }
            try? await Task.sleep(for: .milliseconds(1))
        }
        return false
    }
}

/// Runs `body` against a running server, then stops it and checks that every request was accounted for.
func withServer(
    tls: ServerCertificate? = nil,
    bodyBytesMax: Int = 1000,
    graceSeconds: Double = 5,
    _ change: (inout HTTPLimits) -> Void = { _ in },
    _ body: @Sendable (Int, TestResponder) async throws -> Void
) async throws {
    var limits = HTTPLimits()
    // A busy machine may stand still for seconds.
    (limits.requestSecondsMax, limits.idleSecondsMax) = (300, 300)
    change(&limits)
    let responder = TestResponder(bodyBytesMax: bodyBytesMax)
    let server = HTTPServer(
        address: ListenAddress(host: "127.0.0.1", port: 0),
        limits: limits,
        tls: tls,
        responder: responder
    )
    responder.running.withLock { $0 = server }
    defer { responder.running.withLock { $0 = nil } }
    let port = try server.start()
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await server.run() }
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(port, responder)) } catch { outcome = .failure(error) }
        responder.latch.open()
        await server.stop(graceSeconds: graceSeconds)
        try await group.waitForAll()
        try outcome.get()
    }
    #expect(server.unfinished == 0)
}

/// Blocks all waiters until it is opened, permanently.
final class Latch: Sendable {
    private let state = Locked(State())

    private struct State: Sendable {
        var isOpen = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let goOn = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if goOn { continuation.resume() }
        }
    }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}
