import HTTPServer
import OnewayCore
import Store
import Testing

@testable import Admin
@testable import Applying
@testable import Reading
@testable import oneway

/// `GET /api/find`, its lines on a terminal, and the groups that can be listed and tried again.
@Suite struct FindingTests {
    let store = MemoryStore()

    private func answer(_ path: String, query: String = "", body: String = "{}") async throws -> JSONValue {
        let route = try #require(AdminRoute(path: path))
        let head = RequestHead(id: "t", method: route.methods[0], path: path, query: query)
        let response = try await ApplyingRig(store).api().answer(route, Request(head: head, body: Array(body.utf8)))
        return try JSONDocument(response.body).root
    }

    private func found(_ words: String) async throws -> [String] {
        try await answer("/api/find", query: "q=\(words)")["items"]?.elements.map { item in
            let opportunities = (item["opportunities"]?.elements ?? []).compactMap { $0["id"]?.string?.suffix(1) }
            return "\(item["kind"]?.string ?? "") \(item["name"]?.string ?? "-") \(opportunities.joined())"
        } ?? []
    }

    private func take() async throws {
        var settings = RuleSettings()
        settings.createsLeads = true
        let person = ProjectorTests.contact
        try await ApplyingRig(store, settings).take(
            ProjectorTests.contactOf(ProjectorTests.account),
            ProjectorTests.contact(person, "lastname", "\"Nørd\"", second: 1),
            ProjectorTests.contact(person, "emailaddress1", "\"z@example.com\"", second: 2),
            ProjectorTests.named(ProjectorTests.account, "Harbour AG"),
            ProjectorTests.opportunity(1),
            ProjectorTests.opportunity(2)
        )
    }

    @Test func recordsOfEveryKindWithTheirOpportunities() async throws {
        try await take()
        #expect(try await found("umps%202") == ["opportunity Pumps 2 2"])
        #expect(try await found("UMPS") == ["opportunity Pumps 2 2", "opportunity Pumps 1 1"])
        #expect(try await found("arbour") == ["account Harbour AG 12"])
        for words in ["nord", "z@exam", ProjectorTests.contact.uppercased()] {
            #expect(try await found(words) == ["contact Nørd 12"], "\(words)")
        }
        #expect(try await found(ProjectorTests.id(1)) == ["opportunity Pumps 1 1"])
        #expect(try await found(ProjectorTests.id(9)) == [])
        let more = try await answer("/api/find", query: "q=umps&limit=1")
        #expect(more["items"]?.elements.count == 1 && more["more"]?.bool == true)
        await #expect(throws: Problem.self) { try await answer("/api/find") }
        await #expect(throws: Problem.self) { try await answer("/api/find", query: "q=%20") }
    }

    /// However many connections name the same opportunity before.
    @Test(arguments: [(1, "123", false), (4, "12345", true)])
    func aPersonOfManyConnections(others: Int, shown: String, isCut: Bool) async throws {
        try await take()
        let opportunities = Array(repeating: 1, count: 2 * Findings.connectionsPerPage) + (0..<others).map { 3 + $0 }
        for (number, opportunity) in opportunities.enumerated() {
            let id = "44440000-0000-0000-0000-0000000000\(10 + number)"
            var made = Body(message: "Create", entity: "connection", id: id)
            made.attributes = [
                ("record1id", Body.reference("opportunity", ProjectorTests.id(opportunity))),
                ("record2id", Body.reference("contact", ProjectorTests.contact)),
            ]
            try await ApplyingRig(store).append(made)
        }
        try await ApplyingRig(store).drain()
        #expect(try await found("nord") == ["contact Nørd \(shown)"])
        let item = try await answer("/api/find", query: "q=nord")["items"]?.elements.first
        #expect(item?["moreOpportunities"]?.bool == isCut)
    }

    @Test func aNotificationByItsID() async throws {
        let entry = InboxEntry(identity: [1], InboxLabels(.accepted), body: [])
        guard case .stored(let id) = try await store.append(entry, now: ProjectorTests.now) else {
            Issue.record("it is new")
            return
        }
        #expect(try await found("\(id)") == ["notification - "])
    }

