import HTTPServer
package import Intake
import OnewayCore
import Reading
package import Telemetry
package import Threads

/// The listener for operators and monitoring.
package struct AdminListener: Responder {
    /// As large as a notification, since `/api/explain` takes one.
    static let bodyBytesMax = 4 << 20

    let access: Locked<AdminAccess>
    let readiness: Readiness
    let api: AdminAPI
    let pages: Pages
    let scrape: Scrape
    let log: Log

    package init(
        access: Locked<AdminAccess>,
        readiness: Readiness,
        api: AdminAPI,
        metrics: ServiceMetrics,
        log: Log
    ) {
        (self.access, self.readiness, self.api, self.log) = (access, readiness, api, log)
        pages = Pages(api: api, readiness: readiness)
        scrape = Scrape(metrics: metrics, api: api, readiness: readiness)
    }

    func admit(_ head: RequestHead) -> Admission {
        let admission = admission(of: head)
        guard case .answer(let response) = admission else { return admission }
        return .answer(response.keptByNobody)
    }

    private func admission(of head: RequestHead) -> Admission {
        let route = AdminRoute(path: head.path)
        // Probes have no token, and learn nothing that the public listener does not reveal.
        if route != .healthz, route != .readyz, let refusal = access.withLock({ $0 }).refusal(of: head) {
            return .answer(refusal.response(to: head))
        }
        guard let route else { return .answer(Problem.noSuchPath.response(to: head)) }
        guard route.methods.contains(head.method) else {
            return .answer(Problem.methodNotAllowed(route.methods).response(to: head))
        }
        switch route {
        case .healthz: return .answer(Response(status: 200, json: ["alive": true]))
        case .readyz: return .answer(readiness.response)
        default: break
        }
        return .receive(bodyBytesMax: Self.bodyBytesMax, lane: .ordinary)
    }

    func respond(to request: Request) async -> Response { await answer(request).keptByNobody }

    private func answer(_ request: Request) async -> Response {
        guard let route = AdminRoute(path: request.head.path) else {
            return Problem.noSuchPath.response(to: request.head)
        }
        if case .metrics = route {
            return Response(
                status: 200,
                headers: [("Content-Type", Metrics.contentType)],
                body: Array(await scrape.text().utf8)
            )
        }
        do throws(Problem) {
            if case .page(let page) = route { return try await pages.answer(page, request) }
            return try await api.answer(route, request)
        } catch {
            if error.code == .storeUnavailable {
                log.error("the store did not answer", [.request: .text(request.head.id), .error: .text(error.detail)])
            }
            return error.response(to: request.head)
        }
    }

    func refuse(_ refusal: HTTPRefusal, _ head: RequestHead) -> Response {
        Problem(refusal, bodyBytesMax: Self.bodyBytesMax).response.keptByNobody
    }

    func served(_ exchange: Served) {
        log.debug(
            "answered an admin request",
            [
                .request: .text(exchange.head.id), .method: .text(exchange.head.method),
                .status: .int(exchange.status ?? 0),
                .seconds: .double(exchange.seconds),
            ]
        )
    }

    func libraryLog(_ line: String) {
        log.debug("message from libmicrohttpd", [.error: .text(String(line.prefix(200)))])
    }
}

extension Response {
    private static let ofAll = [("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")]

    /// Names, addresses, and values stay in no cache, and no browser takes an answer for something else. What an answer
    /// says about this itself stays, as of the files of the pages.
    fileprivate var keptByNobody: Response {
        var response = self
        for (name, value) in Self.ofAll where !headers.contains(where: { $0.name == name }) {
            response.headers.append((name: name, value: value))
        }
        return response
    }
}
