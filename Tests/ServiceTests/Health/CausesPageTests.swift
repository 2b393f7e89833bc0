import Foundation
import OnewayCore
import Testing

/// The alert rules, the verdict, and the page know the same.
@Suite struct CausesPageTests {
    /// Who is down says nothing: the only rule that the verdict cannot know.
    private static let fromOutsideOnly: Set = ["OnewayDown"]

    private static func rules() throws -> Set<String> {
        let file = try ContractTests.text("ops/prometheus/alerts.yml")
        return Set(file.components(separatedBy: "- alert: ").dropFirst().map { String($0.prefix { $0.isLetter }) })
    }

    @Test func theVerdictKnowsEveryAlertRule() throws {
        let known = Set(Cause.allCases.flatMap(\.alertRules)).union(Self.fromOutsideOnly)
        let unknown = try Self.rules().subtracting(known)
        #expect(unknown.isEmpty, "no cause in OnewayCore/Health/Cause for \(unknown)")
    }

    @Test func everyCauseHasAnAlertRule() throws {
        let rules = try Self.rules()
        for cause in Cause.allCases where cause.level != .starting && cause != .draining {
            #expect(cause.alertRules.contains(where: rules.contains), "\(cause)")
        }
    }

    /// The rules that ask the verdict itself name each cause that they tell.
    @Test(arguments: ["OnewayBlocked", "OnewayHealth"])
    func rulesOfTheVerdictNameTheirCauses(rule: String) throws {
        let file = try ContractTests.text("ops/prometheus/alerts.yml")
        let text = try #require(file.components(separatedBy: "- alert: \(rule)\n").dropFirst().first)
        let expression = try #require(text.components(separatedBy: #"oneway_health_cause{code=~""#).dropFirst().first)
        let named = Set(expression.prefix { $0 != "\"" }.split(separator: "|").map(String.init))
        #expect(named == Set(Cause.allCases.filter { $0.alertRules.contains(rule) }.map(\.rawValue)))
    }

    /// What is broken wakes somebody, whichever way it is told.
    @Test func whatIsBrokenIsPaged() throws {
        let rules = try ContractTests.text("ops/prometheus/alerts.yml").components(separatedBy: "- alert: ").dropFirst()
        let paging = Set(rules.filter { $0.contains("severity: page") }.map { String($0.prefix { $0.isLetter }) })
        for cause in Cause.allCases where cause.level == .broken {
            #expect(cause.alertRules.contains(where: paging.contains), "\(cause)")
        }
    }

    @Test func thePageListsEveryCause() throws {
        let page = try ContractTests.text("docs/operating.md")
        let rows = page.components(separatedBy: "<!-- causes -->")[1].components(separatedBy: "\n\n")[0]
            .split(separator: "\n").dropFirst(2)
        let expected = Cause.allCases.map { cause in
            let after = cause.alertAfterSeconds.map { $0 == 0 ? "at once" : Wording.duration(seconds: Int64($0)) }
            let rules = cause.alertRules.map { "`\($0)`" }.joined(separator: ", ")
            let cells = [
                "`\(cause.rawValue)`", cause.level.rawValue, after ?? "never", cause.blocksAll ? "yes" : "", rules,
            ]
            return "|" + cells.map { $0.isEmpty ? " |" : " \($0) |" }.joined()
        }
        #expect(rows.map(String.init) == expected)
    }
}
