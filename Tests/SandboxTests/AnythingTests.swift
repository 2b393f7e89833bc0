import HTTPServer
import OnewayCore
import TestSupport
import Testing

@testable import Sandbox

@Suite struct AnythingTests {
    private static let words = [
        "{", "}", "[", "]", ":", ",", "\"", "null", "true", "-1", "1e9", "99999999999999999999", "\"\"", "\"o\"",
        "\"c\"",
        "\"input\"", "\"action\"", "\"updateOnly\"", "\"dedupeBy\"", "\"idField\"", "\"leadId\"", "\"name\"", "\"id\"",
        "\"amount\"", "\"externalCreatedDate\"", "\"2026-01-01T00:00:00+99:99\"", "\"filterType\"", "\"dedupeFields\"",
    ]
    private static let bodies = [
        #"{"action":"createOrUpdate","input":[{"externalOpportunityId":"o","name":"N","amount":1.5}]}"#,
        #"{"input":[{"externalOpportunityId":"o","leadId":1,"role":"R"}]}"#,
        #"{"deleteBy":"idField","input":[{"id":1},{"marketoGUID":"g"}]}"#,
        #"{"filterType":"dedupeFields","input":[{"externalOpportunityId":"o","leadId":1,"role":"R"}],"batchSize":2}"#,
        #"{"lookupField":"email","input":[{"email":"a@example.com","externalCompanyId":"c"}]}"#,
    ]
    private static let queries = [
        "_method=GET", "filterType=id&filterValues=1&nextPageToken=SANDBOXPAGE-5====", "fields=%GG&filterType=%",
        "filterType=email&filterValues=a&batchSize=-1",
        "filterType=leadId&filterValues=1&nextPageToken=SANDBOXPAGE9====",
    ]

    /// It does not crash, and always answers in Marketo's envelope.
    @Test(arguments: [11, 12, 13, 14] as [UInt64]) func everyRequestIsAnswered(seed: UInt64) throws {
        var random = Seeded(seed)
        var options = SandboxOptions()
        options.limits = .off
        options.autoLeads = true
        var instance = Instance(options)
        let token = instance.tokens.give(now: anytime).text
        let paths = MarketoKind.allCases.flatMap { [$0.rawValue, "\($0.rawValue)/delete", "\($0.rawValue)/describe"] }
        for _ in 0..<600 {
            let path = "/rest/v1/\(random.pick(paths)).json"
            let call = RESTCall(
                Request(
                    head: RequestHead(
                        id: "0123456789",
                        method: random.pick(["POST", "POST", "GET", "DELETE"]),
                        path: path,
                        query: random.chance(2) ? random.pick(Self.queries) : "",
                        headers: Headers([("Content-Type", "application/json"), ("Authorization", "Bearer \(token)")])
                    ),
                    body: mutated(random.pick(Self.bodies), &random)
                )
            )
            let (number, answer) = instance.begin(call, now: anytime)
            instance.finish(number, call, answer, now: anytime)
            let response = answer.response(requestID: "1")
            let root = try JSONDocument(response.body).root
            #expect(root["success"]?.bool != nil && root["requestId"] != nil, "seed \(seed)")
            #expect((root["success"]?.bool == false) == (root["errors"]?.elements.isEmpty == false), "seed \(seed)")
        }
        #expect(instance.measured.inFlight == 0)
    }

    private func mutated(_ body: String, _ random: inout Seeded) -> [UInt8] {
        var text = body
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            let at = text.index(text.startIndex, offsetBy: Int.random(in: 0..<text.count, using: &random))
            let end = text[at...].firstIndex { ",]}".contains($0) } ?? text.endIndex
            text.replaceSubrange(at..<end, with: random.pick(Self.words))
            if text.isEmpty { text = "{}" }
        }
        return Array(text.utf8)
    }
}
