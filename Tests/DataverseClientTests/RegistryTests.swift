import DataverseClient
import DataverseRegistration
import Sandbox
import Testing

@testable import OnewayCore

/// Webhooks are registered, found, changed, and deleted.
@Suite struct RegistryTests {
    @Test func aRegistrationFromBeginningToEnd() async throws {
        try await withDataverse { client, dataverse in
            let registry = WebhookRegistry(client)
            var endpoint = WebhookEndpoint(
                name: "Oneway",
                url: "https://hook.example/in",
                authentication: .headers([("x-oneway-key", #"a&b<c>"d"#)])
            )
            let id = try await registry.create(endpoint).get()
            for step in RuleBook(RuleSettings()).registration {
                let filter = try #require(try await registry.messageFilter(step.message, of: step.entity).get())
                let name = "Oneway: \(step.entity.rawValue) \(step.message)"
                let stepID = try await registry.create(step, name: name, at: filter, of: id).get()
                if let image = step.image { _ = try await registry.create(image, of: step, withID: stepID).get() }
            }
            #expect(try await registry.endpoints().get().map(\.name) == ["Oneway"])
            let steps = try await registry.steps(of: id).get()
            #expect(steps.count == RuleBook(RuleSettings()).registration.count)
            #expect(steps.allSatisfy { $0.isAsynchronous && $0.isEnabled })

            let update = try #require(steps.first { $0.name == "Oneway: opportunity Update" })
            var wanted = try #require(
                RuleBook(RuleSettings()).registration.first { $0.entity == .opportunity && $0.message == "Update" }
            )
            #expect(update.filteringColumns == Set(wanted.filter))
            let image = try #require(try await registry.images(of: update.id).get().first)
            #expect(image.kind == .post && image.columns == Set(wanted.image?.columns ?? []))

            wanted.filter = ["name"]
            try await registry.update(update.id, to: wanted, name: update.name).get()
            try await registry.update(image.id, to: .init(kind: .post, columns: ["name", "modifiedon"])).get()
            #expect(try await registry.images(of: update.id).get().first?.columns == ["name", "modifiedon"])
            endpoint.url = "https://hook.example/other"
            endpoint.authentication = nil
            try await registry.update(id, to: endpoint).get()
            #expect(try await registry.endpoints().get().map(\.url) == [endpoint.url])

            guard case .failure(.refused) = await registry.delete(endpoint: id) else {
                Issue.record("it has steps")
                return
            }
            try await registry.delete(image: image.id).get()
            for step in steps { try await registry.delete(step: step.id).get() }
            try await registry.delete(endpoint: id).get()
            #expect(dataverse.ids("serviceendpoint").isEmpty && dataverse.ids("sdkmessageprocessingstep").isEmpty)
        }
    }

    @Test func whatIsNotThereIsNotMadeByAChange() async throws {
        try await withDataverse { client, dataverse in
            let registry = WebhookRegistry(client)
            let id = try #require(GUID("00000000-0000-0000-0000-0000000000aa"))
            let endpoint = WebhookEndpoint(name: "n", url: "https://h.example", authentication: .key("k"))
            guard case .failure(.refused(code: "0x80040217", words: _)) = await registry.update(id, to: endpoint) else {
                Issue.record("it does not exist")
                return
            }
            try await registry.delete(endpoint: id).get()
            #expect(dataverse.ids("serviceendpoint").isEmpty && !"\(endpoint)".contains("k\""))
            dataverse.set(missingPrivileges: ["prvCreateServiceEndpoint"])
            guard case .failure(.missingPrivilege("serviceendpoint", "Create", _)) = await registry.create(endpoint)
            else {
                Issue.record("the privilege should be named")
                return
            }
        }
    }
}
