import HTTPClient
import HTTPServer
import Threads

/// Four threads for each test. All of them have a proxy in their environment.
func makeTransport(threads: Int = 4) -> CurlTransport {
    _ = TestProxy.port
    return CurlTransport(threads: threads, userAgent: "oneway/test")
}

func word(_ outcome: HTTPOutcome) -> String {
    switch outcome {
    case .answered(let answer): "\(answer.status) \(String(decoding: answer.body, as: UTF8.self))"
    case .notSent: "not sent"
    case .unknown(_, let code): "unknown \(code)"
    }
}

/// Answers every request as the test specifies, and counts them.
final class Answering: Responder {
    private let script: @Sendable (Request) -> Response
    private let heard = Locked(0)

    init(_ script: @escaping @Sendable (Request) -> Response) { self.script = script }

    var count: Int { heard.withLock { $0 } }

    func admit(_: RequestHead) -> Admission { .receive(bodyBytesMax: 4 << 20, lane: .ordinary) }

    func respond(to request: Request) async -> Response {
        heard.withLock { $0 += 1 }
        return script(request)
    }

    func refuse(_: HTTPRefusal, _: RequestHead) -> Response { Response(status: 503) }
    func served(_: Served) {}
    func libraryLog(_: String) {}
}
