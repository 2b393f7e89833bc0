import Configuration
import Foundation
import OnewayCore
import Service
import Store
import Testing

@testable import Applying
@testable import oneway

/// docs/explained.md is the output of `oneway explain` for each example. `make explained` regenerates it.
@Suite struct ExplainedTests {
    static let page = ContractTests.root.appendingPathComponent("docs/explained.md")
    static let folder = ContractTests.root.appendingPathComponent("examples/notifications")

    private static let head = """
        # Output of `oneway explain`

        For each file in [examples/notifications](../examples/notifications), alone and against an empty Marketo: what Dynamics says,
        why Oneway interprets it that way, and what Marketo would get. The numbers refer to [the rules](rules.md).
        The configuration was:

        ```yaml
        dynamics: { marketoUsers: [ e7a05b13-52c8-ef11-b8e8-000d3a2b4c6d ] }
        rules: { roleNames: { 9c0d0001-40b1-ef11-b8e8-000d3a2b4c6d: Champion } }
        ```

        `make explained` regenerates this page.

        """

    private static var settings: Configuration {
        var settings = Configuration()
        settings.dynamics.marketoUsers = ["e7a05b13-52c8-ef11-b8e8-000d3a2b4c6d"]
        settings.rules.roleNames = ["9c0d0001-40b1-ef11-b8e8-000d3a2b4c6d": "Champion"]
        return settings
    }

    private static func written() async throws -> String {
        let explainer = Explainer(settings, store: MemoryStore())
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".json") }
        var page = head
        for name in names.sorted() {
            let body = Array(try Data(contentsOf: folder.appendingPathComponent(name)))
            let explanation = try JSONDocument(try await explainer.explain(body).json.encoded).root
            let text = Explain.text(explanation, Screen(width: 120, now: ProjectorTests.now))
            page += "\n## \(name)\n\n```\n\(text)\n```\n"
        }
        return page
    }

    @Test func thePageIsWhatTheCommandSays() async throws {
        let written = try await Self.written()
        if ProcessInfo.processInfo.environment["ONEWAY_WRITE_DOCS"] == "1" {
            try written.write(to: Self.page, atomically: true, encoding: .utf8)
        }
        let page = try String(contentsOf: Self.page, encoding: .utf8)
        let differs = zip(page.split(separator: "\n"), written.split(separator: "\n")).first { $0 != $1 }
        #expect(page == written, "make explained; the first line that differs: \(String(describing: differs))")
    }
}
