public import HTTPServer

/// Runs `body` with the port of a new server, then stops it.
public func withServer(
    _ responder: any Responder,
    tls: ServerCertificate? = nil,
    _ body: @Sendable (Int) async throws -> Void
) async throws {
    let server = HTTPServer(
        address: ListenAddress(host: "127.0.0.1", port: 0),
        limits: HTTPLimits(),
        tls: tls,
        responder: responder
    )
    let port = try server.start()
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await server.run() }
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(port)) } catch { outcome = .failure(error) }
        await server.stop(graceSeconds: 5)
        try await group.waitForAll()
        try outcome.get()
    }
}

/// One word for each outcome.
