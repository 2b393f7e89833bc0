import HTTPServer
import OnewayCore
import Store
import Testing

@testable import Service

/// The admin answers that rest on the rules.
@Suite struct AdminAPITests {
    let store = MemoryStore()

    private func answer(
        _ path: String,
        _ body: String = "{}",
        settings: RuleSettings = RuleSettings()
    ) async throws -> JSONValue {
        let desk = Desk(store, settings)
        let applier = desk.applier()
        let policy = Policy(
            selection: Selection(desk.projector.book.columns),
            organizations: [],
            marketoUsers: [],
            jsonDepthMax: 64
        )
        let api = AdminAPI(
            store: store,
            applier: applier,
            explainer: Explainer(policy: policy, projector: desk.projector, now: { ProjectorTests.now }),
            eraser: desk.eraser(),
            traffic: Traffic(),
            forwarding: nil,
            now: { ProjectorTests.now }
        )
        let route = try #require(AdminRoute(path: path))
        let head = RequestHead(id: "t", method: route.methods[0], path: path)
        let response = try await api.answer(route, Request(head: head, body: Array(body.utf8)))
        return try JSONDocument(response.body).root
    }

    @Test func anOpportunityIsShownWithItsReasons() async throws {
        try await Desk(store).take(ProjectorTests.contactOf(ProjectorTests.account), ProjectorTests.opportunity(1))
        let shown = try await answer("/api/opportunities/\(ProjectorTests.id(1))")
        #expect(shown["state"]?.string == "pending")
        #expect(shown["values"]?["name"]?["value"]?.string == "Pumps 1")
        #expect(shown["values"]?["name"]?["unsure"]?.bool == false)
        #expect(shown["items"]?.elements.count == 2)
        #expect(shown["reasons"]?.elements.first?["rule"]?.string == "R4")
        await #expect(throws: Problem.self) { try await answer("/api/opportunities/\(ProjectorTests.id(2))") }
    }

    @Test func whatMarketoConfirmedIsNoChangeUntilTheMappingIsAnother() async throws {
        try await Desk(store).take(ProjectorTests.contactOf(ProjectorTests.account), ProjectorTests.opportunity(1))
        #expect(try await answer("/api/mapping/changes")["total"]?.int == 3)
        for kind in RecordKind.allCases {
            let items = try await store.claim(kind, limit: 9, now: ProjectorTests.now, until: ProjectorTests.now)
            try await store.settle(items.map { Settlement($0, .confirmed(requestID: nil)) }, now: ProjectorTests.now)
        }
        #expect(try await answer("/api/mapping/changes")["total"]?.int == 0)
        var settings = RuleSettings()
        settings.fields = [SelectedField("name", "name"), SelectedField("new_source", "source")]
        let changes = try await answer("/api/mapping/changes", settings: settings)
        #expect(changes["total"]?.int == 0)
        settings.customerRole = "Buyer"
        let other = try await answer("/api/mapping/changes", settings: settings)
        #expect(other["total"]?.int == 2)
        #expect(other["changes"]?.elements.map { $0["after"]?.isNull } == [false, true])
    }

    @Test func aReplayShowsWhatItChanges() async throws {
        let desk = Desk(store)
        try await desk.append(ProjectorTests.opportunity(1))
        let id = try #require(try await store.inbox(InboxFilter(), before: nil, limit: 1).first?.id)
        let dry = try await answer("/api/inbox/replay", #"{"notifications": ["\#(id)"], "dryRun": true}"#)
        #expect(dry["changes"]?.elements.map { $0["kind"]?.string } == ["opportunity", "role"])
        #expect(try await desk.wanted().isEmpty)
        try await desk.drain()
        let real = try await answer("/api/inbox/replay", #"{"notifications": ["\#(id)"]}"#)
        #expect(real["replayed"]?.int == 1)
        #expect(real["changes"]?.elements.count == 2)
        #expect(try await store.status().unapplied == 1)
    }

    @Test func allowingProjectsTheFactsAtHand() async throws {
        var made = ProjectorTests.opportunity(1)
        made.message = "Create"
        try await Desk(store).take(refused: made)
        #expect(try await Desk(store).wanted().isEmpty)
        let allowed = try await answer("/api/refusals/\(ProjectorTests.id(1))/allow")
        #expect(allowed["allowed"]?.bool == true)
        #expect(try await Desk(store).wanted().keys.sorted().map(\.kind) == [.opportunity, .role])
        await #expect(throws: Problem.self) { try await answer("/api/refusals/\(ProjectorTests.id(2))/allow") }
    }
}
