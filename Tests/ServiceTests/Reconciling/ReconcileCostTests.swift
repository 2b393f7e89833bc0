import OnewayCore
import Testing

@testable import Sandbox

/// What reconciliation costs Dynamics, as docs/decisions/0013-reconciliation.md says.
@Suite(.serialized) struct ReconcileCostTests {
    private static let tables = ["opportunity", "connection", "contact", "account"]
    private static let sets = ["opportunities", "connections", "contacts", "accounts"]

    private static func counted(
        isTracked: Bool,
        hoursBehind: Int,
        _ body: @Sendable (ReconcilingWorld, ReconcilingRig) async throws -> Void
    ) async throws {
        try await ReconcilingWorld.run(hoursBehind: hoursBehind, rowsPerPage: 100) { world in
            for table in tables { world.dataverse.setChangeTracking(table, isTracked) }
            // Two pages of opportunities.
            world.dataverse.grow(opportunities: 150)
            try await world.serve { rig in try await body(world, rig) }
        }
    }

    /// One request for each table, and what is found costs little more.
    @Test func trackedChangesCostFourRequests() async throws {
        try await Self.counted(isTracked: true, hoursBehind: 48) { world, rig in
            let first = try await rig.requests { try await rig.loaded() }
            // A load and a reconciliation read everything.
            #expect(first["opportunities"] == 4, "\(first)")
            world.pass(hours: 1)
            let healthy = try await rig.requests {
                let done = try await rig.reconciled()
                #expect(done.count("requests") == 4)
            }
            #expect(Self.sets.allSatisfy { healthy[$0] == 1 } && healthy.count == 4, "\(healthy)")
            rig.dataverse.add(WebhookFault(.drop, times: nil))
            for number in 1...3 {
                try await rig.dataverse.update("opportunity", Company.opportunity(number), ["name": "Lost"])
            }
            try await rig.dataverse.delete("opportunity", Company.opportunity(5))
            world.pass(hours: 1)
            let lost = try await rig.requests {
                let done = try await rig.reconciled()
                #expect(done.found == 4)
            }
            // The deletion is asked for in a list, and alone.
            #expect(lost["opportunities"] == 2 && lost["opportunities(id)"] == 1, "\(lost)")
            #expect(lost["asyncoperations"] == 1 && lost.values.reduce(0, +) == 7, "\(lost)")
        }
    }

    /// Hourly by `modifiedon`: the same. Daily: every page of every table.
    @Test func untrackedTablesCostAPassADay() async throws {
        try await Self.counted(isTracked: false, hoursBehind: 12) { world, rig in
            try await rig.loaded()
            world.pass(hours: 1)
            let hourly = try await rig.requests {
                let done = try await rig.reconciled()
                #expect(done.found == 0)
            }
            #expect(Self.sets.allSatisfy { hourly[$0] == 1 } && hourly.count == 4, "\(hourly)")
        }
        try await Self.counted(isTracked: false, hoursBehind: 48) { world, rig in
            try await rig.loaded()
            world.pass(hours: 1)
            let daily = try await rig.requests {
                let done = try await rig.reconciled()
                #expect(done.found == 0)
            }
            #expect(daily["opportunities"] == 2 && daily.count == 4, "\(daily)")
        }
    }
}