    /// Its outcome and why, as `GET /api/inbox/{id}` says, and nothing that it contained.
    @Test func whatBecameOfANotification() async throws {
        let labels = InboxLabels(
            .quarantined,
            message: "Update",
            entity: "opportunity",
            code: "unusable",
            reasons: [Reason(rule: "R4", says: "no customer")]
        )
        let entry = InboxEntry(identity: [2], labels, body: Array("{}".utf8))
        guard case .stored(let id) = try await store.append(entry, now: ProjectorTests.now) else {
            Issue.record("it is new")
            return
        }
        let root = try await answer("/api/find", query: "q=\(id)")
        let said = root["items"]?.elements.first?["notification"]
        let one = try await answer("/api/inbox/\(id)")
        for name in ["outcome", "receivedAt", "code", "reasons"] {
            #expect(said?[name]?.encoded == one[name]?.encoded && one[name] != nil, "\(name)")
        }
        #expect(said?["values"] == nil)
        let lines = ListText.found(root, Screen(width: 120, now: ProjectorTests.now))
        #expect(lines.count == 3, "\(lines)")
        #expect(lines[1].contains("quarantined") && lines[1].contains("Update of opportunity, received 20"), "\(lines)")
        #expect(lines[2] == "  unusable: R4 no customer", "\(lines)")
        try await take()
        let record = try await answer("/api/find", query: "q=nord")["items"]?.elements.first
        #expect(record?["notification"]?.isNull == true)
    }

    /// The same as its own page says.
    @Test func theStateIsThatOfTheStory() async throws {
        try await take()
        let id = ProjectorTests.id(1)
        let story = try await answer("/api/opportunities/\(id)")
        let item = try await answer("/api/find", query: "q=\(id)")["items"]?.elements.first
        #expect(story["state"]?.string == "pending")
        #expect(item?["opportunities"]?.elements.first?["state"]?.string == "pending")
    }

    @Test func theTerminalShowsThem() async throws {
        try await take()
        let root = try await answer("/api/find", query: "q=nord")
        let lines = ListText.found(root, Screen(width: 120, now: ProjectorTests.now))
        #expect(lines.count == 4)
        #expect(lines[1].hasPrefix("contact") && lines[1].hasSuffix("Nørd, z@example.com"))
        #expect(lines[2].hasPrefix("  of") && lines[2].contains("pending") && lines[2].hasSuffix("Pumps 1"))
        #expect(
            ListText.found(try await answer("/api/find", query: "q=none"), Screen(now: ProjectorTests.now)) == [
                "nothing found"
            ]
        )
    }

    @Test func whatWaitsForOneThingIsListedAndTriedAgain() async throws {
        try await take()
        let now = ProjectorTests.now
        let items = try await store.leader.claim(.opportunity, limit: 9, now: now, until: now)
        let lead = DeliveryVerdict.waits(for: .lead, on: nil, next: Timestamp(second: now.second + 900))
        try await store.leader.settle(items.map { Settlement($0, lead) }, now: now)
        func listed(_ reason: String) async throws -> Int? {
            try await answer("/api/outbox", query: "waitingFor=\(reason)")["items"]?.elements.count
        }
        #expect(try await listed("lead") == 2)
        #expect(try await listed("name") == 0)
        await #expect(throws: Problem.self) { try await listed("") }
        func retry(_ body: String) async throws -> Int? {
            try await answer("/api/outbox/retry", body: body)["retried"]?.int
        }
        #expect(try await retry(#"{"waitingFor": "name"}"#) == 0)
        #expect(try await retry(#"{"waitingFor": "lead"}"#) == 2)
        #expect(try await listed("lead") == 0)
        await #expect(throws: Problem.self) { try await retry(#"{"waitingFor": "budget"}"#) }
        await #expect(throws: Problem.self) { try await retry(#"{"waitingFor": "lead", "all": true}"#) }
    }
}
