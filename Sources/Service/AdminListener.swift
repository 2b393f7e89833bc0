import HTTPServer
import OnewayCore
import Telemetry
import Threads

/// What operators and monitoring reach.
struct AdminListener: Responder {
    let access: Locked<AdminAccess>
    let readiness: Readiness
    let metrics: ServiceMetrics
    let log: Log

    func admit(_ head: RequestHead) -> Admission {
        // Probes have no token, and learn nothing that the public listener would not tell.
        switch AdminRoute(path: head.path) {
        case .healthz where head.isRead: return .answer(Response(status: 200, json: ["alive": true]))
        case .readyz where head.isRead: return .answer(readiness.response)
        default: break
        }
        if let refusal = access.withLock({ $0 }).refusal(of: head) { return .answer(refusal.response) }
        guard let route = AdminRoute(path: head.path) else {
            return .answer(Problem(.notFound, "No such page.").response)
        }
        guard route.methods.contains(head.method) else {
            return .answer(Problem.methodNotAllowed(route.methods).response)
        }
        return .receive(bodyBytesMax: 4 << 20, lane: .ordinary)
    }

    func respond(to request: Request) async -> Response {
        switch AdminRoute(path: request.head.path) {
        case .metrics:
            Response(
                status: 200,
                headers: [("Content-Type", Metrics.contentType)],
                body: Array(metrics.registry.text.utf8)
            )
        default: Problem(.notFound, "No such page.").response
        }
    }

    func refuse(_ refusal: HTTPRefusal, _ head: RequestHead) -> Response {
        Problem(refusal, bodyBytesMax: 4 << 20).response
    }
    func served(_ exchange: Served) {}
    func libraryLog(_ line: String) {}
}

/// A path of the admin listener and the methods it takes.
enum AdminRoute: String, CaseIterable {
    case healthz = "/healthz"
    case readyz = "/readyz"
    case metrics = "/metrics"

    var methods: [String] { ["GET", "HEAD"] }

    init?(path: String) { self.init(rawValue: path) }
}

extension RequestHead {
    fileprivate var isRead: Bool { method == "GET" || method == "HEAD" }
}
