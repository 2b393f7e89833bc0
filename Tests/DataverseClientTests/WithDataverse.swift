import Coordination
import HTTPClient
import OnewayCore
import Sandbox
import Testing

@testable import DataverseClient

/// Runs `body` with a client of the stand-in for Dataverse, over real sockets, then stops both.
func withDataverse(
    secret: String = "sandbox-secret",
    limits: RequestBudget.Limits = RequestBudget.Limits(),
    time: TimeSource = .system,
    _ body: @Sendable (DataverseClient, SandboxDataverse) async throws -> Void
) async throws {
    let dataverse = SandboxDataverse(send: { _ in 202 })
    let port = try dataverse.start()
    let access = DataverseAccess(
        url: "http://127.0.0.1:\(port)",
        tokenURL: "http://127.0.0.1:\(port)/tenant/oauth2/v2.0/token",
        clientID: "sandbox",
        clientSecret: secret
    )
    let client = DataverseClient(
        access,
        limits: limits,
        transport: CurlTransport(threads: 8, userAgent: "oneway/test"),
        time: time
    )
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await dataverse.run() }
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(client, dataverse)) } catch { outcome = .failure(error) }
        await dataverse.stop()
        try await group.waitForAll()
        try outcome.get()
    }
}

/// The columns that the rules need, and some of other types.
let columns: [Entity: Set<String>] = {
    var columns = RuleBook(RuleSettings()).columns
    columns[.opportunity]?.formUnion(["ownerid", "ownerid.name", "closeprobability", "opportunityratingcode"])
    return columns
}()

extension DataverseClient {
    func selection(_ entity: Entity) async throws -> RowSelection {
        RowSelection(columns[entity] ?? [], of: try await table(entity).get())
    }
}

extension ChangesFound {
    var page: ChangePage? { if case .page(let page) = self { page } else { nil } }
}

extension RowFound {
    var row: DynamicsRow? { if case .row(let row, readAt: _) = self { row } else { nil } }
}
