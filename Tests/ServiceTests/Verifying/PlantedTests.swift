import Configuration
import OnewayCore
import Store
import TestSupport
import Testing

@testable import Applying
@testable import Coordination
@testable import Forwarding
@testable import Sandbox
@testable import Verifying

/// What is changed behind Oneway's back is found, and nothing else.
@Suite struct PlantedTests {
    private static let perKind = 5

    @Test func fortyOfEightKindsAreFoundAndNothingElse() async throws {
        try await VerifyingRig.run(opportunities: 60) { rig in
            try await rig.filled()
            let clean = try await rig.verification()
            #expect(clean["state"]?.string == "done" && clean["message"]?.isNull == true)
            #expect(try await rig.findings() == [])
            let planted = try await Self.plant(rig)
            #expect(planted.count == 8 * Self.perKind)
            let job = try await rig.verification()
            #expect(try await rig.findings() == planted.sorted())
            let result = try #require(job["result"])
            let found = ["missing", "different", "superfluous"].map { result[$0]?.int ?? 0 }
            #expect(found == [15, 15, 10])
            #expect(result["changing"]?.int == 0 && result["pending"]?.int == 0)
            #expect(job["progress"]?["done"]?.int == job["progress"]?["total"]?.int)
        }
    }

    @Test func anOwnerThatWasChangedInMarketoIsFoundAndRepaired() async throws {
        let on: (inout Configuration) -> Void = { $0.marketo.salesPersons = true }
        try await VerifyingRig.run(on) { rig in
            try await rig.filled()
            _ = try await rig.verification()
            #expect(try await rig.findings() == [])
            let key = try #require(try await rig.items(.opportunity).first).key.text
            try await rig.write(.opportunity, ["externalOpportunityId": .string(key), "externalSalesPersonId": .null])
            _ = try await rig.verification(Verification.Work(isRepairing: true))
            #expect(try await rig.findings() == ["different opportunity \(key) externalSalesPersonId"])
            try await rig.settled()
            _ = try await rig.verification()
            #expect(try await rig.findings() == [])
        }
    }

    /// Nothing that is compared follows from a user.
    @Test func withoutReadOnUsersTheRestIsCompared() async throws {
        let on: (inout Configuration) -> Void = { $0.marketo.salesPersons = true }
        try await VerifyingRig.run(on) { rig in
            try await rig.filled()
            let id = Company.opportunity(1)
            let newcomer = try await rig.dataverse.create("systemuser", ["lastname": "New"], VerifyingRig.quietly)
            let owner = RowReference("systemuser", newcomer)
            try await rig.dataverse.update("opportunity", id, ["ownerid": .lookup(owner)], VerifyingRig.quietly)
            rig.dataverse.set(missingPrivileges: ["prvReadUser"])
            let job = try await rig.verification()
            #expect(job["state"]?.string == "done", "\(job["message"]?.string ?? "")")
            #expect(try await rig.findings() == ["different opportunity \(id) externalSalesPersonId"])
        }
    }

