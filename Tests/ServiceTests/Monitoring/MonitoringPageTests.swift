import Foundation
import OnewayCore
import Telemetry
import Testing

@testable import Admin

/// docs/operating.md, the alerts, and the dashboard agree with the existing metrics.
@Suite struct MonitoringPageTests {
    private static let families = ServiceMetrics().registry.families

    /// All names that a scrape can show.
    private static let samples = Set(
        families.flatMap { family in
            family.type == "histogram"
                ? ["_bucket", "_sum", "_count"].map { family.name + $0 } : [family.name]
        }
    )

    private static func names(in text: String) -> Set<String> {
        let words = text.components(separatedBy: CharacterSet.alphanumerics.union(["_"]).inverted)
        return Set(words.filter { $0.hasPrefix("oneway_") || $0.hasPrefix("process_") })
    }

    /// Name, type, help, and the value to alert on.
    @Test func thePageListsEveryMetric() throws {
        let rows = try ContractTests.text("docs/operating.md").split(separator: "\n")
            .filter { $0.hasPrefix("| `oneway_") || $0.hasPrefix("| `process_") }
            .map { row in row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) } }
        #expect(rows.allSatisfy { $0.count == 4 && !$0[3].isEmpty })
        let told = rows.map { "\($0[0]) \($0[1]) \($0[2])" }
        #expect(told == Self.families.map { "`\($0.name)` \($0.type) \($0.help)" })
    }

    @Test func alertsAskForWhatThereIs() throws {
        for file in ["ops/prometheus/alerts.yml", "ops/prometheus/alerts-test.yml"] {
            let names = Self.names(in: try ContractTests.text(file))
            #expect(!names.isEmpty && names.isSubset(of: Self.samples), "\(names.subtracting(Self.samples))")
        }
    }

    @Test func everyAlertIsTestedAndDocumented() throws {
        let alerts = try ContractTests.text("ops/prometheus/alerts.yml").components(separatedBy: "- alert: ")
            .dropFirst().map { String($0.prefix { $0.isLetter }) }
        let (tests, page) = (
            try ContractTests.text("ops/prometheus/alerts-test.yml"), try ContractTests.text("docs/operating.md")
        )
        for alert in alerts {
            #expect(tests.contains("alertname: \(alert)\n        exp_alerts:"), "\(alert) is never seen to fire")
            #expect(tests.contains("alertname: \(alert) }"), "\(alert) is never seen to stay quiet")
            #expect(page.contains("`\(alert)`"), "\(alert) has no place in the runbook")
        }
        #expect(Set(alerts).count == alerts.count && !alerts.isEmpty)
    }

    private static let words: [String: ErrorDisposition] = [
        "tries again": .again, "waits, everything": .away, "waits, everything, and a minute": .doubt,
        "parks all records of the call": .parkTogether, "makes fewer calls": .fewerCalls,
        "makes fewer calls at once": .fewerAtOnce, "waits for the next day": .nextDay, "stops": .stop,
        "sends it without its owner": .withoutOwner, "sends it without fields": .withoutFields, "parks": .park,
    ]

    /// Every code of Marketo's, and its treatment when an opportunity is sent.
    @Test func thePageListsEveryCode() throws {
        let rows = try ContractTests.text("docs/operating.md").components(separatedBy: "| codes |")[1]
            .components(separatedBy: "\n\n")[0].split(separator: "\n").dropFirst(2)
        var told: [String: ErrorDisposition] = [:]
        for row in rows {
            let cells = row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            let fitting = Self.words.keys.filter { cells[1].hasPrefix($0) }.max { $0.count < $1.count }
            let disposition = try #require(fitting.flatMap { Self.words[$0] }, "\(cells[1])")
            for code in cells[0].components(separatedBy: ", ") { told[code] = disposition }
        }
        let codes = ErrorDisposition.codes.map { ($0, ErrorDisposition.of($0, .sync, .opportunity)) }
        #expect(told == Dictionary(uniqueKeysWithValues: codes))
    }

    @Test func theDashboardAsksForWhatThereIs() throws {
        let data = Data(try ContractTests.text("ops/grafana/oneway.json").utf8)
        let board = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let panels = try #require(board["panels"] as? [[String: Any]])
        let queries = panels.flatMap { $0["targets"] as? [[String: Any]] ?? [] }.compactMap { $0["expr"] as? String }
        #expect(queries.count > 20)
        var shown: Set<String> = []
        for query in queries {
            let names = Self.names(in: query)
            #expect(!names.isEmpty && names.isSubset(of: Self.samples), "\(query)")
            shown.formUnion(names)
        }
        let missing = Self.families.filter { family in !shown.contains { $0.hasPrefix(family.name) } }
        #expect(missing.isEmpty, "no panel shows \(missing.map(\.name))")
        // Replicas share a store, so each of them says the same of it.
        let shared = try Regex(
            "oneway_(inbox|apply_lag|stale|dynamics_questions|refusal_rows|outbox|forward_lag|replicas|hand_overs)"
        )
        for query in queries where query.contains(shared) {
            #expect(query.contains(/max(?: by \([a-z, ]+\) )?\(oneway_/), "counts once for each replica: \(query)")
        }
        let ids = panels.compactMap { $0["id"] as? Int }
        #expect(Set(ids).count == panels.count)
    }
}
