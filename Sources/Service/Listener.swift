import Coordination
import HTTPServer

/// An HTTP server as a part of the service.
struct Listener: Running {
    let server: HTTPServer
    let graceSeconds: Double

    func run() async { await server.run() }
    func stop() async { await server.stop(graceSeconds: graceSeconds) }
}
