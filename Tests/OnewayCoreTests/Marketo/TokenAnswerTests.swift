import Testing

@testable import OnewayCore

@Suite struct TokenAnswerTests {
    @Test func theServiceIsReadStrictly() {
        let table: [(Int, String, TokenAnswer)] = [
            (
                200, #"{"access_token":"cdf01657:int","token_type":"bearer","expires_in":3599}"#,
                .token("cdf01657:int", seconds: 3599)
            ),
            (200, #"{"access_token":"a","expires_in":"60"}"#, .token("a", seconds: 60)),
            (200, #"{"access_token":"a","expires_in":0}"#, .token("a", seconds: 0)),
            (200, #"{"access_token":"a","expires_in":9223372036854775807}"#, .token("a", seconds: 86_400)),
            (401, #"{"error":"unauthorized","error_description":"words"}"#, .refused("unauthorized")),
            (401, #"{"error":"words of theirs"}"#, .refused("HTTP 401")),
            (401, "<html>", .refused("HTTP 401")),
            (400, #"{"error":"invalid_client"}"#, .refused("invalid_client")),
            (200, #"{"error":"unauthorized"}"#, .refused("unauthorized")),
            (400, #"{"error":"invalid_request"}"#, .unclear("HTTP 400")),
            (503, #"{"error":"unauthorized"}"#, .unclear("HTTP 503")),
            (502, "<html>", .unclear("HTTP 502")), (200, "<html>", .unclear("an answer that is not JSON")),
        ]
        for (status, body, expected) in table {
            #expect(TokenAnswer(status: status, body: Array(body.utf8)) == expected, "\(status) \(body)")
        }
    }

    @Test func aTokenThatNoHeaderCanCarryIsNone() {
        let long = String(repeating: "a", count: 4097)
        for token in [#""""#, #""a b""#, #""a\r\nX: y""#, #""ü""#, #""\u0000""#, "7", "null", #""\#(long)""#] {
            let body = #"{"access_token":\#(token),"expires_in":60}"#
            let answer = TokenAnswer(status: 200, body: Array(body.utf8))
            #expect(answer == .unclear("an answer without a usable token"), "\(token)")
        }
        for life in ["-1", "null", #""soon""#, "1e3", "99999999999999999999"] {
            let body = #"{"access_token":"a","expires_in":\#(life)}"#
            let answer = TokenAnswer(status: 200, body: Array(body.utf8))
            #expect(answer == .unclear("an answer without a usable token"), "\(life)")
        }
    }
}
