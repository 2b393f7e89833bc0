import HTTPServer
import OnewayCore
import Synchronization
import Threads

/// The thin shell: bytes in, bytes out, and waiting where an answer is to be late.
struct SandboxListener: Responder {
    let instance: Locked<Instance>
    let now: @Sendable () -> Timestamp

    static let bodyBytesMax = 1 << 20
    static let targetBytesMax = 8 << 10

    func admit(_ head: RequestHead) -> Admission {
        if head.path.utf8.count + head.query.utf8.count >= Self.targetBytesMax {
            return .drainThenAnswer(Self.failed("414", "Request-URI Too Long", status: 414, head))
        }
        return .receive(bodyBytesMax: Self.bodyBytesMax, lane: isControl(head) ? .reserved : .ordinary)
    }

    func respond(to request: Request) async -> Response {
        if isControl(request.head) { return Control(instance: instance, now: now).answer(request) }
        let call = RESTCall(request)
        let (number, answer) = instance.withLock { $0.begin(call, now: now()) }
        if answer.delaySeconds > 0 { try? await Task.sleep(for: .seconds(answer.delaySeconds)) }
        instance.withLock { $0.finish(number, call, answer, now: now()) }
        return answer.response(requestID: Self.requestID(request.head))
    }

    func refuse(_ refusal: HTTPRefusal, _ head: RequestHead) -> Response {
        switch refusal {
        case .malformed(let what): Self.failed("400", what, status: 400, head)
        case .tooLarge: Self.failed("413", "Request Entity Too Large", status: 413, head)
        case .overloaded, .draining, .timedOut: Self.failed("503", "Service Unavailable", status: 503, head)
        }
    }

    func served(_: Served) {}
    func libraryLog(_: String) {}

    private func isControl(_ head: RequestHead) -> Bool { head.path == "/sandbox" || head.path.hasPrefix("/sandbox/") }

    private static func failed(_ code: String, _ message: String, status: Int, _ head: RequestHead) -> Response {
        Answer(.failed([MarketoFailure(code, message)]), status: status).response(requestID: requestID(head))
    }

    /// Looks like Marketo's: `1a2b#...`.
    private static func requestID(_ head: RequestHead) -> String { "\(head.id.prefix(4))#\(head.id.dropFirst(4))" }
}
