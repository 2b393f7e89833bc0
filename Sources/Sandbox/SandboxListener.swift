import HTTPServer
import OnewayCore
import Synchronization
import Threads

/// The thin shell: bytes in, bytes out, and the delay if an answer is to be late.
struct SandboxListener: Responder {
    let instance: Locked<Instance>
    let delays: Delays
    let now: @Sendable () -> Timestamp

    static let bodyBytesMax = 1 << 20
    static let targetBytesMax = 8 << 10

    func admit(_ head: RequestHead) -> Admission {
        if head.path.utf8.count + head.query.utf8.count >= Self.targetBytesMax {
            return .answer(refused("414", "Request-URI Too Long", 414, head))
        }
        return .receive(bodyBytesMax: Self.bodyBytesMax, lane: isControl(head) ? .reserved : .ordinary)
    }

    func respond(to request: Request) async -> Response {
        if isControl(request.head) { return Control(instance: instance, now: now).answer(request) }
        let call = RESTCall(request)
        let round = delays.round
        let (number, answer) = instance.withLock { $0.begin(call, now: now()) }
        if answer.delaySeconds > 0 { await delays.wait(seconds: answer.delaySeconds, since: round) }
        instance.withLock { $0.finish(number, call, answer, now: now()) }
        return answer.response(requestID: Self.requestID(request.head))
    }

    func refuse(_ refusal: HTTPRefusal, _ head: RequestHead) -> Response {
        switch refusal {
        case .malformed(let what): refused("400", what, 400, head)
        case .tooLarge: refused("413", "Request Entity Too Large", 413, head)
        // Late, or too much at once for this stand-in; the call itself is in progress or was never started.
        case .overloaded, .draining, .timedOut: Self.failed("503", "Service Unavailable", 503, head)
        }
    }

    func served(_: Served) {}
    func libraryLog(_: String) {}

    private func isControl(_ head: RequestHead) -> Bool { head.path == "/sandbox" || head.path.hasPrefix("/sandbox/") }

    /// Recorded like every other call, though it gets no further.
    private func refused(_ code: String, _ message: String, _ status: Int, _ head: RequestHead) -> Response {
        let call = RESTCall(Request(head: head, body: []))
        if !isControl(head) { instance.withLock { $0.refused(call, code, status, now: now()) } }
        return Self.failed(code, message, status, head)
    }

    private static func failed(_ code: String, _ message: String, _ status: Int, _ head: RequestHead) -> Response {
        Answer(.failed([MarketoFailure(code, message)]), status: status).response(requestID: requestID(head))
    }

    /// Looks like Marketo's: `1a2b#...`.
    private static func requestID(_ head: RequestHead) -> String { "\(head.id.prefix(4))#\(head.id.dropFirst(4))" }
}
