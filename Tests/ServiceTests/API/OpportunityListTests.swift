import HTTPServer
import OnewayCore
import Store
import Testing

@testable import Admin
@testable import Applying
@testable import Coordination
@testable import Forwarding
@testable import Intake
@testable import Reading
@testable import oneway

/// Lists of opportunities, what waits and for whom, and the names and links beside the ids.
@Suite struct OpportunityListTests {
    let store = MemoryStore()
    private static let now = ProjectorTests.now
    private static let people = (1...3).map { "33330000-0000-0000-0000-00000000000\($0)" }

    private var settings: RuleSettings {
        var settings = RuleSettings()
        settings.createsLeads = true
        return settings
    }

    private var rig: ApplyingRig { ApplyingRig(store, settings) }

    private func answer(_ path: String, _ query: String = "") async throws -> Response {
        let route = try #require(AdminRoute(path: path))
        let head = RequestHead(id: "t", method: "GET", path: path, query: query)
        return try await rig.api().answer(route, Request(head: head, body: []))
    }

    private func list(_ query: String = "", path: String = "/api/opportunities") async throws -> JSONValue {
        try JSONDocument(try await answer(path, query).body).root
    }

    private func listed(_ query: String = "") async throws -> [Int] {
        try await list(query)["items"]?.elements.compactMap { $0["opportunity"]?.string?.suffix(2) }.compactMap {
            Int($0)
        } ?? []
    }

    private func page(_ path: String, _ query: String = "") async throws -> String {
        let pages = Pages(api: rig.api(), readiness: Readiness(store: store))
        let head = RequestHead(id: "t", method: "GET", path: path, query: query)
        let response = try await pages.answer(try #require(PageRoute(path: path)), Request(head: head, body: []))
        return String(decoding: response.body, as: UTF8.self)
    }

    private func settle(_ kind: RecordKind, at second: Int, _ verdict: (OutboxItem) -> DeliveryVerdict) async throws {
        let now = Self.now.adding(seconds: second)
        let items = try await store.leader.claim(kind, limit: 99, now: now, until: now.adding(seconds: 60))
        try await store.leader.settle(items.map { Settlement($0, verdict($0)) }, now: now)
    }

    /// 1 and 2 of one company wait for a person, 3 is refused by Marketo, 4 is settled, 5 deleted.
    private func take() async throws {
        for (number, person) in Self.people.enumerated() {
            try await rig.take(ProjectorTests.contact(person, "lastname", "\"Nørd \(number + 1)\"", second: 1))
        }
        func by(_ person: Int) -> [(key: String, value: String)] {
            [("customerid", Body.reference("contact", Self.people[person]))]
        }
        try await rig.take(
            ProjectorTests.contactOf(ProjectorTests.account),
            ProjectorTests.named(ProjectorTests.account, "Harbour AG"),
            ProjectorTests.opportunity(1, attributes: by(0)),
            ProjectorTests.opportunity(2, attributes: by(0)),
            ProjectorTests.opportunity(3, attributes: by(1)),
            ProjectorTests.opportunity(4, attributes: by(2)),
            ProjectorTests.opportunity(5, attributes: by(2))
        )
        var gone = Body(message: "Delete", id: ProjectorTests.id(5), attributes: [])
        gone.second += 60
        try await rig.take(gone)
        try await settle(.company, at: 1) { _ in .confirmed(requestID: "a#1") }
        try await settle(.opportunity, at: 2) { item in
            item.key.text == ProjectorTests.id(3)
                ? .parked(DeliveryTrouble(code: "1003", message: "no"), requestID: nil) : .confirmed(requestID: "a#1")
        }
        let missing = Self.people[0]
        try await settle(.role, at: 3) { item in
            item.key.text.contains(missing)
                ? .waits(for: .lead, on: nil, next: Self.now.adding(seconds: 900)) : .confirmed(requestID: "a#1")
        }
        let lead = RememberedLead(missing, id: nil, askedAt: Self.now.adding(seconds: 3), misses: 2)
        try await store.leader.remember([lead])
    }

    @Test func opportunitiesByEveryFilter() async throws {
        try await take()
        #expect(Set(try await listed()) == [1, 2, 3, 4, 5])
        #expect(try await listed("order=oldest") == Array(try await listed().reversed()))
        #expect(Set(try await listed("state=waiting")) == [1, 2])
        #expect(Set(try await listed("waitingFor=lead&state=waiting")) == [1, 2])
        #expect(try await listed("code=1003") == [3])
        #expect(try await listed("state=parked") == [3])
        #expect(try await listed("state=settled") == [4])
        #expect(try await listed("state=deleted") == [5])
        #expect(Set(try await listed("company=%7B\(ProjectorTests.account.uppercased())%7D")) == [1, 2])
        #expect(try await listed("company=\(ProjectorTests.account)&state=parked") == [])
        #expect(try await listed("q=UMPS") == listed(), "in the same order")
        #expect(Set(try await listed("q=pumps&state=waiting")) == [1, 2])
        #expect(try await listed("q=umps%203") == [3])
        #expect(try await listed("q=harbour") == [])
        #expect(try await listed("q=\(ProjectorTests.id(4))&order=oldest") == [4])
        let since = "\(Self.now.adding(seconds: 3))"
        #expect(Set(try await listed("changedSince=\(since)")) == [3, 4], "looking in vain is no change")
        #expect(
            try await store.status().opportunities.filter { $0.value > 0 } == [
                .waiting: 2, .parked: 1, .settled: 1, .deleted: 1,
            ]
        )
        for bad in [
            "state=", "state=lost", "code=", "company=x", "changedSince=monday", "order=up", "after=9", "name=x",
        ] {
            await #expect(throws: Problem.self, "\(bad)") { _ = try await listed(bad) }
        }
    }

