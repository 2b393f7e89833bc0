import Foundation
import OnewayCore
import TestSupport
import Testing
import Threads

@testable import Sandbox

/// A client with a token, based on curl.
struct Visitor: Sendable {
    let endpoint: String
    var token: String?

    struct Heard: Sendable {
        /// Curl's exit code: 52 is a connection closed without an answer.
        let exit: Int32
        let status: Int
        let text: String

        var json: JSON { (try? JSONDocument(Array(text.utf8))).map { JSON($0.root) } ?? .null }
        var code: String? { failures.first?.members["code"]?.shown }
        var result: [JSON] { list(json.members["result"]) }
        var failures: [JSON] { list(json.members["errors"]) }
        /// `created`, or the code of a skipped record.
        var short: [String] {
            result.map {
                list($0.members["reasons"]).first?.members["code"]?.shown ?? $0.members["status"]?.shown ?? ""
            }
        }

        private func list(_ json: JSON?) -> [JSON] {
            if case .array(let values) = json { values } else { [] }
        }
    }

    /// If `contentType` is nil, none is sent.
    func ask(
        _ method: String,
        _ path: String,
        _ body: String? = nil,
        contentType: String? = "application/json"
    ) async -> Heard {
        var arguments = ["curl", "-s", "--max-time", "60", "-X", method, "-w", "\n%{http_code}", endpoint + path]
        if let token { arguments += ["-H", "Authorization: Bearer \(token)"] }
        if body != nil {
            arguments += ["--data-binary", "@-", "-H", "Content-Type: \(contentType ?? "")", "-H", "Expect:"]
        }
        let (chosen, input) = (arguments, Array((body ?? "").utf8))
        let (exit, output) = await onOwnThread { Program.run(chosen, input: input) }
        var lines = String(decoding: output, as: UTF8.self).components(separatedBy: "\n")
        let status = Int(lines.popLast() ?? "") ?? 0
        return Heard(exit: exit, status: status, text: lines.joined(separator: "\n"))
    }

    func rest(_ method: String, _ path: String, _ body: String? = nil) async -> Heard {
        await ask(method, "/rest/v1/\(path)", body)
    }

    func sync(_ path: String, _ records: String) async -> Heard {
        await rest("POST", "\(path).json", #"{"input": [\#(records)]}"#)
    }

    static let tokenPath = "/identity/oauth/token?grant_type=client_credentials&client_id=sandbox&client_secret="

    mutating func logIn() async {
        token = await ask("GET", Self.tokenPath + "sandbox-secret").json.members["access_token"]?.shown
    }
}

/// Runs `body` against a sandbox, with a visitor who has a token. Its clock stands still at `moment`, if there is one.
func withSandbox(
    at moment: Timestamp? = nil,
    _ change: (inout SandboxOptions) -> Void = { _ in },
    _ body: @Sendable (SandboxMarketo, Visitor) async throws -> Void
) async throws {
    var options = SandboxOptions()
    change(&options)
    let marketo = if let moment { SandboxMarketo(options, now: { moment }) } else { SandboxMarketo(options) }
    let port = try marketo.start()
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await marketo.run() }
        var visitor = Visitor(endpoint: "http://127.0.0.1:\(port)")
        await visitor.logIn()
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(marketo, visitor)) } catch { outcome = .failure(error) }
        await marketo.stop()
        try await group.waitForAll()
        try outcome.get()
    }
}
