import HTTPServer
import OnewayCore
import Store
import Telemetry
import Testing

@testable import Admin
@testable import Applying
@testable import Forwarding
@testable import Reading

/// The admin answers that depend on the rules.
@Suite struct AdminAPITests {
    let store = MemoryStore()

    private func answer(
        _ path: String,
        _ body: String = "{}",
        query: String = "",
        settings: RuleSettings = RuleSettings()
    ) async throws -> JSONValue {
        let context = ApplyingRig(store, settings)
        let api = await context.countedAPI()
        let route = try #require(AdminRoute(path: path))
        let head = RequestHead(id: "t", method: route.methods[0], path: path, query: query)
        let response = try await api.answer(route, Request(head: head, body: Array(body.utf8)))
        return try JSONDocument(response.body).root
    }

    @Test func anOpportunityIsShownWithItsReasons() async throws {
        try await ApplyingRig(store).take(
            ProjectorTests.contactOf(ProjectorTests.account),
            ProjectorTests.opportunity(1)
        )
        let shown = try await answer("/api/opportunities/\(ProjectorTests.id(1))")
        #expect(shown["state"]?.string == "pending")
        #expect(shown["values"]?["name"]?["value"]?.string == "Pumps 1")
        #expect(shown["values"]?["name"]?["unsure"]?.bool == false)
        #expect(shown["items"]?.elements.map { $0["kind"]?.string } == ["opportunity", "company", "role"])
        #expect(shown["items"]?.elements[1]["key"]?.string == ProjectorTests.account, "what it may have to wait for")
        #expect(shown["reasons"]?.elements.first?["rule"]?.string == "R4")
        await #expect(throws: Problem.self) { try await answer("/api/opportunities/\(ProjectorTests.id(2))") }
    }

    /// What waits to be sent is no change of the mapping, and neither is anything once changed rules have been applied.
    @Test func theRunningMappingChangesNothing() async throws {
        try await ApplyingRig(store).take(
            ProjectorTests.contactOf(ProjectorTests.account),
            ProjectorTests.opportunity(1)
        )
        let waiting = try await answer("/api/mapping/changes")
        #expect(waiting["total"]?.int == 0 && waiting["changes"]?.elements.isEmpty == true)
        var settings = RuleSettings()
        settings.fields = [SelectedField("name", "name"), SelectedField("new_source", "source")]
        settings.customerRole = "Buyer"
        let unfinished = try await run(with: settings)
        #expect(unfinished["total"]?.int == 2)
        #expect(unfinished["changes"]?.elements.map { $0["after"]?.isNull } == [false, true])
        #expect(unfinished["groups"]?.elements.map { $0["effect"]?.string } == ["appears", "disappears"])
        let changes = try await answer("/api/mapping/changes", settings: settings)
        #expect(changes["total"]?.int == 0)
        #expect(changes["unknown"]?.int == 4, "source, amount, isClosed, isWon")
    }

    /// The next run of the service, with these rules. Returns what it answers before they have been applied.
    private func run(with settings: RuleSettings) async throws -> JSONValue {
        let context = ApplyingRig(store, settings)
        try await context.projector.noticeChangedRules(context.store.leader, now: ProjectorTests.now)
        let unfinished = try await answer("/api/mapping/changes", settings: settings)
        #expect(unfinished["complete"]?.bool == false)
        try await context.drain()
        #expect(try await answer("/api/mapping/changes", settings: settings)["complete"]?.bool == true)
        return unfinished
    }

    @Test func theMappingsChangesComeInPages() async throws {
        for number in 1...5 { try await ApplyingRig(store).take(ProjectorTests.opportunity(number)) }
        var settings = RuleSettings()
        settings.customerRole = "Buyer"
        let context = ApplyingRig(store, settings)
        try await context.projector.noticeChangedRules(context.store.leader, now: ProjectorTests.now)
        var keys: [String] = []
        var after = ""
        repeat {
            let page = try await answer("/api/mapping/changes", query: "limit=3&after=\(after)", settings: settings)
            keys += page["changes"]?.elements.compactMap { $0["key"]?.string } ?? []
            after = page["next"]?.string ?? ""
        } while !after.isEmpty
        #expect(keys.count == 10 && Set(keys).count == 10, "five roles appear, five disappear: \(keys)")
        await #expect(throws: Problem.self) { try await answer("/api/mapping/changes", query: "after=nonsense") }
    }