    /// Each part of the company is used once, so that no difference hides another.
    private static func plant(_ rig: VerifyingRig) async throws -> [String] {
        var planted: [String] = []
        let roles = try await rig.items(.role)
        let withRoles = Set(roles.compactMap(\.opportunity))
        var bare = try await rig.items(.opportunity).filter { !withRoles.contains($0.opportunity ?? .zero) }
        var others = try await rig.items(.opportunity).filter { withRoles.contains($0.opportunity ?? .zero) }
        func take(_ items: inout [OutboxItem]) -> OutboxItem { items.removeFirst() }
        for number in 0..<perKind {
            let changed = take(&bare)
            try await rig.write(.opportunity, ["externalOpportunityId": .string(changed.key.text), "amount": 1])
            planted.append("different opportunity \(changed.key.text) amount")

            let deleted = take(&bare)
            try await rig.delete(.opportunity, ["externalOpportunityId": .string(deleted.key.text)])
            planted.append("missing opportunity \(deleted.key.text)")

            let role = try #require(roles.first { $0.opportunity == others[0].opportunity })
            _ = take(&others)
            let key = try #require(role.state.lead.flatMap { role.roleKey(lead: $0) })
            try await rig.delete(.role, .encoded(key.wire))
            planted.append("missing role \(role.key.text)")

            let host = take(&others)
            try await rig.write(
                .role,
                ["externalOpportunityId": .string(host.key.text), "leadId": .int(key.lead), "role": "Intruder"]
            )
            planted.append("superfluous role \(host.key.text)/\(key.lead)/Intruder")

            let stray = GUID(high: 0xdead, low: UInt64(number + 1))
            try await rig.write(.opportunity, ["externalOpportunityId": .string("\(stray)"), "name": "From Marketo"])
            try await rig.write(
                .role,
                ["externalOpportunityId": .string("\(stray)"), "leadId": .int(key.lead), "role": "Customer"]
            )
            planted.append("superfluous opportunity \(stray)")

            let company = try await rig.items(.company)[number]
            try await rig.write(.company, ["externalCompanyId": .string(company.key.text), "company": "Renamed"])
            planted.append("different company \(company.key.text) company")

            let moved = try #require(take(&bare).opportunity)
            try await rig.dataverse.update("opportunity", moved, ["name": "Renamed in Dynamics"], VerifyingRig.quietly)
            planted.append("different opportunity \(moved) name")

            let untold = try await rig.dataverse.create(
                "opportunity",
                ["name": "Never told", "parentaccountid": .lookup(RowReference("account", Company.account(1)))],
                VerifyingRig.quietly
            )
            planted.append("missing opportunity \(untold)")
        }
        return planted
    }

    /// What changed in Dynamics alone: deletions, connections, contacts that moved.
    @Test func whatOnlyDynamicsKnowsIsFound() async throws {
        try await VerifyingRig.run(opportunities: 12) { rig in
            try await rig.filled()
            var expected: [String] = []
            let role = try #require(try await rig.items(.role).first { !$0.isPrimaryRole })
            let connection = try #require(
                rig.dataverse.ids("connection").first { id in
                    let row = rig.dataverse.row("connection", id)
                    return row?["record1id"]?.reference?.id == role.opportunity
                        && row?["record2id"]?.reference?.id == role.contact
                }
            )
            try await rig.dataverse.delete("connection", connection, VerifyingRig.quietly)
            expected.append("superfluous role \(role.key.text)")

            let free = try #require(
                try await rig.items(.opportunity).last { $0.opportunity != role.opportunity }?.opportunity
            )
            let contact = Company.contact(10)
            try await rig.dataverse.connect(free, contact, VerifyingRig.quietly)
            expected.append("missing role \(free)/\(contact)/Stakeholder")

            let withRoles = Set(try await rig.items(.role).compactMap(\.opportunity))
            let gone = try #require(
                try await rig.items(.opportunity).compactMap(\.opportunity).first {
                    !withRoles.contains($0) && $0 != free
                }
            )
            try await rig.dataverse.delete("opportunity", gone, VerifyingRig.quietly)
            expected.append("superfluous opportunity \(gone)")

            // The customer of number 8 is contact 9, without an account.
            let account = RowReference("account", Company.account(3))
            try await rig.dataverse.update(
                "contact",
                Company.contact(9),
                ["parentcustomerid": .lookup(account)],
                VerifyingRig.quietly
            )
            expected.append("different opportunity \(Company.opportunity(8)) externalCompanyId")

            _ = try await rig.verification(Verification.Work(isRepairing: true))
            #expect(try await rig.findings() == expected.sorted())
            // Repaired: what Dynamics has is read, and Marketo follows.
            try await rig.settled()
            _ = try await rig.verification()
            #expect(try await rig.findings() == [])
        }
    }
}
