import Foundation
import OnewayCore
import Testing

@testable import Applying
@testable import oneway

/// The documentation of the steps agrees with the program.
@Suite struct RegistrationPageTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
        .deletingLastPathComponent()

    @Test func thePageListsTheStepsOfTheDefaults() throws {
        let page = try String(contentsOf: Self.root.appending(path: "docs/deploying.md"), encoding: .utf8)
        let rows = page.components(separatedBy: "| --- | --- | --- | --- |\n").dropFirst().first?
            .components(separatedBy: "\n\n").first?.components(separatedBy: "\n")
        #expect(rows == RuleBook(RuleSettings()).registration.map(Self.row))
    }

    private static func row(_ step: RegisteredStep) -> String {
        let columns = step.image.map { "\($0.kind.rawValue): \($0.columns.joined(separator: ", "))" } ?? ""
        let cells = [step.entity.rawValue, step.message, step.filter.joined(separator: ", "), columns]
        return "|" + cells.map { $0.isEmpty ? " |" : " \($0) |" }.joined()
    }

    @Test func theTextNamesFilterAndImage() {
        let text = Check.text(RuleBook(RuleSettings()).registration)
        #expect(
            text.contains("Update of connection\n  filtering attributes  record1id,record2id,record2roleid,statecode\n")
        )
        #expect(text.contains("Delete of connection\n  pre-image             record1id,record2id,record2roleid\n"))
    }

    @Test(
        arguments: [
            ([:], nil), ([Value.text("1-Qualify"): 19], nil), ([.text("1-Qualify"): 20], .warns),
            ([.text("1-Qualify"): 95, .text("2-Develop"): 5], .warns),
            ([.text("1-Qualify"): 94, .text("2-Develop"): 6], .passes),
        ] as [([Value: Int], CheckLine.State?)]
    )
    func aStageThatHardlyVariesIsReported(_ values: [Value: Int], state: CheckLine.State?) {
        let line = Check.stage("stepname", values).first
        #expect(line?.state == state)
        #expect(line?.says.contains("Qualify") != true, "values stay where they are")
    }
}
