import Configuration
import HTTPClient
import OnewayCore
import Sandbox
import Testing

@testable import Service
@testable import oneway

/// `oneway erase` waits until the person has been removed, and says what it waits for.
@Suite struct EraseWatchTests {
    struct TooLate: Error {}

    private func until(_ isSo: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(200)
        while try await !isSo() {
            if ContinuousClock.now > deadline { throw TooLate() }
            // Over HTTP there is no signal: poll, as the command does.
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    private func ask(_ service: RunningService, _ method: HTTPRequest.Method, _ path: String) async throws -> JSONValue
    {
        try JSONDocument(await service.ask(method, path, body: Array("{}".utf8)).body).root
    }

    /// Everything has arrived.
    private func bringARole(to marketo: SandboxMarketo, _ service: RunningService, _ ports: App.Ports) async throws {
        for body in [ProjectorTests.contactOf(ProjectorTests.account), ProjectorTests.opportunity(1)] {
            let text = String(decoding: body.bytes, as: UTF8.self)
            #expect(try await AppTests.ask("POST", ports.public, AppTests.door, text).status == 202)
        }
        try await until { marketo.book.all(.role).count == 1 }
        try await until { try await ask(service, .get, "/api/status")["outbox"]?["pending"]?.int == 0 }
    }

    @Test func theCommandWaitsAndSaysWhatFor() async throws {
        let contact = try #require(GUID(ProjectorTests.contact))
        try await withSandbox { marketo, settings in
            marketo.seedLead(["externalPersonId": .string("\(contact)")])
            try await AppTests.withApp(store: .memory, { $0.marketo = settings }) { ports in
                let service = RunningService(ServiceEndpoint(host: "127.0.0.1", port: ports.admin), token: nil)
                try await bringARole(to: marketo, service, ports)
                _ = try await ask(service, .post, "/api/pause")

                let path = "/api/erase?contact=\(contact)"
                async let answered = service.ask(.post, "/api/erase", body: Array(#"{"contact":"\#(contact)"}"#.utf8))
                try await until { (try? await ask(service, .get, path)["waitsFor"]?.string) == "marketo" }
                let (told, attributeSet) = AsyncStream<String>.makeStream()
                var watch = EraseWatch(service: service, contact: contact, pause: .milliseconds(10))
                watch.report = { attributeSet.yield($0) }
                async let ended = watch.end(of: service.ask(.get, path).body)
                var heard = told.makeAsyncIterator()
                let first = await heard.next()
                #expect(first == "Marketo still has 1 role of the contact")
                #expect(marketo.book.all(.role).count == 1)
                _ = try await ask(service, .post, "/api/resume")

                let last = try JSONDocument(try await ended).root
                #expect(last["state"]?.string == "done" && last["searched"]?.int == 2)
                #expect(EraseText.removed(last) == "removed: 2 of the inbox, 1 of the mirror, 1 of the outbox")
                #expect(marketo.book.all(.role).isEmpty)
                _ = try await answered
            }
        }
    }

    /// Then nothing continues automatically: the status says so, and what to do.
    @Test func aRefusalOfMarketoIsSaidAndAfterARetryItGoesOn() async throws {
        let contact = try #require(GUID(ProjectorTests.contact))
        try await withSandbox { marketo, settings in
            marketo.seedLead(["externalPersonId": .string("\(contact)")])
            try await AppTests.withApp(store: .memory, { $0.marketo = settings }) { ports in
                let service = RunningService(ServiceEndpoint(host: "127.0.0.1", port: ports.admin), token: nil)
                try await bringARole(to: marketo, service, ports)
                let warnings = {
                    try await ask(service, .get, "/api/status")["warnings"]?.elements.compactMap(\.string) ?? []
                }
                #expect(try await warnings().allSatisfy { !$0.contains("erasure") })
                let kind = Fault.Kind.record(code: "1003", key: nil, inErrors: false)
                marketo.add(Fault(kind, path: "opportunities/roles/delete", method: "POST", times: nil))

                let path = "/api/erase?contact=\(contact)"
                async let answered = service.ask(.post, "/api/erase", body: Array(#"{"contact":"\#(contact)"}"#.utf8))
                try await until { (try? await ask(service, .get, path)["refused"]?.int) == 1 }
                #expect(
                    EraseText.progress(try await ask(service, .get, path))
                        == "Marketo still has 1 role of the contact; Marketo refuses 1 of them: oneway parked, then oneway retry"
                )
                #expect(try await warnings().contains { $0.hasPrefix("1 erasure waits for Marketo, which refuses") })

                marketo.clearFaults()
                let all = Array(#"{"all":true}"#.utf8)
                _ = try await service.ask(.post, "/api/outbox/retry", body: all)
                try await until { try await ask(service, .get, path)["state"]?.string == "done" }
                #expect(try await warnings().allSatisfy { !$0.contains("erasure") })
                _ = try await answered
            }
        }
    }

    @Test func whatNobodyAskedForIsNotFound() async throws {
        try await AppTests.withApp(store: .memory) { ports in
            let path = "/api/erase?contact=\(ProjectorTests.contact)"
            let unknown = try await AppTests.ask("GET", ports.admin, path)
            #expect(unknown.status == 404)
            #expect(try await AppTests.ask("GET", ports.admin, "/api/erase").status == 400)
        }
    }
}
