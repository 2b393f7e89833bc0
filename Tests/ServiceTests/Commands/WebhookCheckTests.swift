import Configuration
import OnewayCore
import TestSupport
import Testing

@testable import Sandbox
@testable import Service
@testable import oneway

/// `oneway check` on the webhook in Dynamics, and on the notifications that failed there.
@Suite struct WebhookCheckTests {
    private static func lines(_ settings: Configuration, isRepairing: Bool = false) async -> [CheckLine] {
        var options = Check.Options()
        options.isRepairing = isRepairing
        return await Check.dynamics(settings, options).filter { ["webhook", "notifications"].contains($0.name) }
    }

    @Test func whatIsRegisteredIsCompared() async throws {
        try await RegisterRig.with { rig in
            let without = await Self.lines(rig.settings)
            #expect(without.map(\.state) == [.warns] && without[0].says.contains("no webhook named Oneway"))
            _ = try await rig.register { $0.isSure = true }
            let before = rig.dataverse.measured.total
            let well = await Self.lines(rig.settings)
            #expect(well.map(\.name) == ["webhook", "notifications"])
            #expect(well.allSatisfy { $0.state == .passes }, "\(well)")
            #expect(rig.dataverse.measured.total == before + 16)
            try await rig.dataverse.delete("sdkmessageprocessingstep", try rig.step("Delete of contact"))
            let differs = await Self.lines(rig.settings)
            #expect(differs.map(\.state) == [.warns, .passes])
            #expect(differs[0].says.contains(": create Delete of contact"), "\(differs[0].text)")
            rig.dataverse.set(missingPrivileges: ["prvReadServiceEndpoint"])
            let denied = await Self.lines(rig.settings)
            #expect(denied.map(\.state) == [.warns] && denied[0].says.contains("prvReadServiceEndpoint"))
            #expect(denied[0].remedy?.contains("System Job") == true)
        }
    }

    @Test(arguments: [false, true]) func whatFailedIsReadAgain(inPostgreSQL: Bool) async throws {
        let path = AppTests.file()
        defer { AppTests.remove(path) }
        let store: Configuration.Store =
            try inPostgreSQL ? .postgreSQL(Secret(ThrowawayPostgreSQL.shared.address())) : .sqlite(path: path)
        // Dynamics lives a minute ago, so that whatever is read now is read after it.
        try await RegisterRig.with(secondsBehind: 60, send: { _ in 500 }) { rig in
            _ = try await rig.register { $0.isSure = true }
            let (renamed, moved, gone) = (Company.opportunity(1), Company.contact(1), Company.opportunity(4))
            try await rig.dataverse.update("opportunity", renamed, ["name": .text("Told to nobody")])
            try await rig.dataverse.update(
                "contact",
                moved,
                ["parentcustomerid": .lookup(RowReference("account", Company.account(3)))]
            )
            try await rig.dataverse.delete("opportunity", gone)
            await rig.dataverse.waitUntilDelivered()
            let webApi = rig.settings.dynamics.webApi
            try await AppTests.withApp(store: store, { $0.dynamics.webApi = webApi }) { _, ports in
                let ready = try await waited { try await AppTests.ask("GET", ports.public, "/readyz").status == 200 }
                #expect(ready != nil)
                var settings = rig.settings
                settings.store = store
                settings.admin.port = ports.admin
                let found = try #require(await Self.lines(settings).last)
                #expect(found.state == .warns && found.says.hasPrefix("3 have failed in the last 7 days"), "\(found)")
                #expect(found.says.contains("Update of opportunity \(renamed) at ") && found.says.contains("500"))
                // A slow machine may have answered only some of them when the service stops waiting.
                let deadline = ContinuousClock.now + .seconds(120)
                var repaired: CheckLine?
                repeat {
                    repaired = await Self.lines(settings, isRepairing: true).last
                } while repaired?.state == .warns
                    && ContinuousClock.now < deadline
                #expect(
                    repaired?.state == .passes && repaired?.says.contains("were read ") == true,
                    "\(repaired?.says ?? "")"
                )
                let story = try await AppTests.ask("GET", ports.admin, "/api/opportunities/\(renamed)")
                #expect(story.body.contains("Told to nobody"))
                let deleted = try await AppTests.ask("GET", ports.admin, "/api/opportunities/\(gone)")
                #expect(deleted.body.contains("Dynamics does not have it"))
                let after = await Self.lines(settings, isRepairing: true).last
                #expect(after?.state == .passes && after?.says.hasSuffix("were read since") == true)

                settings.store = .memory
                settings.admin.port = 1
                let alone = await Self.lines(settings, isRepairing: true).last
                #expect(alone?.state == .fails && alone?.says.hasPrefix("cannot be repaired: ") == true)
            }
        }
        var options = Check.Options()
        options.isRepairing = true
        #expect(await Check.dynamics(Configuration(), options).map(\.state) == [.fails], "nothing to read from")
    }

    @Test(arguments: [
        "{}", #"{"records":[]}"#, #"{"records":[{"entity":"lead","record":"00000000-0000-0000-0000-000000000001"}]}"#,
        #"{"records":[{"entity":"contact","record":"1"}]}"#, #"{"record":1}"#,
    ]) func onlyRecordsCanBeReadAgain(_ body: String) async throws {
        try await AppTests.withApp(store: .memory) { _, ports in
            let refused = try await AppTests.ask("POST", ports.admin, "/api/refresh", body)
            #expect(refused.status == 400 && refused.members["code"] as? String == "bad-request", "\(refused)")
            let good = #"{"records":[{"entity":"contact","record":"00000000-0000-0000-0000-000000000001"}]}"#
            let alone = try await AppTests.ask("POST", ports.admin, "/api/refresh", good)
            #expect(alone.status == 404 && alone.body.contains("dynamics.webApi"))
        }
    }
}
