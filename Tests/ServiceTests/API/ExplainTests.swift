import Configuration
import Foundation
import OnewayCore
import Store
import Testing

@testable import Applying
@testable import Forwarding
@testable import oneway

/// The explanation of one notification for an operator.
@Suite struct ExplainTests {
    private static func explanation(
        _ body: Body,
        _ store: any Store = MemoryStore(),
        marketoUsers: [String] = []
    ) async throws -> Explanation {
        var settings = Configuration()
        settings.dynamics.marketoUsers = marketoUsers
        return try await Explainer(settings, store: store).explain(body.bytes)
    }

    private static func text(_ explanation: Explanation) throws -> String {
        let screen = Screen(width: 120, now: ProjectorTests.now)
        return Explain.text(try JSONDocument(explanation.json.encoded).root, screen)
    }

    @Test func anUpdateShowsWhatItSaysAndWhatItChanges() async throws {
        let explanation = try await Self.explanation(ProjectorTests.opportunity(1))
        #expect((explanation.outcome, explanation.code) == ("accepted", nil))
        #expect(explanation.changes.map(\.key.kind) == [.opportunity, .role])
        #expect(explanation.changes.allSatisfy { $0.before == nil })
        let text = try Self.text(explanation)
        #expect(text.contains("  customerid       contact \(ProjectorTests.contact)"))
        #expect(text.contains("R4   customer is contact"))
        #expect(text.contains(/isPrimary +yes/))
    }

    @Test func aKnownMirrorCounts() async throws {
        let store = MemoryStore()
        try await ApplyingRig(store).take(ProjectorTests.opportunity(1), ProjectorTests.opportunity(2))
        let moved = try await Self.explanation(ProjectorTests.contactOf(ProjectorTests.other), store)
        #expect(moved.changes.filter { $0.key.kind == .opportunity }.count == 2)
        #expect(try await store.records([RecordKey(.contact, GUID(ProjectorTests.contact) ?? .zero)]).isEmpty)
    }

    @Test(arguments: [(0, 0), (1, 0)]) func aRefusedCreationChangesNothing(mode: Int, changes: Int) async throws {
        var body = ProjectorTests.opportunity(1)
        body.message = "Create"
        let text = String(decoding: body.bytes, as: UTF8.self)
            .replacingOccurrences(of: #""Mode":1"#, with: #""Mode":\#(mode)"#)
        var settings = Configuration()
        settings.dynamics.marketoUsers = [body.user]
        let explanation = try await Explainer(settings, store: MemoryStore()).explain(Array(text.utf8))
        #expect((explanation.outcome, explanation.code) == ("refused", "one-way"))
        #expect(explanation.reasons.first?.rule == "R2")
        #expect(explanation.changes.count == changes)
    }

    @Test(arguments: [("{", "malformed"), (#"{"MessageName":7}"#, "unusable")])
    func unreadableInputIsReported(text: String, code: String) async throws {
        let explanation = try await Explainer(Configuration(), store: MemoryStore()).explain(Array(text.utf8))
        #expect((explanation.outcome, explanation.code) == ("quarantined", code))
        #expect(!explanation.reasons.isEmpty)
    }

    /// Every example can be explained, and the JSON has the contract's members.
    @Test func everyExampleIsExplained() async throws {
        let folder = ContractTests.root.appendingPathComponent("examples/notifications")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".json") }
        #expect(!names.isEmpty)
        for name in names {
            let body = Array(try Data(contentsOf: folder.appendingPathComponent(name)))
            let explanation = try await Explainer(Configuration(), store: MemoryStore()).explain(body)
            let members = try JSONDocument(explanation.json.encoded).root.members.map(\.name)
            let expected = [
                "outcome", "code", "message", "entity", "record", "attributes", "repaired", "reasons", "changes",
            ]
            #expect(members == expected)
            #expect(explanation.outcome == (name == "opportunity-poison.json" ? "quarantined" : explanation.outcome))
            #expect(try Self.text(explanation).split(separator: "\n").count > 1, "\(name)")
        }
    }
}
