import Configuration
import Foundation
import HTTPServer
import Testing

@testable import Admin
@testable import Reading
@testable import Service

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

    /// What an answer holds is for who asked; the pages' files are asked for again each time.
    @Test func noAnswerStaysInACache() async throws {
        try await AppTests.withApp(store: .memory) { ports in
            func asked(_ method: String, _ path: String, _ headers: [String: String] = [:]) async throws -> [String] {
                let head = try await AppTests.ask(method, ports.admin, path, nil, headers).head.lowercased()
                #expect(head.contains("x-content-type-options: nosniff"), "\(method) \(path)")
                return head.components(separatedBy: "\r\n").filter { $0.hasPrefix("cache-control:") }
            }
            let answers = [
                ("GET", "/api/status", 200), ("GET", "/healthz", 200), ("GET", "/metrics", 200), ("GET", "/", 200),
                ("GET", "/api/waiting/people?format=csv", 200), ("GET", "/api/nothing", 404),
                ("DELETE", "/api/status", 405), ("GET", "/api/inbox?limit=x", 400),
            ]
            for (method, path, status) in answers {
                #expect(try await AppTests.ask(method, ports.admin, path).status == status, "\(method) \(path)")
                let kept = try await asked(method, path)
                #expect(kept == ["cache-control: no-store"], "\(method) \(path)")
            }
            let refused = try await asked("GET", "/api/status", ["Sec-Fetch-Site": "cross-site"])
            #expect(refused == ["cache-control: no-store"])
            let file = try await asked("GET", "/assets/page.css")
            #expect(file == ["cache-control: no-cache"])
        }
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
