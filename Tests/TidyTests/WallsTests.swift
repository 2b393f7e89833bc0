import Foundation
import Testing

/// Which part may import which. The targets enforce most of it; these tests keep the manifest, the sources, and
/// docs/architecture.md consistent.
@Suite struct WallsTests {
    private static let page = Source.root.appendingPathComponent("docs/architecture.md")

    /// The page's table: a part, its purpose, and its imports.
    private static func allowed() throws -> [String: Set<String>] {
        let text = try String(contentsOf: page, encoding: .utf8)
        let rows = text.components(separatedBy: "\n").filter { $0.hasPrefix("| **") }
        return Dictionary(
            uniqueKeysWithValues: rows.map { row in
                let cells = row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
                let name = cells[0].trimmingCharacters(in: CharacterSet(charactersIn: "*"))
                let names = cells[2].components(separatedBy: ", ").filter { !$0.isEmpty && $0 != "nothing" }
                return (name, Set(names))
            }
        )
    }

    /// Without the doors to C libraries.
    private static var parts: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: Source.root.appendingPathComponent("Sources").path)
                .filter { $0.wholeMatch(of: /C[A-Z].*/) == nil }
        }
    }

    @Test func thePageListsTheImportsOfEachPart() throws {
        let (allowed, parts) = (try Self.allowed(), Set(try Self.parts))
        #expect(Set(allowed.keys) == parts)
        for part in parts {
            let files = try Source.all.filter { $0.path.hasPrefix("Sources/\(part)/") }
            let imported = Set(files.flatMap(\.imports)).intersection(parts)
            #expect(imported == allowed[part], "\(part)")
        }
    }

    /// Parts that must never see each other, regardless of the manifest.
    @Test func whatIsKeptApartStaysApart() throws {
        let allowed = try Self.allowed()
        func reach(_ part: String) -> Set<String> {
            (allowed[part] ?? []).reduce(into: []) { $0.formUnion(reach($1).union([$1])) }
        }
        for (part, never) in [
            ("Applying", ["HTTPClient", "HTTPServer", "Intake", "Forwarding"]),
            ("Forwarding", ["HTTPServer", "Intake", "Applying"]),
            ("Intake", ["HTTPClient", "Forwarding", "Applying"]),
            ("HTTPServer", ["OnewayCore"]), ("HTTPClient", ["OnewayCore"]), ("OnewayCore", ["Threads"]),
            ("Store", ["Configuration"]),
            // R1: the service cannot write to Dynamics.
            ("Service", ["DataverseRegistration"]), ("DataverseClient", ["DataverseRegistration"]),
        ] {
            #expect(reach(part).isDisjoint(with: never), "\(part) sees \(reach(part).intersection(never))")
        }
    }

    /// R1: only the command may write to Dynamics, and only registrations. In the client, one type knows of requests other
    /// than reads.
    @Test func onlyTheCommandRegisters() throws {
        for (part, imports) in try Self.allowed() where part != "oneway" {
            #expect(!imports.contains("DataverseRegistration"), "\(part)")
        }
        let writing = try Source.all.filter { file in
            file.path.hasPrefix("Sources/DataverseClient/")
                && file.code.contains { line in [".post", ".patch", "Method"].contains { line.contains($0) } }
        }
        #expect(writing.map(\.path) == ["Sources/DataverseClient/DataverseRequest.swift"])
    }

    /// A folder should be readable in one sitting.
    @Test func foldersStaySmall() throws {
        var counts: [String: Int] = [:]
        for file in try Source.all {
            counts[file.path.components(separatedBy: "/").dropLast().joined(separator: "/"), default: 0] += 1
        }
        for (folder, count) in counts where count > 16 {
            Issue.record("\(folder) holds \(count) Swift files")
        }
    }
}
