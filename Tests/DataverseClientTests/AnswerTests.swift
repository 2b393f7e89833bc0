import HTTPClient
import OnewayCore
import Testing

@testable import DataverseClient

/// What answers mean, by table.
@Suite struct AnswerTests {
    private static func answer(_ status: Int, _ code: String?, _ words: String = "", _ headers: [HTTPHeader] = [])
        -> HTTPAnswer
    {
        let json: JSON = ["error": ["code": .string(code ?? ""), "message": .string(words)]]
        return HTTPAnswer(status: status, headers: headers, body: code == nil ? Array("<html>".utf8) : json.encoded)
    }

    private static let privilege =
        "Principal user (Id=1, type=8), is missing prvReadOpportunity privilege (Id=2) on OTC=3 for entity 'opportunity' "
        + "(LocalizedName='Opportunity'). context.Caller=1"
    private static let access = "SecLib::AccessCheckEx failed. ObjectTypeCode: 3, AccessRights: AppendToAccess"
    private static let column =
        "Could not find a property named '_new_x_value' on type 'Microsoft.Dynamics.CRM.contact'."

    private static let meanings: [(HTTPAnswer, String)] = [
        (answer(200, "x"), "success"), (answer(204, nil), "success"), (answer(401, nil), "token refused"),
        (answer(404, "0x80040217"), "not found"),
        (answer(404, "0x8006088a", "Resource not found for the segment 'contacs'."), "there is no table contacs"),
        (answer(404, nil), "HTTP 404 instead of an answer from Dynamics"),
        (answer(403, "0x80040220", privilege), "the application user has no right Read on opportunity"),
        (answer(403, "0x80040220", access), "the application user has no right AppendTo on contact"),
        (answer(403, "0x80040220", "No."), "a privilege is missing: No."),
        (
            answer(403, "0x80072560", "The user is not a member."),
            "Dynamics does not accept the application user: The user is not a member."
        ), (answer(403, nil), "HTTP 403 instead of an answer from Dynamics"),
        (answer(400, "0x80060888", column), "contact has no column new_x"),
        (answer(400, "0X80044352", "See https://x/y?code=1 now"), "0x80044352: See (address) now"),
        (answer(429, "0x80072322", "", [HTTPHeader("Retry-After", "17")]), "pause 17"),
        (answer(429, "0x80072326"), "pause 10"), (answer(429, nil, "", [HTTPHeader("retry-after", "-1")]), "pause 10"),
        (answer(429, nil, "", [HTTPHeader("Retry-After", "99999999")]), "pause 3600"),
        (
            answer(
                429,
                nil,
                "",
                [
                    HTTPHeader("Retry-After", "Mon, 30 Nov 2026 03:00:00 GMT"),
                    HTTPHeader("Date", "Mon, 30 Nov 2026 02:59:40 GMT"),
                ]
            ), "pause 20"
        ), (answer(503, nil, "", [HTTPHeader("Retry-After", "5")]), "pause 5"),
        (answer(503, nil), "Dynamics gave HTTP 503"),
        (answer(500, "0x80040216", "secret"), "Dynamics gave HTTP 500, 0x80040216"),
        (answer(302, nil), "HTTP 302 instead of an answer from Dynamics"),
    ]

    @Test(arguments: meanings) func anAnswerHasOneMeaning(answer: HTTPAnswer, expected: String) {
        let word =
            switch AnswerMeaning(answer, table: "contact") {
            case .success: "success"
            case .notFound: "not found"
            case .tokenRefused: "token refused"
            case .pause(let seconds): "pause \(seconds)"
            case .failure(let failure): failure.says
            }
        #expect(word == expected)
    }

    private static let grants: [(Int, String, String)] = [
        (200, #"{"access_token":"t","expires_in":3599}"#, "granted 3599"),
        (
            401, #"{"error":"invalid_client","error_codes":[7000215],"error_description":"AADSTS7000215 id-1"}"#,
            "refused the client secret is wrong; it is the secret's value, not its id (AADSTS7000215)"
        ),
        (400, #"{"error":"invalid_request","error_codes":[90002]}"#, "refused there is no such tenant (AADSTS90002)"),
        (
            400, #"{"error":"invalid_scope","error_codes":[1002012]}"#,
            "refused the identity service refused (AADSTS1002012)"
        ),
        (401, "no", "refused HTTP 401"), (400, "no", "unavailable the identity service gave HTTP 400"),
        (429, #"{"error":"x","error_codes":[90055]}"#, "unavailable the identity service gave HTTP 429"),
        (503, "no", "unavailable the identity service gave HTTP 503"),
    ]

    @Test(arguments: grants) func theIdentityServiceIsUnderstood(status: Int, body: String, expected: String) {
        let word =
            switch TokenGrant(status: status, body: Array(body.utf8)) {
            case .granted(_, let seconds): "granted \(seconds)"
            case .refused(let says): "refused \(says)"
            case .unavailable(let says): "unavailable \(says)"
            }
        #expect(word == expected)
    }

    @Test func theAllowanceIsInTheHeaders() {
        let names = ["burst-remaining", "time-remaining"].map { "x-ms-ratelimit-\($0)-xrm-requests" }
        func left(_ requests: String, _ seconds: String) -> RequestBudget.Remaining {
            let headers = [HTTPHeader(names[0], requests), HTTPHeader(names[1].uppercased(), seconds)]
            return RequestBudget.Remaining(HTTPAnswer(status: 200, headers: headers, body: []))
        }
        #expect(left("5999", "1,199.48") == .init(requests: 5999, executionSeconds: 1199))
        #expect(left("many", "nan") == .init() && left("0", "0") == .init(requests: 0, executionSeconds: 0))
    }

    /// The time of a reading is never later than the reading.
    @Test func aReadingIsDatedByDynamicsClock() {
        let date = HTTPHeader("Date", "Mon, 30 Nov 2026 02:49:32 GMT")
        let told = Timestamp(iso8601: "2026-11-30T02:49:32Z")
        let (began, ended) = (Timestamp(second: 100), Timestamp(milliseconds: 102_500))
        let dated = DataverseAnswer(HTTPAnswer(status: 200, headers: [date], body: []), began: began, ended: ended)
        #expect(dated.readAt.milliseconds == (told?.milliseconds ?? 0) - 2500)
        #expect(dated.clockDifferenceSeconds == (told?.second ?? 0) - 102)
        let undated = DataverseAnswer(HTTPAnswer(status: 200, body: []), began: began, ended: ended)
        #expect(undated.readAt == began && undated.clockDifferenceSeconds == nil)
        #expect(httpDate("Monday, 30-Nov-26 02:49:32 GMT") == nil && httpDate("Mon, 1 Nov 2026 02:49:32 GMT") == nil)
    }

    @Test func wordsAreOneShortLineWithoutAddresses() {
        #expect(plainWords("a\r\n b\u{1} \u{7}http://h/x?code=1") == "a b (address)")
        #expect(plainWords(String(repeating: "x", count: 400)).count == 300)
    }
}
