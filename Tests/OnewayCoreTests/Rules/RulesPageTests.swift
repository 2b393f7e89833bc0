import Foundation
import Testing

@testable import OnewayCore

/// docs/rules.md agrees with the rules.
@Suite struct RulesPageTests {
    static let page = (try? String(contentsOf: root.appendingPathComponent("docs/rules.md"), encoding: .utf8)) ?? ""
    static let root = ExampleTests.folder.deletingLastPathComponent().deletingLastPathComponent()

    @Test(arguments: 1...14) func everyRuleHasItsLine(_ number: Int) {
        #expect(Self.page.contains("\n| R\(number) | "))
    }

    @Test func theDefaultMappingIsInItsTable() {
        let lines = Self.page.split(separator: "\n").filter { $0.hasPrefix("| `") }
        for field in SelectedField.byDefault {
            #expect(lines.contains { $0.hasPrefix("| `\(field.field)`") && $0.contains("| `\(field.column)` |") })
        }
        for field in SelectedField.ruled { #expect(lines.contains { $0.contains("`\(field)`") }) }
        #expect(lines.contains { $0.hasPrefix("| `closeDate` | `actualclosedate`") })
    }

    @Test func theDecisionTableIsTested() {
        let table = Self.page.split(separator: "\n").drop { !$0.hasPrefix("| `customerid` | form: contact") }
        let rows = table.prefix { $0.hasPrefix("|") }.dropFirst(2).map { row in
            let cells = row.split(separator: "|", omittingEmptySubsequences: false)
            return cells[1...4].map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: " | ")
        }
        #expect(rows.count == 19)
        #expect(Set(rows) == Set(DecisionTableTests.rows.map(\.text)))
    }

    @Test func everyFileItNamesExists() throws {
        let rows = Self.page.split(separator: "\n").filter {
            $0.hasPrefix("| R") && $0.dropFirst(3).first?.isNumber == true
        }
        for row in rows {
            let files =
                row.split(separator: "|").last?.split(separator: "`").filter { $0.first?.isUppercase == true } ?? []
            #expect(!files.isEmpty)
            for file in files {
                let path = file.hasPrefix("Mirror/") ? "\(file).swift" : "Rules/\(file).swift"
                let url = Self.root.appendingPathComponent("Sources/OnewayCore/\(path)")
                #expect(FileManager.default.fileExists(atPath: url.path), "\(file)")
            }
        }
    }
}
