import HTTPClient
import HTTPServer
import OnewayCore
import TestSupport
import Testing

@testable import MarketoClient

@Suite struct OutcomeTests {
    /// Answers to a call, from Marketo or something in between, and their meaning.
    @Test func everyAnswerHasOneMeaning() async throws {
        let table: [(Response, String)] = [
            (.success, "success"),
            (.json(#"{"success":true,"result":[{"status":"created"}],"warnings":[]}"#), "success"),
            (.failure("606"), "refused 606"),
            (.json(#"{"success":false,"errors":[{"code":611,"message":"as a number"}]}"#), "refused 611"),
            (.json(#"{"success":false,"errors":[{"code":"1"},{"code":2}]}"#), "refused 1,2"),
            (.json(#"{"success":true,"errors":[{"code":"1018","message":"CRM Enabled"}]}"#), "refused 1018"),
            (.json(#"{"success":false}"#), "refused "),
            (.json(#"{"success":false,"errors":[{"code":"500"}]}"#, status: 500), "refused 500"),
            (.json(#"{"success":false,"errors":[{"code":"603"}]}"#, status: 403), "refused 603"),
            (.json(#"{"success":true,"result":[]}"#, status: 503), "unknown 503"),
            (.json(#"{"success":true,"result":[]}"#, status: 202), "unknown 202"),
            (.html(200), "unknown not-json"),
            (.html(502), "unknown 502"),
            (.html(401), "unknown 401"),
            (.html(404), "unknown 404"),
            (.html(413), "too large"),
            (.failure("413").with(status: 413), "too large"),
            (Response(status: 302, headers: [("Location", "/elsewhere")]), "unknown 302"),
            (Response(status: 200), "unknown not-json"),
            (Response(status: 204), "unknown 204"),
            (.json("[]"), "unknown not-json"),
            (.json("{}"), "unknown not-json"),
            (.json(#"{"success":"true"}"#), "unknown not-json"),
            (.json(#"{"success":true,"result":{}}"#), "unknown not-json"),
            (.json(#"{"success":true,"result":["#), "unknown not-json"),
            (.json(#"{"success":true,"result":[]}{}"#), "unknown not-json"),
        ]
        let marketo = FakeMarketo { _, number in table[number].0 }
        try await withClient(of: marketo) { client, _ in
            for (number, row) in table.enumerated() {
                let outcome = await client.call(.usage)
                #expect(word(outcome) == row.1, "row \(number)")
                #expect(!"\(outcome)".contains("secret-words"))
            }
        }
        #expect(marketo.calls.count == table.count)
    }

    /// Only the identity service itself can reject credentials; a call without a token is not sent.
    @Test func everyAnswerToTheQuestionForATokenHasOneMeaning() async throws {
        let table: [(Response, String)] = [
            (
                .json(#"{"error":"unauthorized","error_description":"No client s&cret/ü"}"#, status: 401),
                "bad credentials"
            ),
            (.json(#"{"error":"invalid_client"}"#, status: 400), "bad credentials"),
            (.json(#"{"error":"invalid_client"}"#), "bad credentials"),
            (.html(401), "bad credentials"),
            (.json(#"{"error":"invalid_request"}"#, status: 400), "not sent"),
            (.json(#"{"error":"unauthorized"}"#, status: 503), "not sent"),
            (.html(500), "not sent"),
            (.html(502), "not sent"),
            (.html(403), "not sent"),
            (.html(200), "not sent"),
            (.json("{}"), "not sent"),
            (.json(#"{"access_token":null,"expires_in":3600}"#), "not sent"),
            (.json(#"{"access_token":"","expires_in":3600}"#), "not sent"),
            (.json(#"{"access_token":"a b\r\nX: y","expires_in":3600}"#), "not sent"),
            (.json(#"{"access_token":"a"}"#), "not sent"),
            (.json(#"{"access_token":"a","expires_in":-1}"#), "not sent"),
            (.json(#"{"access_token":"a","expires_in":"3600"}"#), "success"),
        ]
        let marketo = FakeMarketo { _, number in
            table[number].0
        } rest: { _, _ in
            .success
        }
        try await withClient(of: marketo) { client, _ in
            for (number, row) in table.enumerated() {
                let outcome = await client.call(.usage)
                #expect(word(outcome) == row.1, "row \(number)")
                for secret in ["s&cret", "s%26cret", "client%20id", "secret-words", "oauth"] {
                    #expect(!"\(outcome)".contains(secret), "row \(number)")
                }
            }
        }
        #expect(marketo.calls.count == 1)
    }

    @Test func aCutIdentityServiceIsNoVerdictOnCredentials() async throws {
        let server = try RawServer { connection in _ = connection.hear() }
        let client = MarketoClient(access(server.port), transport: makeTransport())
        let outcome = await client.call(.usage)
        #expect(word(outcome) == "not sent")
        #expect(!"\(outcome)".contains("cret"))
        #expect(server.requests.allSatisfy { $0.contains("/identity/oauth/token?") })
    }

    @Test func aCallThatIsCutIsUnknown() async throws {
        let server = try RawServer { connection in
            while true {
                let request = connection.hear()
                guard request.contains("/identity/") else { return }
                connection.answer(#"{"access_token":"a","expires_in":3600}"#)
            }
        }
        let client = MarketoClient(access(server.port), transport: makeTransport())
        #expect(word(await client.call(.syncLeads("email", [Array("{}".utf8)], partition: nil))) == "unknown cut")
        #expect(server.requests.count == 2)
    }

    @Test func marketoMayTakeItsTime() {
        let token = Token(text: "a", access: access(1), until: .now)
        #expect(HTTPRequest(.sync(.opportunity, []), token).secondsMax == 75)
        #expect(HTTPRequest(.syncLeads("email", [], partition: nil), token).secondsMax == 105)
    }

    @Test func nothingPrintsASecret() {
        let access = access(1)
        let request = HTTPRequest(tokenFor: access)
        for text in ["\(access)", "\(request)", String(reflecting: access), String(reflecting: request)] {
            #expect(text == "<access>" || text == "<request>")
        }
        var dumped = ""
        dump([access], to: &dumped)
        dump([request], to: &dumped)
        #expect(!dumped.contains("cret") && !dumped.contains("client"))
    }
}

extension Response {
    fileprivate func with(status: Int) -> Response { Response(status: status, headers: headers, body: body) }
}
