import Configuration
import Foundation
import OnewayCore
import Sandbox
import TestSupport
import Testing
import Threads

@testable import Service
@testable import oneway

/// Every step of the rehearsal in docs/operating.md does what the page says: its commands are run as written, except
/// for the ports, and each phrase in italics is on one of the pages.
@Suite struct RehearsalTests {
    private struct Step {
        var commands = ""
        var shown: [String] = []
    }

    private typealias Ports = DemoWorld.Ports

    private static func placed(_ text: String, _ ports: Ports) -> String {
        let usual = Ports()
        let pairs = [
            (usual.public, ports.public), (usual.admin, ports.admin), (usual.marketo, ports.marketo),
            (usual.dynamics, ports.dynamics),
        ]
        return pairs.reduce(text) { text, pair in
            text.replacingOccurrences(of: "127.0.0.1:\(pair.0)", with: "127.0.0.1:\(pair.1)")
        }
    }

    private static let opportunity = "20120002-71b4-ef11-a72f-6045bd905a01"

    private static func section() throws -> String {
        let page = try ContractTests.text("docs/operating.md")
        let rest = try #require(page.components(separatedBy: "\n## A rehearsal\n").dropFirst().first)
        return try #require(rest.components(separatedBy: "\n## ").first)
    }

    /// A block of commands, and the block after it that shows what they print.
    private static func steps(of section: String) -> [Step] {
        var steps: [Step] = []
        var fence: String?
        for line in section.components(separatedBy: "\n") {
            let words = line.trimmingCharacters(in: .whitespaces)
            if words.hasPrefix("```") {
                fence = fence == nil ? words : nil
                if fence == "```sh" { steps.append(Step()) }
            } else if fence == "```sh" {
                steps[steps.count - 1].commands += line + "\n"
            } else if fence == "```" {
                steps[steps.count - 1].shown.append(words)
            }
        }
        return steps
    }

    private static func inItalics(_ section: String) -> [String] {
        let text = section.components(separatedBy: "```").enumerated().filter { $0.offset.isMultiple(of: 2) }
            .map(\.element).joined()
        let flat = text.components(separatedBy: .whitespacesAndNewlines).filter { !$0.isEmpty }.joined(separator: " ")
        return flat.components(separatedBy: "*").enumerated().filter { !$0.offset.isMultiple(of: 2) }.map(\.element)
    }

    /// Repeats the commands until they print the expected output: what the service does automatically takes time.
    private static func run(_ step: Step, _ ports: Ports) async throws {
        let folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        let script = "PATH=\(folder.path):$PATH\n" + placed(step.commands, ports)
        let deadline = ContinuousClock.now + .seconds(120)
        var printed = ""
        repeat {
            let ended = await onOwnThread { Program.run(["bash", "-c", script], errorsToo: true) }
            printed = String(decoding: ended.output, as: UTF8.self)
            if step.shown.allSatisfy(printed.contains) { return }
            // Try again a moment later, as an operator would.
            try await Task.sleep(for: .milliseconds(300))
        } while ContinuousClock.now < deadline
        Issue.record("\(step.commands) does not print \(step.shown), but:\n\(printed)")
    }

    /// The text of the pages, as a reader sees it.
    private static func look(_ ports: Ports) async throws -> String {
        var seen = ""
        let paths = ["/", "/parked?code=1003", "/opportunities/\(opportunity)", "/?did=%2Factions%2Freplay&n=1"]
        for path in paths {
            let page = try await AppTests.ask("GET", ports.admin, path).body
            seen += page.replacingOccurrences(of: "<[^>]*>", with: " ", options: .regularExpression)
        }
        return seen.replacingOccurrences(of: "&#39;", with: "'").components(separatedBy: .whitespacesAndNewlines)
            .filter { !$0.isEmpty }.joined(separator: " ")
    }

    @Test func eachStepIsTrue() async throws {
        let section = try Self.section()
        let steps = Self.steps(of: section)
        #expect(steps.count == 15)
        try await DemoWorld.run(.free) { world in
            let ports = world.ports
            for change in DemoChange.all { try await change.make(world.dataverse) }
            await world.dataverse.waitUntilDelivered()
            let status = "oneway status --url http://127.0.0.1:8081"
            let all = Step(
                commands: status,
                shown: [" 0 to apply,", " 0 to read", " settled, 0 pending, 0 waiting, 0 parked"]
            )
            // Twice, because the counts are not from the same moment.
            for _ in 1...2 { try await Self.run(all, ports) }
            var seen = ""
            for step in steps {
                try await Self.run(step, ports)
                seen += try await Self.look(ports)
            }
            for words in Self.inItalics(section) { #expect(seen.contains(words), "no page says: \(words)") }
        }
    }
}
