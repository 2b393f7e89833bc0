import OnewayCore
import Store
import Testing

@testable import Applying
@testable import Coordination
@testable import Forwarding
@testable import Sandbox
@testable import Verifying

/// What Marketo holds before anything is sent: in which form, and what would become double.
@Suite struct AdoptionTests {
    @Test func everyFormIsFound() async throws {
        try await VerifyingRig.run { rig in
            try await rig.store.setPause(since: TimeSource.systemNow())
            try await rig.forwarding.forwarder.obeyOrders()
            try await rig.read()
            try await Self.prepare(rig)
            _ = try #require(try await Adoption.begin(in: rig.store, now: TimeSource.systemNow()))
            try await rig.until("surveyed") { try await Adoption.latest(in: rig.store)?.isRunning == false }
            let adoption = try #require(try await Adoption.latest(in: rig.store))
            #expect(adoption.job.state == .done, "\(adoption.job.message ?? "")")
            let expected: [Adoption.Count: Int] = [
                .opportunitiesMatching: 1, .opportunitiesInOtherForm: 2, .opportunitiesTwice: 1,
                .companiesOfSameName: 1, .rolesBeside: 1, .opportunitiesOnlyInMarketo: 1,
            ]
            for (name, count) in expected { #expect(adoption.job.counts[name.rawValue] == count, "\(name)") }
            let found = try await FindingsBook(.adopt)
                .findings(after: nil, count: adoption.kept, limit: 99, in: rig.store)
            let what = found.compactMap { $0.finding["what"]?.string }.sorted()
            #expect(
                what == ["only-in-marketo", "other-form", "other-form", "role-beside", "same-name", "twice"]
            )
            #expect(rig.marketo.book.all(.opportunity).count == 6, "nothing was written")
        }
    }

    private static func prepare(_ rig: VerifyingRig) async throws {
        func opportunity(_ id: String) async throws {
            try await rig.write(.opportunity, ["externalOpportunityId": .string(id), "name": "From the native sync"])
        }
        let ids = (1...4).map { "\(Company.opportunity($0))" }
        try await opportunity(ids[0])
        try await opportunity(ids[1].uppercased())
        try await opportunity("{\(ids[2])}")
        try await opportunity(ids[3])
        try await opportunity(ids[3].filter { $0 != "-" })
        try await opportunity("0065000000abcde")
        try await rig.write(.company, ["externalCompanyId": "native-1", "company": "Fabrikam"])
        // A stakeholder of the first.
        let contact = "\(Company.contact(2))"
        let lead = try #require(
            rig.marketo.book[.lead].records("externalPersonId", contact).first.map { Int64($0.number) }
        )
        for (id, role) in [(ids[0], "Buyer"), ("0065000000abcde", "Buyer")] {
            try await rig.write(
                .role,
                ["externalOpportunityId": .string(id), "leadId": .int(lead), "role": .string(role)]
            )
        }
    }
}
