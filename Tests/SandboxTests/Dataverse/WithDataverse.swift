import Threads

@testable import Sandbox

/// Receives webhooks, and answers them as a test says.
final class WebhookReceiver: Sendable {
    let arrived: AsyncStream<WebhookRequest>
    private let arrive: AsyncStream<WebhookRequest>.Continuation
    private let statuses: Locked<[Int?]>

    init(_ statuses: [Int?] = []) {
        self.statuses = Locked(statuses)
        (arrived, arrive) = AsyncStream.makeStream()
    }

    func receive(_ request: WebhookRequest) -> Int? {
        arrive.yield(request)
        return statuses.withLock { $0.isEmpty ? 202 : $0.removeFirst() }
    }
}

/// Runs `body` against a stand-in with webhooks that are recorded instead of sent, and a visitor who has a token.
func withDataverse(
    _ receiver: WebhookReceiver = WebhookReceiver(),
    _ body: @Sendable (SandboxDataverse, Visitor) async throws -> Void
) async throws {
    let dataverse = SandboxDataverse { receiver.receive($0) }
    let port = try dataverse.start()
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await dataverse.run() }
        var visitor = Visitor(endpoint: "http://127.0.0.1:\(port)")
        visitor.token = await visitor.ask(
            "POST",
            "/tenant/oauth2/v2.0/token",
            "grant_type=client_credentials&client_id=sandbox&client_secret=sandbox-secret&scope=x/.default",
            contentType: "application/x-www-form-urlencoded"
        ).json.members["access_token"]?.shown
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(dataverse, visitor)) } catch { outcome = .failure(error) }
        await dataverse.stop()
        try await group.waitForAll()
        try outcome.get()
    }
}
