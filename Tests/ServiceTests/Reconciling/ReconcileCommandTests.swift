import Configuration
import Foundation
import OnewayCore
import TestSupport
import Testing
import Threads

@testable import Sandbox
@testable import Service
@testable import oneway

/// `oneway reconcile`, and what it says of the causes.
@Suite(.serialized) struct ReconcileCommandTests {
    private static func run(_ words: String..., at ports: App.Ports) async -> (status: Int32, output: String) {
        let arguments = [AskingTests.binary] + words + ["--url", "http://127.0.0.1:\(ports.admin)"]
        let ended = await onOwnThread { Program.run(arguments, errorsToo: true) }
        return (ended.status, String(decoding: ended.output, as: UTF8.self))
    }

    @Test func itWaitsAndListsWhatWasFound() async throws {
        try await ReconcilingWorld.run { world in
            try await world.serve { rig in
                let early = await Self.run("reconcile", at: rig.ports)
                #expect(early.status == 1 && early.output.contains("Nothing was loaded yet"), "\(early.output)")
                try await rig.loaded()
                world.pass(hours: 1)
                rig.dataverse.add(WebhookFault(.drop, times: nil))
                try await rig.dataverse.update(
                    "opportunity",
                    Company.opportunity(1),
                    ["estimatedvalue": .money("99999")]
                )
                try await rig.dataverse.delete("opportunity", Company.opportunity(4))
                world.pass(hours: 1)
                let (status, output) = await Self.run("reconcile", at: rig.ports)
                #expect(status == 0)
                for words in [
                    "2 changes that no webhook told us: 1 updated, 1 deleted", "updated (estimatedvalue)",
                    "Espresso bar", "Trail signs", "\(Company.opportunity(4))", "requests to Dynamics",
                ] { #expect(output.contains(words), "\(output)") }
                let last = await Self.run("reconcile", "--last", "--json", at: rig.ports)
                #expect(last.status == 0 && last.output.contains(#""what":"deleted""#), "\(last.output)")
                let service = await Self.run("status", at: rig.ports)
                #expect(service.output.contains("2 changes that no webhook told us"), "\(service.output)")
                let verdict = try await rig.ask("GET", "/api/status").members["health"] as? [String: Any]
                #expect(verdict?["code"] as? String == "untold", "\(verdict ?? [:])")
                let none = await Self.run("reconcile", at: rig.ports)
                #expect(none.output.contains("0 changes that no webhook told us"), "\(none.output)")
            }
        }
    }

    /// Dynamics remembers what it could not deliver.
    @Test func aFailedSystemJobIsTheCause() async throws {
        let path = AppTests.file()
        defer { AppTests.remove(path) }
        try await ReconcilingWorld.run { world in
            try await world.serve(.sqlite(path: path)) { rig in try await rig.loaded() }
            world.pass(hours: 1)
            try await world.dataverse.update("opportunity", Company.opportunity(1), ["estimatedvalue": .money("99999")])
            await world.dataverse.waitUntilDelivered()
            world.pass(hours: 1)
            try await world.serve(.sqlite(path: path)) { rig in
                let found = try await rig.reconciled()
                #expect(found.found == 1 && found.causes == ["failed-job"], "\(found)")
            }
        }
    }
}
