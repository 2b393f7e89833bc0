import Configuration
import OnewayCore
import Testing

@testable import Coordination
@testable import Sandbox

/// What no webhook reported is found and put right, end to end over real sockets.
@Suite(.serialized) struct ReconcilerTests {
    private static let lost = WebhookFault(.drop, times: nil)

    /// One loss of each kind.
    private static func lose(_ rig: ReconcilingRig) async throws -> GUID {
        let dataverse = rig.dataverse
        let created = try await dataverse.create(
            "opportunity",
            ["name": "Never told", "parentaccountid": .lookup(RowReference("account", Company.account(2)))]
        )
        try await dataverse.update("opportunity", Company.opportunity(1), ["estimatedvalue": .money("99999")])
        try await dataverse.delete("opportunity", Company.opportunity(4))
        let connections = dataverse.ids("connection").compactMap { id in
            dataverse.row("connection", id).map { (id, $0) }
        }
        func connection(_ opportunity: Int) throws -> GUID {
            let end = ColumnValue.lookup(RowReference("opportunity", Company.opportunity(opportunity)))
            return try #require(connections.first { $0.1["record1id"] == end }).0
        }
        try await dataverse.delete("connection", try connection(1))
        try await dataverse.update(
            "connection",
            try connection(2),
            ["record2roleid": .lookup(RowReference("connectionrole", Company.championRole))]
        )
        try await dataverse.update(
            "contact",
            Company.contact(9),
            ["parentcustomerid": .lookup(RowReference("account", Company.account(3)))]
        )
        return created
    }

    private static let changes = [
        "created opportunity", "deleted connection", "deleted opportunity", "updated connection record2roleid",
        "updated contact parentcustomerid", "updated opportunity estimatedvalue",
    ]

    private static func isRight(_ rig: ReconcilingRig, _ created: GUID) async throws {
        try await rig.settled()
        let account = { (number: Int) in JSON.string("\(Company.account(number))") }
        #expect(rig.held(created, "name") == "Never told" && rig.held(created, "externalCompanyId") == account(2))
        #expect(rig.held(Company.opportunity(1), "amount") == .number("99999"))
        #expect(rig.marketo.book.record(.opportunity, "\(Company.opportunity(4))") == nil)
        #expect(rig.roles(of: Company.opportunity(1)).isEmpty)
        #expect(rig.roles(of: Company.opportunity(2)) == ["Champion"])
        #expect(rig.held(Company.opportunity(8), "externalCompanyId") == account(3), "it follows its contact")
    }

    /// With change tracking, and without it.
    @Test(arguments: [true, false]) func everyKindOfLossIsFound(isTracked: Bool) async throws {
        try await ReconcilingWorld.run { world in
            for table in ["opportunity", "connection", "contact", "account"] {
                world.dataverse.setChangeTracking(table, isTracked)
            }
            try await world.serve { rig in
                try await rig.loaded()
                #expect(rig.roles(of: Company.opportunity(1)) == ["Stakeholder"])
                world.pass(hours: 1)
                rig.dataverse.add(Self.lost)
                let created = try await Self.lose(rig)
                world.pass(hours: 1)
                let found = try await rig.reconciled()
                #expect(found.state == "done" && found.changes == Self.changes && found.found == 6, "\(found)")
                try await Self.isRight(rig, created)
                let status = try await rig.ask("GET", "/api/status").members["reconciliation"] as? [String: Any]
                #expect(status?["found"] as? Int == 6 && status?["state"] as? String == "off")
                for page in ["/", "/reconcile"] {
                    let body = try await rig.ask("GET", page).body
                    #expect(body.contains("Never told") && body.contains("parentcustomerid"), "\(page)")
                }
                let metrics = try await rig.ask("GET", "/metrics").body
                #expect(metrics.contains(#"oneway_untold_changes_total{what="updated"} 3"#))
                #expect(try await rig.reconciled().found == 0, "each is found once")
            }
        }
    }

    @Test func anExpiredTokenIsSurvived() async throws {
        try await ReconcilingWorld.run { world in
            try await world.serve { rig in
                try await rig.loaded()
                world.pass(hours: 1)
                rig.dataverse.add(Self.lost)
                let created = try await Self.lose(rig)
                rig.dataverse.expireChanges()
                world.pass(hours: 1)
                let found = try await rig.reconciled()
                #expect(found.state == "done" && found.changes == Self.changes, "\(found)")
                try await Self.isRight(rig, created)
            }
        }
    }

    /// Whatever people do: what was told, and what follows from it, is not called lost.
    @Test(arguments: [UInt64(1), 2, 3]) func aHealthySystemReportsNothing(seed: UInt64) async throws {
        try await ReconcilingWorld.run { world in
            try await world.serve { rig in
                try await rig.loaded()
                for step in 0..<40 { try await rig.dataverse.step(seed << 16 | UInt64(step)) }
                try await rig.dataverse.merge("contact", into: Company.contact(1), Company.contact(2))
                try await rig.dataverse.merge("account", into: Company.account(1), Company.account(5))
                try await rig.settled()
                world.pass(hours: 1)
                let found = try await rig.reconciled()
                #expect(found.state == "done" && found.found == 0, "seed \(seed): \(found.changes)")
                rig.dataverse.expireChanges()
                let again = try await rig.reconciled()
                #expect(again.found == 0, "seed \(seed): \(again.changes)")
            }
        }
    }

