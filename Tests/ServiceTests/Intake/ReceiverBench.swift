import Configuration
import Foundation
import HTTPServer
import OnewayCore
import Store
import Telemetry
import Threads

@testable import Admin
@testable import Applying
@testable import Intake
@testable import Reading

/// A receiver with its own store in a temporary folder.
final class ReceiverBench: Sendable {
    static let marketoUser = "aaaaaaaa-0000-0000-0000-00000000000a"
    let store: SQLiteStore
    let receiver: Receiver
    let refusals: RefusalBook
    let metrics = ServiceMetrics().intake
    private let folder: URL

    init(_ change: (inout Configuration) -> Void = { _ in }) throws {
        var settings = Configuration()
        settings.dynamics.marketoUsers = [Self.marketoUser]
        change(&settings)
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("oneway-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        store = try SQLiteStore(path: folder.path + "/oneway.db", limits: StoreLimits(diskFreeBytesMin: 0))
        let log = Log(level: .error, format: .json, sink: { _ in })
        let now: @Sendable () -> Timestamp = { Timestamp(milliseconds: 1_795_000_000_000) }
        refusals = RefusalBook(store: store, now: now, log: log)
        receiver = Receiver(
            policy: Policy(settings),
            store: store,
            refusals: refusals,
            now: now,
            metrics: metrics,
            log: log
        )
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// Runs with the refusals being written in the background.
    func running<Result: Sendable>(_ body: @Sendable () async throws -> Result) async throws -> Result {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await self.refusals.run() }
            let result: Swift.Result<Result, any Error>
            do { result = .success(try await body()) } catch { result = .failure(error) }
            await refusals.stop()
            try await group.waitForAll()
            return try result.get()
        }
    }

    func post(_ body: String, _ headers: (String, String)...) async -> Response {
        await receiver.receive(Request(head: head(headers), body: Array(body.utf8)))
    }

    func ask(_ body: String) async -> Response {
        await receiver.guardCreation(Request(head: head([]), body: Array(body.utf8)))
    }

    private func head(_ headers: [(String, String)]) -> RequestHead {
        RequestHead(
            id: "r",
            method: "POST",
            path: "/dynamics/notifications",
            headers: Headers(headers.map { (name: $0.0, value: $0.1) })
        )
    }
}

/// A notification in Dynamics' format, with the changes that a test needs.
func notification(
    message: String = "Create",
    entity: String = "opportunity",
    id: String = "00000000-0000-0000-0000-000000000001",
    mode: Int? = 1,
    stage: Int? = 40,
    user: String = "bbbbbbbb-0000-0000-0000-00000000000b",
    organization: String = "contoso",
    operation: String = "cccccccc-0000-0000-0000-00000000000c",
    attributes: String = #"{"key":"name","value":"A"}"#
) -> String {
    """
    {"InitiatingUserId":"\(user)","UserId":"\(user)","MessageName":"\(message)",\
    \(mode.map { "\"Mode\":\($0)," } ?? "")\(stage.map { "\"Stage\":\($0)," } ?? "")\
    "OperationId":"\(operation)","OrganizationId":"dddddddd-0000-0000-0000-00000000000d","OrganizationName":"\(organization)",\
    "PrimaryEntityId":"\(id)","PrimaryEntityName":"\(entity)",\
    "InputParameters":[{"key":"Target","value":{"__type":"Entity:http://schemas.microsoft.com/xrm/2011/Contracts",\
    "Attributes":[\(attributes)],"Id":"\(id)","LogicalName":"\(entity)"}}]}
    """
}