    /// A misspelt filter must not select everything.
    @Test(arguments: [
        ("/api/inbox", "outcom=accepted"), ("/api/outbox", "stage=parked"), ("/api/refusals", "state=parked"),
        ("/api/status", "full=1"), ("/api/mapping/changes", "kind=role"), ("/api/pause", "until=now"),
        ("/api/explain", "a"),
    ])
    func anUnknownParameterIsRefused(path: String, query: String) async throws {
        let problem = await #expect(throws: Problem.self) { try await answer(path, query: query) }
        #expect(problem?.code == .badRequest && problem?.detail.contains("unknown parameter") == true)
    }

    @Test func aReplayShowsWhatItChanges() async throws {
        let context = ApplyingRig(store)
        try await context.append(ProjectorTests.opportunity(1))
        let id = try #require(try await store.inbox(InboxFilter(), before: nil, limit: 1).first?.id)
        let dry = try await answer("/api/inbox/replay", #"{"notifications": ["\#(id)"], "dryRun": true}"#)
        #expect(dry["changes"]?.elements.map { $0["kind"]?.string } == ["opportunity", "role"])
        #expect(try await context.wanted().isEmpty)
        try await context.drain()
        let real = try await answer("/api/inbox/replay", #"{"notifications": ["\#(id)"]}"#)
        #expect(real["replayed"]?.int == 1)
        #expect(real["changes"]?.elements.count == 2)
        #expect(try await store.status().unapplied == 1)
        let twice = try await answer(
            "/api/inbox/replay",
            #"{"notifications": ["\#(id)", "\#(id)", "7000000000000000"]}"#
        )
        #expect(twice["replayed"]?.int == 1)
        #expect(twice["skipped"]?.int == 1, "missing ones count, repeated ones do not")
    }

    /// Misspelt, empty, or contradictory parameters are refused, not guessed: the intended effect may be smaller.
    @Test(arguments: [
        ("/api/inbox/replay", #"{"outcome": "accepted", "dryrun": true}"#),
        ("/api/inbox/replay", #"{"outcome": "accepted", "dryRun": "yes"}"#),
        ("/api/inbox/replay", #"{"outcome": "accepted", "dryRun": null}"#),
        ("/api/inbox/replay", #"{"outcome": "accepted", "notifications": []}"#),
        ("/api/inbox/replay", #"{"notifications": "0d0ff29780000000"}"#), ("/api/inbox/replay", "{}"),
        ("/api/outbox/retry", #"{"all": true, "code": "1003"}"#), ("/api/outbox/retry", #"{"all": false}"#),
        ("/api/outbox/retry", #"{"all": true, "kind": "lead"}"#), ("/api/outbox/retry", #"{"kind": "company"}"#),
        ("/api/outbox/retry", #"{"code": 1003}"#), ("/api/outbox/retry", #"{"kind": "opportunity", "key": "nope"}"#),
        ("/api/outbox/retry", #"{"kind": "role", "key": "00000000-0000-0000-0000-000000000001/x/Buyer"}"#),
        ("/api/erase", #"{"contact": "x"}"#), ("/api/erase", "{}"),
    ])
    func aBodyThatCouldBeMeantOtherwiseIsRefused(path: String, body: String) async throws {
        await #expect(throws: Problem.self) { try await answer(path, body) }
    }

    @Test(arguments: ["outcome=", "from=", "to=x", "limit=", "after=x", "opportunity="])
    func aParameterThatIsEmptyIsNoChoice(query: String) async throws {
        await #expect(throws: Problem.self) { try await answer("/api/inbox", query: query) }
    }

    @Test(arguments: ["code=", "state=", "kind=", "waitingFor="]) func soIsOneOfTheOutbox(query: String) async throws {
        await #expect(throws: Problem.self) { try await answer("/api/outbox", query: query) }
    }

    /// Dynamics shows ids in capitals and braces.
    @Test func aRecordIsTriedAgainHoweverItsIDsAreWritten() async throws {
        var settings = RuleSettings()
        (settings.linksPeople, settings.sendsSalesPersons) = (true, true)
        let owner = (key: "ownerid", value: Body.reference("systemuser", ProjectorTests.other))
        try await ApplyingRig(store, settings).take(
            ProjectorTests.contactOf(ProjectorTests.account),
            ProjectorTests.opportunity(1, attributes: [ProjectorTests.customerIsContact, owner])
        )
        let opportunity = "{\(ProjectorTests.id(1).uppercased())}"
        let keys = [
            "company": ProjectorTests.account.replacing("-", with: ""), "opportunity": opportunity,
            "role": "\(opportunity)/\(ProjectorTests.contact.uppercased())/Customer",
            "person": "{\(ProjectorTests.contact.uppercased())}", "salesPerson": ProjectorTests.other.uppercased(),
        ]
        for kind in RecordKind.allCases {
            let items = try await store.leader.claim(kind, limit: 9, now: ProjectorTests.now, until: ProjectorTests.now)
            try await store.leader.settle(
                items.map { Settlement($0, .confirmed(requestID: nil)) },
                now: ProjectorTests.now
            )
            let key = try #require(keys[kind.rawValue])
            let retried = try await answer("/api/outbox/retry", #"{"kind": "\#(kind.rawValue)", "key": "\#(key)"}"#)
            #expect(retried["retried"]?.int == 1, "\(key)")
        }
    }

    @Test func r2AllowingProjectsTheFactsAtHand() async throws {
        var made = ProjectorTests.opportunity(1)
        made.message = "Create"
        try await ApplyingRig(store).take(refused: made)
        #expect(try await ApplyingRig(store).wanted().isEmpty)
        let allowed = try await answer("/api/refusals/\(ProjectorTests.id(1))/allow")
        #expect(allowed["allowed"]?.bool == true)
        #expect(try await ApplyingRig(store).wanted().keys.sorted().map(\.kind) == [.opportunity, .role])
        await #expect(throws: Problem.self) { try await answer("/api/refusals/\(ProjectorTests.id(2))/allow") }
    }

    /// R2: a synchronous step cancelled it, so there is nothing to send to Marketo, now or later.
    @Test func r2WhatASynchronousStepRefusedCannotBeAllowed() async throws {
        let id = try #require(GUID(ProjectorTests.id(1)))
        try await store.record([RefusedAttempts(.marketoUser, who: "u", opportunity: id)], now: ProjectorTests.now)
        await #expect(throws: Problem.self) { try await answer("/api/refusals/\(id)/allow") }
        #expect(try await store.refusals(before: nil, limit: 1).first?.isAllowed == false)
        #expect(try await store.records([RecordKey(.opportunity, id)]).isEmpty)
        #expect(try await ApplyingRig(store).outbox().isEmpty)

        // Its id is used again by a person: what they made goes its way, and there is still nothing to allow.
        try await ApplyingRig(store).take(ProjectorTests.opportunity(1))
        #expect(try await ApplyingRig(store).wanted()[ProjectorTests.key(1)] != nil)
        await #expect(throws: Problem.self) { try await answer("/api/refusals/\(id)/allow") }
    }

    @Test func r2ARefusalOnItsWayIntoTheMirrorCanBeAllowed() async throws {
        let context = ApplyingRig(store)
        var made = ProjectorTests.opportunity(1)
        made.message = "Create"
        try await context.append(made, .refused, opportunity: GUID(made.id))
        let allowed = try await answer("/api/refusals/\(made.id)/allow")
        #expect(allowed["allowed"]?.bool == true)
        try await context.drain()
        #expect(try await context.wanted().keys.sorted().map(\.kind) == [.opportunity, .role])
    }

    @Test(arguments: [(64, 0, ""), (200, 1, "200 opportunities follow"), (1_100, 1, "more than 1000 opportunities")])
    func r9APreviewCountsWhomItDoesNotShow(opportunities: Int, reasons: Int, says: String) async throws {
        let context = ApplyingRig(store)
        var application = Application(basis: try await store.mirrorVersion())
        let customer = Value.reference(entity: "contact", id: try #require(GUID(ProjectorTests.contact)))
        application.records = (1...opportunities).map { number in
            var record = MirrorRecord(RecordKey(.opportunity, GUID(high: 1, low: UInt64(number))))
            record.learn("customerid", StampedValue(customer, Stamp(second: 1, source: .target)))
            return context.projector.stored(record)
        }
        try await store.leader.apply(application, now: ProjectorTests.now)
        let moved = ProjectorTests.contactOf(ProjectorTests.other)
        let explained = try await answer("/api/explain", String(decoding: moved.bytes, as: UTF8.self))
        let shown = explained["changes"]?.elements.filter { $0["kind"]?.string == "opportunity" }
        #expect(shown?.count == 64)
        let told = explained["reasons"]?.elements.compactMap { $0["says"]?.string }
        #expect(told?.count == reasons + 1)
        if reasons > 0 { #expect(told?.last?.hasPrefix(says) == true) }

        try await context.append(moved)
        let id = try #require(try await store.inbox(InboxFilter(), before: nil, limit: 1).first?.id)
        let dry = try await answer("/api/inbox/replay", #"{"notifications": ["\#(id)"], "dryRun": true}"#)
        #expect(dry["reasons"]?.elements.count == reasons)
    }
}
