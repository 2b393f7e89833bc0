import Foundation
import Testing

/// The documents at the root agree with the rest of the repository.
@Suite struct RootTests {
    private static func text(_ path: String) throws -> String {
        try String(contentsOf: Source.root.appendingPathComponent(path), encoding: .utf8)
    }

    @Test func theChangelogKnowsTheVersion() throws {
        let version = try #require(
            try Self.text("Sources/OnewayCore/Version.swift").firstMatch(of: /version = "([0-9.]+)"/)
        )
        #expect(try Self.text("CHANGELOG.md").contains("\n## [\(version.1)]"))
    }

    @Test(arguments: ["README.md", "CONTRIBUTING.md"])
    func everyMakeTargetThatIsNamedExists(page: String) throws {
        let makefile = try Self.text("Makefile")
        let named = try Self.text(page).matches(of: /`make ([a-z-]+)`/).map { String($0.1) }
        #expect(!named.isEmpty)
        for target in Set(named) { #expect(makefile.contains("\n\(target):"), "\(page) names `make \(target)`") }
    }

    @Test(arguments: ["README.md", "CONTRIBUTING.md", "SECURITY.md", "docs/architecture.md"])
    func everyFileThatIsLinkedExists(page: String) throws {
        let folder = Source.root.appendingPathComponent(page).deletingLastPathComponent()
        for link in try Self.text(page).matches(of: /\]\(([^)#]+)[^)]*\)/) where !link.1.contains("://") {
            let path = folder.appendingPathComponent(String(link.1)).path
            #expect(FileManager.default.fileExists(atPath: path), "\(page) links \(link.1)")
        }
    }
}
