import OnewayCore
import Sandbox
import Testing

@testable import DataverseClient

/// The writes that registering is made of.
@Suite struct WritingTests {
    private static let webhook: JSON = [
        "name": "Oneway", "url": "https://hook.example/in", "contract": 8, "authtype": 4, "authvalue": "k",
    ]

    @Test func aRowFromBeginningToEnd() async throws {
        try await withDataverse { client, dataverse in
            let id = try #require(try await client.write(.create(.endpoint, Self.webhook)).get())
            #expect(dataverse.row("serviceendpoint", id)?["name"] == .text("Oneway"))
            #expect(try await client.write(.update(.endpoint, id, ["name": "Another"])).get() == nil)
            #expect(dataverse.row("serviceendpoint", id)?["name"] == .text("Another"))
            for _ in 0..<2 { #expect(try await client.write(.delete(.endpoint, id)).get() == nil) }
            #expect(dataverse.ids("serviceendpoint").isEmpty)
        }
    }

    @Test func aRowThatIsNotThereIsNotMadeByAChange() async throws {
        try await withDataverse { client, dataverse in
            let outcome = await client.write(.update(.endpoint, GUID(high: 0, low: 170), Self.webhook))
            guard case .failure(.refused(code: "0x80040217", words: _)) = outcome else {
                Issue.record("it does not exist")
                return
            }
            #expect(dataverse.ids("serviceendpoint").isEmpty)
        }
    }

    @Test func aMissingPrivilegeIsNamed() async throws {
        try await withDataverse { client, dataverse in
            dataverse.set(missingPrivileges: ["prvCreateServiceEndpoint"])
            let outcome = await client.write(.create(.endpoint, Self.webhook))
            guard case .failure(.missingPrivilege("serviceendpoint", "Create", _)) = outcome else {
                Issue.record("the privilege should be named")
                return
            }
        }
    }
}
