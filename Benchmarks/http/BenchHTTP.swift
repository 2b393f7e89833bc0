import HTTPServer

/// The HTTP server alone: reads a body and answers 202. Prints its port, then serves until it is killed.
@main struct BenchHTTP: Responder {
    static func main() async throws {
        let server = HTTPServer(
            address: ListenAddress(host: "127.0.0.1", port: 0),
            limits: HTTPLimits(),
            responder: BenchHTTP()
        )
        print(try server.start())
        // The port must be read before the first request; `print` to a pipe is buffered.
        flushOutput()
        await server.run()
    }

    func admit(_ head: RequestHead) -> Admission { .receive(bodyBytesMax: 4 << 20, lane: .ordinary) }
    func respond(to request: Request) async -> Response {
        Response(
            status: request.body.isEmpty ? 400 : 202,
            headers: [("Content-Type", "application/json")],
            body: Array("{}".utf8)
        )
    }
    func refuse(_ refusal: HTTPRefusal, _ head: RequestHead) -> Response { Response(status: 503) }
    func served(_ exchange: Served) {}
    func libraryLog(_ line: String) {}
}
