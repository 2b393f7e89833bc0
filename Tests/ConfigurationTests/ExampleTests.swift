import Foundation
import Testing

@testable import Configuration

/// The example and the page are documentation, so they must agree with the schema.
@Suite struct ExampleTests {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    /// With every commented-out setting enabled: the `#` in the first column removed, except from prose.
    static func exampleWithEverythingOn() throws -> String {
        try text("examples/oneway.yaml").split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let isProse = line == "#" || line.hasPrefix("# ") && !line.hasPrefix("#  ")
            return line.hasPrefix("#") && !isProse ? String(line.dropFirst()) : String(line)
        }.joined(separator: "\n")
    }

    @Test func theExampleServesOnceSecretsAreGiven() throws {
        let loaded = try Configuration.read(
            Array(Self.text("examples/oneway.yaml").utf8),
            environment: [
                "ONEWAY_DYNAMICS_KEYS": #"["a-long-enough-webhook-key"]"#, "ONEWAY_MARKETO_CLIENT_ID": "id",
                "ONEWAY_MARKETO_ENDPOINT": "https://123-ABC-456.mktorest.com", "ONEWAY_MARKETO_CLIENT_SECRET": "secret",
            ]
        )
        #expect(loaded.warnings.isEmpty)
    }

    @Test func theExampleShowsTheDefaults() throws {
        let loaded = try Configuration.read(Array(Self.text("examples/oneway.yaml").utf8), toServe: false)
        #expect(loaded.configuration == Configuration())
    }

    @Test func theExampleHasEveryKey() throws {
        let text = try Self.exampleWithEverythingOn()
        var findings = Findings()
        let node = YAMLReader.read(Array(text.utf8), into: &findings) { .file("example", line: $0, column: $1) }
        #expect(findings.problems.isEmpty)
        let given = Self.keys(of: try #require(node), below: "")
        #expect(given == Schema.keys.map(\.name))
    }

    @Test func theExampleWithEverythingOnIsRight() throws {
        let text = try Self.exampleWithEverythingOn()
            .replacing(#"endpoint: """#, with: "endpoint: https://123-ABC-456.mktorest.com/rest")
            .replacing(#"clientId: """#, with: "clientId: id").replacing(#"clientSecret: """#, with: "clientSecret: x")
        let loaded = try Configuration.read(Array(text.utf8), toServe: false)
        #expect(loaded.warnings.isEmpty)
        #expect(loaded.configuration.fields?.count == 5)
        #expect(loaded.configuration.dynamics.webApi?.url == "https://contoso.crm.dynamics.com")
    }

    @Test func thePageHasEveryKey() throws {
        let page = try Self.text("docs/configuration.md").split(separator: "\n").map(String.init)
        let table = page.filter { $0.hasPrefix("| `") && $0.contains("`ONEWAY_") }
        let expected = Configuration.settings.map { setting in
            "| `\(setting.key)`\(setting.reloads ? " ↻" : "") | `\(setting.variable)` | `\(setting.standard)` "
                + "| \(setting.meaning) |"
        }
        let isEqual = table == expected
        #expect(isEqual, "the table should be:\n\(expected.joined(separator: "\n"))")
    }

    @Test func thePagesExampleIsRight() throws {
        let page = try Self.text("docs/configuration.md")
        let yaml = try #require(page.split(separator: "```").first { $0.hasPrefix("yaml\n") }).dropFirst(5)
        #expect(throws: Never.self) { try Configuration.read(Array(yaml.utf8), toServe: false) }
    }

    private static func keys(of node: Node, below section: String) -> [String] {
        guard case .map(let entries) = node.value else { return [] }
        return entries.flatMap { entry in
            let name = section.isEmpty ? entry.name : "\(section).\(entry.name)"
            return Schema.sections.contains(name) ? keys(of: entry.value, below: name) : [name]
        }
    }
}
