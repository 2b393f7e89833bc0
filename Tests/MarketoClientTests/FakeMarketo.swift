import HTTPClient
import HTTPServer
import OnewayCore
import TestSupport
import Testing
import Threads

@testable import MarketoClient

/// Answers as the test specifies, and records the requests.
final class FakeMarketo: Responder {
    typealias Script = @Sendable (Request, Int) async -> Response

    private let identity: Script
    private let rest: Script
    private let heard = Locked(Heard())

    struct Heard: Sendable {
        var tokens: [Request] = []
        var calls: [Request] = []
    }

    /// The scripts receive the request and the number of earlier ones of its kind.
    init(identity: @escaping Script = FakeMarketo.giveToken(), rest: @escaping Script) {
        (self.identity, self.rest) = (identity, rest)
    }

    var tokens: [Request] { heard.withLock { $0.tokens } }
    var calls: [Request] { heard.withLock { $0.calls } }

    func admit(_ head: RequestHead) -> Admission { .receive(bodyBytesMax: 4 << 20, lane: .ordinary) }

    func respond(to request: Request) async -> Response {
        let isIdentity = request.head.path == "/identity/oauth/token"
        let number = heard.withLock { heard in
            if isIdentity { heard.tokens.append(request) } else { heard.calls.append(request) }
            return (isIdentity ? heard.tokens.count : heard.calls.count) - 1
        }
        return await (isIdentity ? identity : rest)(request, number)
    }

    func refuse(_ refusal: HTTPRefusal, _ head: RequestHead) -> Response { Response(status: 503) }
    func served(_ exchange: Served) {}
    func libraryLog(_ line: String) {}

    /// `token-0`, `token-1`, ...
    static func giveToken(seconds: Int = 3600) -> Script {
        { _, number in
            .json(#"{"access_token":"token-\#(number)","token_type":"bearer","expires_in":\#(seconds),"scope":"x"}"#)
        }
    }
}

extension Response {
    static func json(_ text: String, status: Int = 200) -> Response {
        Response(status: status, headers: [("Content-Type", "application/json")], body: Array(text.utf8))
    }

    static func html(_ status: Int) -> Response {
        Response(
            status: status,
            headers: [("Content-Type", "text/html")],
            body: Array("<html>secret-words</html>".utf8)
        )
    }

    static let success = Response.json(#"{"requestId":"r#1","success":true,"result":[]}"#)

    static func failure(_ code: String) -> Response {
        .json(#"{"requestId":"r#1","success":false,"errors":[{"code":"\#(code)","message":"no"}]}"#)
    }
}

extension Request {
    /// The token in the request.
    var token: String { head.headers["Authorization"].map { String($0.dropFirst("Bearer ".count)) } ?? "" }
}

/// Four threads for each test.
func makeTransport(threads: Int = 4) -> CurlTransport { CurlTransport(threads: threads, userAgent: "oneway/test") }

func access(_ port: Int, secret: String = "s&cret/ü", authority: String? = nil) -> MarketoAccess {
    MarketoAccess(
        endpoint: "http\(authority == nil ? "" : "s")://127.0.0.1:\(port)",
        clientID: "client id",
        clientSecret: secret,
        certificateAuthority: authority
    )
}

/// Runs `body` with a client of the fake Marketo, then stops it.
func withClient(
    of marketo: FakeMarketo,
    now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now },
    _ body: @Sendable (MarketoClient, Int) async throws -> Void
) async throws {
    try await withServer(marketo) { port in
        try await body(MarketoClient(access(port), transport: makeTransport(), now: now), port)
    }
}

func word(_ outcome: CallOutcome) -> String {
    switch outcome {
    case .answered(let answer):
        answer.isSuccess ? "success" : "refused " + answer.complaints.map(\.code).joined(separator: ",")
    case .notSent: "not sent"
    case .unknown(_, let code): "unknown \(code)"
    case .badCredentials: "bad credentials"
    case .tooLarge: "too large"
    }
}