    @Test(arguments: ["", "&q=pumps"])
    func pagesFollowEachOther(named: String) async throws {
        try await take()
        var (found, cursor) = ([Int](), "")
        repeat {
            let page = try await list("limit=2\(named)&after=\(PercentEncoding.encoded(cursor))")
            found +=
                page["items"]?.elements.compactMap { $0["opportunity"]?.string?.suffix(1) }.compactMap { Int($0) } ?? []
            cursor = page["next"]?.string ?? ""
        } while !cursor.isEmpty
        #expect(try await found == listed())
    }

    @Test func namesAndLinksStandBesideTheIDs() async throws {
        try await take()
        let one = try #require(
            try await list("company=\(ProjectorTests.account)&order=oldest")["items"]?.elements.first
        )
        let id = try #require(one["opportunity"]?.string)
        #expect(one["accountName"]?.string == "Harbour AG" && one["account"]?.string == ProjectorTests.account)
        #expect(one["waitingFor"]?.string == "lead" && one["waitingSince"]?.string == "\(Self.now.adding(seconds: 3))")
        let link = "https://dynamics.example/main.aspx?pagetype=entityrecord&etn=opportunity&id=\(id)"
        #expect(one["dynamics"]?.string == link)
        let story = try await list(path: "/api/opportunities/\(id)")
        #expect(story["dynamics"]?.string == link && story["name"]?.string == one["name"]?.string)
        #expect(story["names"]?[ProjectorTests.account]?.string == "Harbour AG")
        #expect(story["names"]?[Self.people[0]]?.string == "Nørd 1")
        let lines = OpportunityText.lines(story, Screen(width: 200, now: Self.now))
        #expect(lines.contains { $0.contains("\(Self.people[0]) (Nørd 1)") })
        #expect(lines.contains { $0.contains("looked up: externalPersonId = \(Self.people[0])") })
        let timeline = lines.drop { $0 != "Timeline, newest first" }
        #expect(timeline.contains { $0.contains("\(ProjectorTests.account) (Harbour AG)") }, "\(timeline)")
        let text = try await page("/opportunities/\(id)")
        #expect(text.contains("\(Self.people[0]) (Nørd 1)") && text.contains("\(ProjectorTests.account) (Harbour AG)"))
        #expect(text.contains("etn=contact&amp;id=\(Self.people[0])"))
    }

    @Test func thePageShowsAndKeepsTheFilter() async throws {
        try await take()
        let all = try await page("/opportunities", "state=&waitingFor=&code=&changedSince=&order=")
        for name in ["Pumps 1", "Pumps 5"] { #expect(all.contains(name)) }
        #expect(all.contains("Opportunities <small>5</small>") && all.contains("Waiting <small>2</small>"))
        let some = try await page("/opportunities", "state=waiting&company=\(ProjectorTests.account)&limit=1")
        #expect(some.contains("<option value=\"waiting\" selected=\"\">") && some.contains("Harbour AG"))
        #expect(some.contains("/opportunities?state=waiting&amp;company=\(ProjectorTests.account)&amp;after="))
        #expect(try await page("/opportunities", "state=pending").contains("None."))
    }

    // MARK: Waiting

    @Test func whoIsMissingAndWhatWasLookedUp() async throws {
        try await take()
        let items = try await list("state=waiting", path: "/api/outbox")["items"]?.elements ?? []
        #expect(items.count == 2)
        #expect(
            items.allSatisfy {
                $0["lookedUp"]?["field"]?.string == "externalPersonId" && $0["contact"]?.string == "Nørd 1"
            }
        )
        #expect(items.first?["lookedUp"]?["misses"]?.int == 2)
        let person = try #require(try await list(path: "/api/waiting/people")["items"]?.elements.first)
        #expect(person["contact"]?.string == Self.people[0] && person["roles"]?.int == 2)
        #expect(person["name"]?.string == "Nørd 1" && person["value"]?.string == Self.people[0])
        #expect(person["since"]?.string == "\(Self.now.adding(seconds: 3))")
        let lines = WaitingText.lines(
            try await list("state=waiting", path: "/api/outbox"),
            Screen(width: 300, now: Self.now)
        )
        #expect(lines[1].contains("Nørd 1") && lines[1].contains("externalPersonId = \(Self.people[0])"))
        let text = try await page("/waiting", "for=lead")
        #expect(text.contains("Nørd 1") && text.contains("/api/waiting/people?format=csv&amp;limit=500"))
        #expect(try await page("/waiting").contains("all that wait for lead"))
    }

    /// Looking again and missing again does not begin a new wait.
    @Test func itWaitsSinceItFirstDid() async throws {
        try await take()
        let later = 1_000
        try await settle(.role, at: later) { _ in .waits(for: .lead, on: nil, next: Self.now.adding(seconds: 9_999)) }
        let person = try await list(path: "/api/waiting/people")["items"]?.elements.first
        #expect(person?["since"]?.string == "\(Self.now.adding(seconds: 3))")
    }

    @Test func thePeopleAsCSVInPages() async throws {
        try await take()
        let file = try await answer("/api/waiting/people", "format=csv")
        let headers = Dictionary(file.headers.map { ($0.name, $0.value) }) { first, _ in first }
        #expect(headers["Content-Type"]?.hasPrefix("text/csv") == true && headers["Link"] == nil)
        let json = try await list(path: "/api/waiting/people")
        #expect(String(decoding: file.body, as: UTF8.self) == PeopleText.headings + PeopleText.lines(json))
        #expect(PeopleText.lines(json).hasPrefix("\(Self.people[0]),Nørd 1,,externalPersonId,\(Self.people[0]),"))
        try await rig.take(
            ProjectorTests.opportunity(6, attributes: [("customerid", Body.reference("contact", Self.people[1]))])
        )
        try await settle(.opportunity, at: 5) { _ in .confirmed(requestID: nil) }
        try await settle(.role, at: 6) { _ in .waits(for: .lead, on: nil, next: Self.now.adding(seconds: 900)) }
        let first = try await answer("/api/waiting/people", "format=csv&limit=1")
        let link = first.headers.first { $0.name == "Link" }?.value
        #expect(link == "</api/waiting/people?format=csv&limit=1&after=\(Self.people[0])>; rel=\"next\"")
        let second = try await answer("/api/waiting/people", "format=csv&limit=1&after=\(Self.people[0])")
        #expect(String(decoding: second.body, as: UTF8.self).contains("Nørd 2"))
    }
}
