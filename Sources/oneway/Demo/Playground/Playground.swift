import Admin
import HTTPServer
import OnewayCore
import Reading

/// The demo's page: both stand-ins and Oneway between them. It changes the stand-in for Dynamics, and asks Oneway's own
/// admin API what came of it.
struct Playground: Sendable {
    let world: DemoWorld
    private let server: HTTPServer

    init(_ world: DemoWorld) {
        self.world = world
        var limits = HTTPLimits()
        limits.connectionsMax = 64
        server = HTTPServer(
            address: ListenAddress(host: "127.0.0.1", port: world.ports.playground),
            limits: limits,
            responder: PlaygroundListener(world: world)
        )
    }

    /// Returns the port; `run` must follow.
    func start() throws -> Int { try server.start() }

    func run() async { await server.run() }

    func stop() async { await server.stop(graceSeconds: 1) }
}

struct PlaygroundListener: Responder {
    let world: DemoWorld

    static let style = "/assets/playground.css"
    static let bodyBytesMax = 16 << 10

    /// As on the admin listener: this machine's own pages, and no other site's.
    private static let access = AdminAccess(token: nil, hosts: [])

    func admit(_ head: RequestHead) -> Admission {
        if let refusal = Self.access.refusal(of: head) { return .answer(refusal.response(to: head)) }
        let isAction = PlaygroundAction(rawValue: head.path) != nil
        guard isAction || head.path == "/" || head.path == Self.style || PageAsset(rawValue: head.path) != nil else {
            return .answer(Problem.noSuchPath.response(to: head))
        }
        guard isAction ? head.method == "POST" : ["GET", "HEAD"].contains(head.method) else {
            let problem = Problem(.methodNotAllowed, "This path accepts \(isAction ? "POST" : "GET").")
            return .answer(problem.response(to: head))
        }
        return .receive(bodyBytesMax: Self.bodyBytesMax, lane: .ordinary)
    }

    func respond(to request: Request) async -> Response {
        if request.head.path == Self.style { return Response(style: PackageResources.playground_css) }
        if let asset = PageAsset(rawValue: request.head.path) { return Response(asset) }
        guard let action = PlaygroundAction(rawValue: request.head.path) else {
            return await page(PlaygroundForm(request.head.query))
        }
        let form = PlaygroundForm(String(decoding: request.body, as: UTF8.self))
        do {
            let opportunity = try await action.run(form, in: world)
            return Response(
                goTo: address("/", ["opportunity": opportunity.map { "\($0)" }, "did": action.rawValue])
            )
        } catch {
            return await page(form, status: 400, complaint: "\(error)")
        }
    }

    private func page(_ form: PlaygroundForm, status: Int = 200, complaint: String? = nil) async -> Response {
        let done = form["did"].flatMap { PlaygroundAction(rawValue: $0) }
        let page = await PlaygroundPage(
            world,
            opportunity: form.opportunity,
            notice: complaint ?? done?.says
        )
        return Response(status: status, html: page.document)
    }

    func refuse(_ refusal: HTTPRefusal, _ head: RequestHead) -> Response { Response(status: 503) }

    func served(_: Served) {}
    func libraryLog(_: String) {}
}

/// A form, or a query, as browsers send it.
struct PlaygroundForm: Sendable {
    private let values: [String: String]

    init(_ text: String) {
        let items = PercentEncoding.items(text, plusIsSpace: true)
        values = Dictionary(items.map { ($0.name, $0.value) }) { _, last in last }
    }

    /// Nil if it is missing or empty.
    subscript(name: String) -> String? { values[name].flatMap { $0.isEmpty ? nil : $0 } }

    func has(_ name: String) -> Bool { values[name] != nil }

    var opportunity: GUID? { self["opportunity"].flatMap { GUID($0) } }
}
