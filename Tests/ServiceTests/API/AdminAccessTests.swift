import Configuration
import HTTPServer
import Testing

@testable import Admin
@testable import Reading

@Suite struct AdminAccessTests {
    static let withToken = AdminAccess(token: Secret("the-token:with colon"), hosts: [])
    static let withoutToken = AdminAccess(token: nil, hosts: ["ops.example"])

    @Test(
        arguments: [
            (["Authorization": "Bearer the-token:with colon"], nil),
            (["authorization": "bearer the-token:with colon"], nil),
            (["Authorization": "Basic YW55b25lOnRoZS10b2tlbjp3aXRoIGNvbG9u"], nil),
            (["Authorization": "Basic YW55b25lOndyb25n"], 401),
            (["Authorization": "Basic !!!!"], 401),
            (["Authorization": "Basic YW55b25l"], 401),
            (["Authorization": "Bearer wrong"], 401),
            (["Authorization": "Digest x"], 401),
            (["Authorization": "the-token:with colon"], 401),
            ([:], 401),
            (["Authorization": "Bearer the-token:with colon", "Sec-Fetch-Site": "cross-site"], 403),
            (["Authorization": "Bearer the-token:with colon", "Sec-Fetch-Site": "same-site"], 403),
            (["Authorization": "Bearer the-token:with colon", "Sec-Fetch-Site": "same-origin"], nil),
            (["Authorization": "Bearer the-token:with colon", "Sec-Fetch-Site": "none"], nil),
            (["Authorization": "Bearer the-token:with colon", "Host": "a:1", "Origin": "http://a:1"], nil),
            (["Authorization": "Bearer the-token:with colon", "Host": "a:1", "Origin": "http://a:2"], 403),
            (["Authorization": "Bearer the-token:with colon", "Host": "a:1", "Origin": "http://a:1.evil"], 403),
            (["Authorization": "Bearer the-token:with colon", "Host": "a:1", "Origin": "null"], 403),
        ] as [([String: String], Int?)]
    )
    func theTokenOpensAndNoOtherSiteMayUseIt(headers: [String: String], status: Int?) {
        #expect(Self.withToken.refusal(of: head(headers))?.code.status == status)
    }

    @Test(arguments: [
        ("localhost", true), ("LOCALHOST:8081", true), ("127.0.0.1:8081", true), ("127.9.9.9", true),
        ("[::1]:8081", true),
        ("ops.example", true), ("OPS.example:80", true), ("evil.example", false), ("localhost.evil.example", false),
        ("127.0.0.1.evil.example", false), ("128.0.0.1", false), ("127.0.0", false), ("127.0.0.999", false),
        ("", false),
    ])
    func withoutATokenOnlyOurNamesWork(host: String, works: Bool) {
        #expect((Self.withoutToken.refusal(of: head(["Host": host])) == nil) == works)
    }

    private func head(_ headers: [String: String]) -> RequestHead {
        RequestHead(
            id: "r",
            method: "GET",
            path: "/",
            headers: Headers(headers.map { (name: $0.key, value: $0.value) })
        )
    }
}
