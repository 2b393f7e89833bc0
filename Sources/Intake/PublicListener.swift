import Configuration
import HTTPServer
import OnewayCore
import Reading
package import Telemetry
package import Threads

/// The public listener. Routes a request by its head alone, so that no body is read for a wrong key.
package struct PublicListener: Responder {
    let authenticator: Locked<Authenticator>
    let receiver: Receiver
    let readiness: Readiness
    let bodyBytesMax: Int
    let metrics: IntakeMetrics
    let log: Log

    package init(
        authenticator: Locked<Authenticator>,
        receiver: Receiver,
        readiness: Readiness,
        bodyBytesMax: Int,
        metrics: IntakeMetrics,
        log: Log
    ) {
        self.authenticator = authenticator
        self.receiver = receiver
        self.readiness = readiness
        self.bodyBytesMax = bodyBytesMax
        self.metrics = metrics
        self.log = log
    }

    func admit(_ head: RequestHead) -> Admission {
        guard let route = PublicRoute(path: head.path) else {
            return .answer(Problem(.notFound, "Dynamics posts to /dynamics/notifications.").response)
        }
        if let methods = route.methods, !methods.contains(head.method) {
            return .answer(Problem.methodNotAllowed(methods).response)
        }
        switch route {
        case .marketo:
            receiver.refuseMarketoCall(head)
            return .answer(Self.noCreationFromMarketo)
        case .healthz: return .answer(Response(status: 200, json: ["alive": true]))
        case .readyz: return .answer(readiness.response)
        case .openapi: return .answer(Self.contract)
        case .notifications, .guard:
            guard authenticator.withLock({ $0 }).admits(head) else { return .answer(Self.unauthorized) }
            return .receive(bodyBytesMax: bodyBytesMax, lane: route == .guard ? .reserved : .ordinary)
        }
    }

    func respond(to request: Request) async -> Response {
        PublicRoute(path: request.head.path) == .guard
            ? await receiver.guardCreation(request) : await receiver.receive(request)
    }

    /// On the guard path only a creation by Marketo's user may fail: any error cancels a user's save.
    func refuse(_ refusal: HTTPRefusal, _ head: RequestHead) -> Response {
        if PublicRoute(path: head.path) == .guard, refusal.isAboutUs { return AcceptedResponse(.checked).response }
        return Problem(refusal, bodyBytesMax: bodyBytesMax).response
    }

    func served(_ exchange: Served) {
        let route = RouteLabel(PublicRoute(path: exchange.head.path))
        metrics.answers[LabelPair(route, StatusLabel(exchange.status))].increment()
        metrics.answerSeconds[route].observe(exchange.seconds)
        log.debug(
            "answered",
            [
                .request: .text(exchange.head.id), .route: .text(route.rawValue), .status: .int(exchange.status ?? 0),
                .bytes: .int(exchange.bodyBytes), .seconds: .double(exchange.seconds),
            ]
        )
    }

    /// The line may contain bytes sent by anyone who connects.
    func libraryLog(_ line: String) {
        log.debug("message from libmicrohttpd", [.error: .text(String(line.prefix(200)))])
    }

    private static let noCreationFromMarketo = Problem(
        .oneWay,
        "Opportunities are created in Dynamics, never from Marketo. This call changed nothing, and its body was not read. "
            + "Remove the webhook or flow step that makes it, and create the opportunity in Dynamics."
    ).with { $0.rule = "R2" }.response

    private static let unauthorized = Problem(
        .unauthorized,
        "None of the configured keys was sent, as ?code=, as a query parameter, or as a header."
    ).with { $0.headers = [("WWW-Authenticate", "Key realm=\"oneway\"")] }.response

    private static let contract = Response(
        status: 200,
        headers: [("Content-Type", "application/yaml")],
        body: PackageResources.openapi_yaml
    )
}

extension HTTPRefusal {
    /// Our limits, not the sender's mistake.
    fileprivate var isAboutUs: Bool {
        if case .malformed = self { false } else { true }
    }
}