    /// Dynamics' clock is ours: the change was made just now.
    @Test func aSlowWebhookIsNotCalledLost() async throws {
        try await ReconcilingWorld.run(hoursBehind: 0) { world in
            try await world.serve(graceMilliseconds: 30_000) { rig in
                try await rig.loaded()
                rig.dataverse.add(WebhookFault(.delay(seconds: 1.5)))
                try await rig.dataverse.update("opportunity", Company.opportunity(1), ["estimatedvalue": .money("4")])
                rig.dataverse.add(WebhookFault(.drop))
                try await rig.dataverse.update("opportunity", Company.opportunity(2), ["estimatedvalue": .money("5")])
                let found = try await rig.reconciled()
                #expect(
                    found.changes == ["updated opportunity estimatedvalue"] && found.causes == ["bypassed"],
                    "\(found)"
                )
                try await rig.settled()
                #expect(rig.held(Company.opportunity(1), "amount") == .number("4"))
                #expect(rig.held(Company.opportunity(2), "amount") == .number("5"))
            }
        }
    }

    /// Both clocks are right: its signs of life have a gap, in which the change was made.
    @Test func whatChangedWhileOnewayWasAwayIsCalledAnOutage() async throws {
        let path = AppTests.file()
        defer { AppTests.remove(path) }
        try await ReconcilingWorld.run(hoursBehind: 0) { world in
            try await world.serve(.sqlite(path: path)) { rig in try await rig.loaded() }
            try await world.dataverse.update("opportunity", Company.opportunity(1), ["estimatedvalue": .money("4")])
            // A shorter absence is a restart.
            try await Task.sleep(for: .milliseconds(2_500))
            try await world.serve(.sqlite(path: path)) { rig in
                let found = try await rig.reconciled()
                #expect(
                    found.changes == ["updated opportunity estimatedvalue"] && found.causes == ["outage"],
                    "\(found)"
                )
                try await rig.settled()
                #expect(rig.held(Company.opportunity(1), "amount") == .number("4"))
            }
        }
    }

    /// It goes on at the table where it was, and nothing is counted twice.
    @Test func aRestartContinues() async throws {
        let path = AppTests.file()
        defer { AppTests.remove(path) }
        try await ReconcilingWorld.run { world in
            try await world.serve(.sqlite(path: path)) { rig in
                try await rig.loaded()
                world.pass(hours: 1)
                rig.dataverse.add(Self.lost)
                _ = try await Self.lose(rig)
                world.pass(hours: 1)
                rig.dataverse.add(DataverseFault(.status(502), path: "contacts", times: nil))
                #expect(try await rig.ask("POST", "/api/reconcile").status == 202)
                try await rig.until("stuck") {
                    try await rig.ask("GET", "/api/reconcile").members["table"] as? String == "contact"
                }
            }
            world.dataverse.clearFaults()
            let requests = try await world.requests {
                try await world.serve(.sqlite(path: path)) { rig in
                    let found = try await rig.ended()
                    #expect(found.state == "done" && found.changes == Self.changes && found.found == 6, "\(found)")
                }
            }
            #expect(requests["opportunities"] == nil && requests["contacts"] == 1, "\(requests)")
        }
    }

    /// R11: only what Dynamics says is gone is deleted.
    @Test func whatThisUserMayNotSeeIsNotDeleted() async throws {
        try await ReconcilingWorld.run { world in
            world.dataverse.setChangeTracking("opportunity", false)
            try await world.serve { rig in
                try await rig.loaded()
                world.pass(hours: 1)
                rig.dataverse.set(hidden: [Company.opportunity(1)])
                let found = try await rig.reconciled()
                try await rig.settled()
                #expect(found.state == "done" && found.found == 0)
                #expect(rig.marketo.book.record(.opportunity, "\(Company.opportunity(1))") != nil)
            }
        }
    }

    @Test func aTableThatCannotBeReadDoesNotHoldUpTheOthers() async throws {
        try await ReconcilingWorld.run { world in
            try await world.serve { rig in
                try await rig.loaded()
                world.pass(hours: 1)
                rig.dataverse.add(Self.lost)
                _ = try await Self.lose(rig)
                world.pass(hours: 1)
                rig.dataverse.set(missingPrivileges: ["prvReadConnection"])
                let found = try await rig.reconciled()
                #expect(found.state == "failed" && found.found == 4, "\(found)")
                #expect((found.members["message"] as? String)?.contains("connection") == true)
                rig.dataverse.set(missingPrivileges: [])
                #expect(try await rig.reconciled().found == 2)
            }
        }
    }

    @Test func theScheduleBeginsAfterTheFirstLoad() async throws {
        try await ReconcilingWorld.run { world in
            try await world.serve(everyMinutes: 60) { rig in
                func state() async throws -> [String: Any] {
                    try await rig.ask("GET", "/api/status").members["reconciliation"] as? [String: Any] ?? [:]
                }
                #expect(try await state()["state"] as? String == "not-loaded")
                #expect(try await rig.ask("GET", "/api/reconcile").status == 404)
                #expect(try await rig.ask("DELETE", "/api/reconcile").status == 404)
                let refused = try await rig.ask("POST", "/api/reconcile")
                #expect(refused.status == 400 && refused.body.contains("/api/load"))
                try await rig.loaded()
                #expect(try await state()["state"] as? String == "scheduled")
                #expect(try await state()["nextAt"] is String)
            }
        }
    }

    @Test func itIsCancelled() async throws {
        try await ReconcilingWorld.run { world in
            try await world.serve { rig in
                try await rig.loaded()
                rig.dataverse.add(DataverseFault(.status(502), path: "opportunities", times: nil))
                #expect(try await rig.ask("POST", "/api/reconcile").status == 202)
                #expect(try await rig.ask("POST", "/api/reconcile").status == 400, "one at a time")
                #expect(try await rig.ask("DELETE", "/api/reconcile").status == 200)
                #expect(try await rig.ask("GET", "/api/reconcile").members["state"] as? String == "cancelled")
            }
        }
    }
}
