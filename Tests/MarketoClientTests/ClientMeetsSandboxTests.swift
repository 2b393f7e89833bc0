import OnewayCore
import Sandbox
import Testing

@testable import MarketoClient

/// The client and the stand-in for Marketo were written independently: these tests run them together.
@Suite struct ClientMeetsSandboxTests {
    private static func withSandbox(
        secret: String = "sandbox-secret",
        _ body: @Sendable (MarketoClient, SandboxMarketo) async throws -> Void
    ) async throws {
        let marketo = SandboxMarketo()
        let port = try marketo.start()
        let access = MarketoAccess(
            endpoint: "http://127.0.0.1:\(port)",
            clientID: "sandbox",
            clientSecret: secret
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await marketo.run() }
            let outcome: Result<Void, any Error>
            do {
                outcome = .success(try await body(MarketoClient(access, transport: makeTransport()), marketo))
            } catch { outcome = .failure(error) }
            await marketo.stop()
            try await group.waitForAll()
            try outcome.get()
        }
    }

    private static func answer(_ client: MarketoClient, _ call: MarketoCall) async throws -> MarketoAnswer {
        let outcome = await client.call(call)
        guard case .answered(let answer) = outcome else {
            Issue.record("\(call.name): \(word(outcome))")
            throw Unexpected()
        }
        return answer
    }

    private struct Unexpected: Error {}

    private static func record(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test func anOpportunityWithAllThatBelongsToIt() async throws {
        try await Self.withSandbox { client, marketo in
            let lead = marketo.seedLead(["email": "a@b.c"])
            let found = try await Self.answer(
                client,
                .findLeads("email", ["a@b.c", "x@y.z"], fields: ["id", "email"])
            )
            #expect(found.results.map { $0.fields["id"]?.int } == [lead])

            let steps: [(MarketoCall, [RecordOutcome])] = [
                (.sync(.company, [Self.record(#"{"externalCompanyId":"c"}"#)]), [.done("created")]),
                (
                    .sync(
                        .opportunity,
                        ["o", "p"].map {
                            Self.record(#"{"externalOpportunityId":"\#($0)","name":"N","externalCompanyId":"c"}"#)
                        }
                    ), [.done("created"), .done("created")]
                ),
                (
                    .sync(.role, [Self.record(#"{"externalOpportunityId":"o","leadId":\#(lead),"role":"R"}"#)]),
                    [.done("created")]
                ),
                (
                    .delete(.role, [Self.record(#"{"externalOpportunityId":"o","leadId":\#(lead),"role":"R"}"#)])!,
                    [.done("deleted")]
                ),
                (.delete(.opportunity, [Self.record(#"{"externalOpportunityId":"o"}"#)])!, [.done("deleted")]),
            ]
            for (call, expected) in steps {
                #expect(try await Self.answer(client, call).outcomes(of: call.records) == expected, "\(call.name)")
            }
            let left = try await Self.answer(
                client,
                .find(.opportunity, ids: ["o", "p"], by: "externalOpportunityId", fields: ["name"])
            )
            #expect(left.results.count == 1 && left.nextPage == nil)
            let gone = try await Self.answer(
                client,
                .delete(.opportunity, [Self.record(#"{"externalOpportunityId":"o"}"#)])!
            )
            guard case .refused(let complaints)? = gone.outcomes(of: 1)?.first else {
                Issue.record("deleted twice")
                return
            }
            #expect(complaints.map(\.code) == ["1013"])
        }
    }

    @Test func everythingIsDescribed() async throws {
        try await Self.withSandbox { client, _ in
            for kind in RecordKind.allCases where kind != .person {
                let fields = try MarketoFields(await Self.answer(client, .describe(kind)))
                #expect(!fields.dedupeFields.isEmpty && fields.dedupeFields.allSatisfy { fields.byName[$0] != nil })
            }
            let opportunity = try MarketoFields(await Self.answer(client, .describe(.opportunity)))
            #expect(opportunity.searchable.contains("externalOpportunityId"))
            #expect(opportunity.byName["name"]?.length == 255)
            let leads = try MarketoFields(await Self.answer(client, .describeLeads))
            #expect(leads.searchable.contains("email"))
            #expect(try await Self.answer(client, .usage).isSuccess)
        }
    }

    @Test func failuresAreDistinguished() async throws {
        try await Self.withSandbox { client, marketo in
            let record = Self.record(#"{"externalCompanyId":"c"}"#)
            marketo.expireToken()
            #expect(word(await client.call(.usage)) == "success")
            marketo.expireToken()
            #expect(word(await client.call(.sync(.company, [record]))) == "success")
            let table: [(Fault.Kind, String)] = [
                (.error(code: "606"), "refused 606"), (.status(502), "unknown 502"),
                (.garbage, "unknown not-json"),
            ]
            for (kind, expected) in table {
                for areNumbers in [false, true] {
                    marketo.add(Fault(kind, path: "companies", codesAreNumbers: areNumbers))
                    #expect(word(await client.call(.sync(.company, [record]))) == expected)
                }
            }
            marketo.add(Fault(.short(by: 1), path: "companies"))
            let short = try await Self.answer(client, .sync(.company, [record]))
            #expect(short.isSuccess && short.outcomes(of: 1) == nil)
            // On a reused connection curl retries automatically.
            marketo.add(Fault(.cutAfter, path: "companies", times: 2))
            #expect(word(await client.call(.sync(.company, [record]))) == "unknown cut")
            // On a new one it does not, and the second cut would wait for another call.
            marketo.clearFaults()
            let large = Self.record(#"{"externalCompanyId":"\#(String(repeating: "c", count: 1_100_000))"}"#)
            #expect(word(await client.call(.sync(.company, [large]))) == "too large")
            marketo.set(.denied)
            #expect(word(await client.call(.usage)) == "refused 603")
            marketo.set(.nativeSync)
            #expect(word(await client.call(.sync(.company, [record]))) == "refused 1018")
        }
    }

    @Test func wrongSecretsAreSaid() async throws {
        try await Self.withSandbox(secret: "no") { client, _ in
            #expect(word(await client.call(.usage)) == "bad credentials")
        }
    }
}
