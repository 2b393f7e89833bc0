import Configuration
import OnewayCore
import Testing

@testable import Coordination
@testable import Sandbox

/// marketo.salesPersons, from Dynamics' webhooks to Marketo, over real sockets.
@Suite(.serialized) struct SalesPersonsEndToEndTests {
    private static let (zoe, amir) = (Company.salesPerson, Company.otherSalesPerson)

    private static func owner(_ id: GUID) -> ColumnValue { .lookup(RowReference("systemuser", id)) }

    private func held(_ person: GUID, _ field: String, _ rig: ReconcilingRig) -> JSON? {
        rig.marketo.book.record(.salesPerson, "\(person)")?.members[field]
    }

    @Test func theOwnerIsTheSalesPersonAndFollows() async throws {
        try await ReconcilingWorld.run { world in
            try await world.serve(change: { $0.marketo.salesPersons = true }) { rig in
                try await rig.loaded()
                let field = "externalSalesPersonId"
                world.pass(hours: 1)
                let new = try await rig.dataverse.create("opportunity", ["name": "Zoë's own"])
                try await rig.settled()
                #expect(rig.held(new, field) == .string("\(Self.zoe)"))
                #expect(held(Self.zoe, "firstName", rig) == "Zoë" && held(Self.zoe, "lastName", rig) == "Lindqvist")
                #expect(held(Self.zoe, "email", rig) == "zoe@example.com")
                #expect(rig.marketo.measured.codes["718"] == nil, "the sales person was always there first")

                world.pass(hours: 1)
                try await rig.dataverse.update("opportunity", new, ["ownerid": Self.owner(Self.amir)])
                try await rig.settled()
                #expect(rig.held(new, field) == .string("\(Self.amir)") && held(Self.amir, "lastName", rig) == "Haddad")

                world.pass(hours: 1)
                let team = ["ownerid": ColumnValue.lookup(RowReference("team", Company.team))]
                try await rig.dataverse.update("opportunity", new, team)
                try await rig.settled()
                #expect(rig.held(new, field) == nil || rig.held(new, field) == .null, "cleared")
                world.pass(hours: 1)
                try await rig.dataverse.update("opportunity", new, ["ownerid": Self.owner(Self.amir)])
                try await rig.settled()
                #expect(rig.held(new, field) == .string("\(Self.amir)"))

                // No webhook tells of users: the next reconciliation reads them again, and counts nothing as lost.
                world.pass(hours: 1)
                let address = ["internalemailaddress": ColumnValue.text("zoe@example.org")]
                try await rig.dataverse.update("systemuser", Self.zoe, address)
                world.pass(hours: 1)
                #expect(try await rig.reconciled().found == 0)
                try await rig.until("the address followed") { held(Self.zoe, "email", rig) == "zoe@example.org" }
                try await rig.settled()
                try await Self.showsThem(new, rig)
            }
        }
    }

    /// As every other kind is shown.
    private static func showsThem(_ opportunity: GUID, _ rig: ReconcilingRig) async throws {
        let story = try await rig.ask("GET", "/api/opportunities/\(opportunity)")
        let items = story.members["items"] as? [[String: Any]] ?? []
        #expect(items.contains { $0["kind"] as? String == "salesPerson" && $0["key"] as? String == "\(amir)" })
        let reads = story.members["reads"] as? [[String: Any]] ?? []
        #expect(reads.contains { $0["entity"] as? String == "systemuser" && $0["record"] as? String == "\(amir)" })
        let page = try await rig.ask("GET", "/opportunities/\(opportunity)").body
        #expect(page.contains("Sales person <bdi>Amir Haddad</bdi>"))
        let list = try await rig.ask("GET", "/api/outbox?kind=salesPerson&state=settled")
        #expect(Set(list.items.compactMap { $0["key"] as? String }) == ["\(zoe)", "\(amir)"])
        #expect(list.items.allSatisfy { $0["opportunity"] is String == false })
        let metrics = try await rig.ask("GET", "/metrics").body
        #expect(metrics.contains(#"oneway_outbox_records{kind="salesPerson",stage="settled"} 2"#))
        #expect(metrics.contains(#"call="salespersons.sync""#))
    }

    /// A store that was filled with the option off: the owners come from Dynamics, and leave the mirror again.
    @Test func switchedOnAndOffLater() async throws {
        let path = AppTests.file()
        defer { AppTests.remove(path) }
        let field = "externalSalesPersonId"
        try await ReconcilingWorld.run { world in
            try await world.serve(.sqlite(path: path)) { rig in
                try await rig.loaded()
                #expect(rig.held(Company.opportunity(1), field) == nil && rig.marketo.book.all(.salesPerson).isEmpty)
            }
            try await world.serve(.sqlite(path: path), change: { $0.marketo.salesPersons = true }) { rig in
                try await rig.until("owned") { rig.held(Company.opportunity(1), field) != nil }
                try await rig.settled()
                let ids = rig.marketo.book.all(.opportunity).map(\.members[field])
                #expect(!ids.isEmpty && ids.allSatisfy { $0 != nil && $0 != .null })
            }
            try await world.serve(.sqlite(path: path)) { rig in
                try await rig.settled()
                try await rig.until("forgotten") {
                    let user = try await rig.ask("GET", "/api/opportunities/\(Company.opportunity(1))")
                    return (user.members["values"] as? [String: Any])?["ownerid"] == nil
                }
                #expect(rig.held(Company.opportunity(1), field) != nil, "what Marketo has stays")
                #expect(!rig.marketo.book.all(.salesPerson).isEmpty)
                try await rig.until("left") {
                    let outbox = try await rig.ask("GET", "/api/outbox?kind=salesPerson").body
                    return !outbox.contains("zoe@") && !outbox.contains("pending")
                }
            }
        }
    }
}
