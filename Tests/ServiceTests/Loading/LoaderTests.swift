import DataverseClient
import OnewayCore
import Sandbox
import Store
import Testing

@testable import Applying
@testable import Coordination
@testable import Loading

/// The first load, against the stand-in for Dataverse.
@Suite(.serialized) struct LoaderTests {
    @Test func everythingIsKnownAndDecidedOnce() async throws {
        try await LoadingRig.run { rig in
            rig.dataverse.grow(opportunities: 300)
            let load = try await rig.loaded()
            let ids = rig.dataverse.ids("opportunity")
            #expect(load.read(.opportunity) == ids.count && load.expected(.opportunity) == ids.count)
            let status = try await rig.store.status()
            #expect(status.opportunitiesKnown == Int64(ids.count) && status.questions == 0)
            for id in ids {
                let item = try #require(try await rig.store.outboxItem(DeliveryKey(.opportunity, "\(id)")))
                #expect(item.state.version <= 1, "it would be sent twice")
                #expect(item.state.desired == nil || item.state.lane == .slow)
            }
            #expect(rig.reads("opportunities") == 1 && rig.reads("connections") == 1)
            #expect(rig.reads("contacts") == 1, "most of them are named, so the table is read")
            let counted = try await rig.store.note(OpportunityCount.note).flatMap(OpportunityCount.init)
            #expect(counted?.count == ids.count)
        }
    }

    /// Where a load begins, whichever tables it reads.
    @Test func howManyRowsThereAreIsAskedOnce() async throws {
        try await LoadingRig.run { rig in
            rig.dataverse.grow(opportunities: 300)
            try await rig.loaded()
            #expect(rig.reads("RetrieveTotalRecordCount") == 1)
            try await rig.loaded(LoadWork(only: .contact))
            #expect(rig.reads("RetrieveTotalRecordCount") == 2)
            #expect(rig.reads("contacts") == 2, "most of them are named, so the table is read again")
            let plan = try await rig.planner.plan(LoadWork(only: .contact)).get()
            #expect(plan.requests == 2, "the same two")
        }
    }

    /// What the load wants is what notifications and single reads of the same records would have wanted.
    @Test func customersStakeholdersAndCompaniesAreRight() async throws {
        try await LoadingRig.run { rig in
            try await rig.loaded()
            let home = Company.opportunity(8)
            #expect(try await rig.wanted(DeliveryKey(.opportunity, "\(home)"))?["name"]?.string == "Home office")
            let role = DeliveryKey(.role, "\(home)/\(Company.contact(9))/Customer")
            #expect(try await rig.wanted(role)?["isPrimary"]?.bool == true)
            let champion = DeliveryKey(.role, "\(Company.opportunity(3))/\(Company.contact(4))/Stakeholder")
            #expect(try await rig.wanted(champion)?["isPrimary"]?.bool == false)
            let company = try await rig.wanted(DeliveryKey(.company, "\(Company.account(1))"))
            #expect(company?["company"]?.string == "Contoso Café" || company?["name"]?.string == "Contoso Café")
        }
    }

    /// Never a whole table of which a tenth matters.
    @Test func contactsThatNobodyNamesAreNotKept() async throws {
        try await LoadingRig.run { rig in
            var growth = Growth(opportunities: 40)
            growth.contacts = 40
            rig.dataverse.grow(growth)
            let stranger = try await rig.dataverse.create(
                "contact",
                ["firstname": "No", "lastname": "Body"],
                .init(bypassesSteps: true)
            )
            try await rig.loaded()
            #expect(try await rig.record(.contact, stranger) == nil)
        }
        try await LoadingRig.run { rig in
            for number in 0..<60 {
                try await rig.dataverse.create("contact", ["lastname": .text("Stranger \(number)")])
            }
            let load = try await rig.loaded()
            #expect(rig.reads("contacts") == 1 && load.read(.contact) <= 10, "by ids")
        }
    }

    /// R2: the third door.
    @Test func whatMarketosUserCreatedIsRefused() async throws {
        try await LoadingRig.run { rig in
            let id = try await rig.dataverse.create(
                "opportunity",
                ["name": "from Marketo"],
                .init(user: Company.marketoUser)
            )
            try await rig.loaded()
            // It was created just now, so it is read once more.
            let asked = rig.store.signal(.questions)
            while try await rig.record(.opportunity, id)?.isRefused != true {
                await asked.wait(after: asked.count, until: TimeSource.systemNow().adding(milliseconds: 200), .system)
            }
            #expect(try await rig.wanted(DeliveryKey(.opportunity, "\(id)")) == nil)
        }
    }

    @Test func onlyWhatWasModifiedSince() async throws {
        try await LoadingRig.run { rig in
            rig.dataverse.grow(opportunities: 20)
            let since = TimeSource.systemNow().adding(seconds: -2 * 86_400)
            let load = try await rig.loaded(LoadWork(since: since, only: .opportunity))
            #expect(load.read(.opportunity) == 20 && rig.reads("connections") == 0)
            #expect(try await rig.store.note(OpportunityCount.note) == nil, "not all of them were counted")
        }
    }

    @Test func aLiveChangeOvertakes() async throws {
        try await LoadingRig.run { rig in
            rig.dataverse.grow(opportunities: 50)
            try await rig.loaded()
            let id = try #require(rig.dataverse.ids("opportunity").last)
            var body = Body(id: "\(id)", attributes: [("name", "\"live\"")])
            body.second = TimeSource.systemNow().second
            try await ApplyingRig(rig.store).append(body)
            let applied = rig.store.signal(.outbox)
            while try await rig.wanted(DeliveryKey(.opportunity, "\(id)"))?["name"]?.string != "live" {
                await applied.wait(
                    after: applied.count,
                    until: TimeSource.systemNow().adding(milliseconds: 50),
                    .system
                )
            }
            let now = TimeSource.systemNow().adding(seconds: 1)
            let claimed = try await rig.store.lead().claim(.opportunity, limit: 1, now: now, until: now)
            #expect(claimed.map(\.key.text) == ["\(id)"])
        }
    }
}
