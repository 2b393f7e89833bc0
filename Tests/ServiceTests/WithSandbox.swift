import Configuration
import Sandbox

/// Runs a stand-in for Marketo until `body` ends, then stops it; passes the settings to reach it.
func withSandbox(
    _ options: SandboxOptions = SandboxOptions(),
    _ body: @Sendable (SandboxMarketo, Configuration.Marketo) async throws -> Void
) async throws {
    let marketo = SandboxMarketo(options)
    var settings = Configuration().marketo
    settings.endpoint = "http://127.0.0.1:\(try marketo.start())"
    settings.clientId = options.clientID
    settings.clientSecret = Secret(options.clientSecret)
    settings.flushAfterMilliseconds = 0
    let configured = settings
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await marketo.run() }
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(marketo, configured)) } catch { outcome = .failure(error) }
        await marketo.stop()
        try await group.waitForAll()
        try outcome.get()
    }
}
