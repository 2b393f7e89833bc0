import Configuration
import Foundation
import Glibc
import TestSupport
import Testing
import Threads

/// One `oneway serve`, such as of several on one database, as a process of its own.
final class Replica: Sendable {
    private let folder: String
    private let ended = Monitor(false)

    /// `more` goes over the other variables.
    init(database: String, marketo: Configuration.Marketo, _ more: [String: String] = [:]) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("replica-\(UUID())").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let settings =
            [
                "ONEWAY_STORE=\(database)", "ONEWAY_DYNAMICS_ANONYMOUS=true", "ONEWAY_PUBLIC_ADDRESS=127.0.0.1",
                "ONEWAY_PUBLIC_PORT=0", "ONEWAY_ADMIN_PORT=0", "ONEWAY_MARKETO_ENDPOINT=\(marketo.endpoint)",
                "ONEWAY_MARKETO_CLIENT_ID=\(marketo.clientId)",
                "ONEWAY_MARKETO_CLIENT_SECRET=\(marketo.clientSecret.reveal())",
                "ONEWAY_MARKETO_FLUSH_AFTER_MILLISECONDS=0", "ONEWAY_LOG_FORMAT=json",
            ] + more.map { "\($0.key)=\($0.value)" }
        let script = #"cd "$1"; echo $$ > pid; exec "$0" serve > log 2>&1"#
        let arguments = ["env"] + settings + ["sh", "-c", script, AskingTests.binary, folder]
        startThread { [self] in
            _ = Program.run(arguments)
            ended.update { $0 = true }
        }
    }

    var log: String { (try? String(contentsOfFile: folder + "/log", encoding: .utf8)) ?? "" }

    /// As it has last said: one that stood still for seconds may have lost it, and taken it again.
    var leads: Bool {
        let says = ["this replica leads", "another replica leads now", "cannot lead now"]
        let last = log.split(separator: "\n").last { line in says.contains { line.contains($0) } }
        return last?.contains(says[0]) == true
    }

    func port(_ listener: String) -> Int? {
        let line = log.split(separator: "\n").first { $0.contains(#""listener":"\#(listener)""#) }
        let members = line.flatMap { try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] }
        return members?["port"] as? Int
    }

    func ask(_ method: String, _ path: String, _ body: String? = nil) async throws -> AppTests.Answer {
        try await AppTests.ask(method, try #require(port("admin"), "\(log)"), path, body)
    }

    /// Whether it was acknowledged.
    func take(_ notification: String) async -> Bool {
        guard let port = port("public") else { return false }
        return (try? await AppTests.ask("POST", port, "/dynamics/notifications", notification))?.status == 202
    }

    func signal(_ signal: Int32) {
        let text = (try? String(contentsOfFile: folder + "/pid", encoding: .utf8)) ?? ""
        if let pid = pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)) { kill(pid, signal) }
    }

    /// Blocks until the process has ended.
    func end(_ signal: Int32) async {
        self.signal(signal)
        await onOwnThread { [self] in
            ended.wait { $0 ? () : nil }
            ended.update { _ in }
        }
        try? FileManager.default.removeItem(atPath: folder)
    }
}

/// Waits for what other processes do. Returns how long it took; nil if it never came.
///
/// By default longer than records rest whose outcome is not known.
func waited(atMost limit: Duration = .seconds(150), for isSo: () async throws -> Bool) async rethrows -> Duration? {
    let began = ContinuousClock.now
    while began.duration(to: .now) < limit {
        if try await isSo() { return began.duration(to: .now) }
        try? await Task.sleep(for: .milliseconds(20))
    }
    return nil
}
