import HTTPServer
import OnewayCore
import Store
import Testing

@testable import Admin
@testable import Applying
@testable import Forwarding
@testable import Intake
@testable import Reading

/// The pages as a browser receives them.
@Suite struct PageTests {
    var store = MemoryStore()
    private static let hostile = #""><script>alert(1)</script>'&"#

    private func ask(
        _ path: String,
        _ query: String = "",
        form: String? = nil
    ) async throws -> (status: Int, head: [String: String], text: String) {
        let context = ApplyingRig(store)
        let api = context.api()
        let pages = Pages(api: api, readiness: Readiness(store: store))
        let route = try #require(PageRoute(path: path))
        let head = RequestHead(id: "t", method: route.methods[0], path: path, query: query)
        let response = try await pages.answer(route, Request(head: head, body: Array((form ?? "").utf8)))
        let headers = Dictionary(response.headers.map { ($0.name, $0.value) }) { first, _ in first }
        return (response.status, headers, String(decoding: response.body, as: UTF8.self))
    }

    private func take(name: String) async throws {
        var made = ProjectorTests.opportunity(1)
        let json = String(decoding: JSON.string(name).encoded, as: UTF8.self)
        made.attributes = made.attributes.filter { $0.key != "name" } + [("name", json)]
        try await ApplyingRig(store).take(made)
    }

    @Test func everyPageIsGuarded() async throws {
        try await take(name: Self.hostile)
        let id = ProjectorTests.id(1)
        let paths = [
            "/", "/search", "/opportunities", "/parked", "/waiting", "/quarantine", "/refusals", "/opportunities/\(id)",
        ]
        for path in paths + PageAsset.allCases.map(\.rawValue) {
            let page = try await ask(path)
            let policy = page.head["Content-Security-Policy"] ?? ""
            #expect(policy.hasPrefix("default-src 'none';") && policy.contains("frame-ancestors 'none'"), "\(path)")
            #expect(!policy.contains("unsafe"), "\(path)")
            #expect(page.head["X-Content-Type-Options"] == "nosniff", "\(path)")
            #expect(page.head["Referrer-Policy"] == "same-origin", "\(path)")
        }
    }

    @Test func hostileNamesStayText() async throws {
        try await take(name: Self.hostile)
        let id = ProjectorTests.id(1)
        for (path, query) in [("/opportunities/\(id)", ""), ("/search", "q=%22")] {
            let page = try await ask(path, query)
            #expect(page.text.contains("&lt;script&gt;"), "\(path)")
            #expect(!page.text.contains("<script>"), "\(path)")
        }
        let echo = try await ask("/search", "q=%3Cscript%3E")
        #expect(!echo.text.contains("<script>"))
    }

    @Test func nothingIsInlineAndNothingIsFromElsewhere() async throws {
        try await take(name: "Pumps")
        for path in ["/", "/opportunities/\(ProjectorTests.id(1))"] {
            // Links to records in Dynamics are followed by people, not loaded.
            let text = try await ask(path).text.replacing("href=\"https://dynamics.example/main.aspx", with: "")
            for forbidden in [" style=", " onclick", "<style", "http://", "https://", "javascript:"] {
                #expect(!text.contains(forbidden), "\(path): \(forbidden)")
            }
        }
    }

    @Test func anIDLeadsToItsStoryAndANameToAList() async throws {
        try await take(name: "Pumps, second lot")
        let id = ProjectorTests.id(1)
        let gone = try await ask("/search", "q=%7B\(id.uppercased())%7D")
        #expect(gone.status == 303)
        #expect(gone.head["Location"] == "/opportunities/\(id)")
        let found = try await ask("/search", "q=pumps,+SECOND")
        #expect(found.text.contains("/opportunities/\(id)"))
        #expect(try await ask("/search", "q=s%C3%A9COND").text.contains("/opportunities/\(id)"))
        #expect(try await ask("/search", "q=third").text.contains("None found"))
    }

    @Test func theStoryShowsTheDesiredStateAndWhy() async throws {
        try await take(name: "Pumps")
        let text = try await ask("/opportunities/\(ProjectorTests.id(1))").text
        for part in ["Pumps", "Desired", "Confirmed", "R4", "customerid", "On its way."] {
            #expect(text.contains(part), "\(part)")
        }
        await #expect(throws: Problem.self) { try await ask("/opportunities/\(ProjectorTests.id(2))") }
        await #expect(throws: Problem.self) { try await ask("/opportunities/x") }
    }

    /// The page marks values that may be older than in Dynamics.
    @Test func theStoryMarksWhatACutLeftBehind() async throws {
        try await take(name: "Pumps")
        let path = "/opportunities/\(ProjectorTests.id(1))"
        #expect(try await !ask(path).text.contains("may be older"))
        var cut = Body(id: ProjectorTests.id(1), isCut: true)
        cut.second += 60
        try await ApplyingRig(store).take(cut)
        let text = try await ask(path).text
        #expect(text.contains("Dynamics cut a notification short: values marked below may be older than in Dynamics."))
        #expect(text.contains("<mark>may be older</mark>"))
        #expect(text.contains("it was over 256 KB: customerid, name, "))
    }

    @Test func theStoryBeginsWithWhatIsFurthestFromWanted() async throws {
        try await take(name: "Pumps")
        let roles = try await store.leader.claim(.role, limit: 9, now: ProjectorTests.now, until: ProjectorTests.now)
        let parked = roles.map { Settlement($0, .parked(DeliveryTrouble(code: "1007", message: ""), requestID: nil)) }
        try await store.leader.settle(parked, now: ProjectorTests.now)
        let text = try await ask("/opportunities/\(ProjectorTests.id(1))").text
        #expect(text.contains("Marketo refuses some of it: see below how to fix that. The opportunity itself: "))
    }

    @Test func aButtonTriesAgainAndLeadsBack() async throws {
        try await take(name: "Pumps")
        let items = try await store.leader.claim(
            .opportunity,
            limit: 9,
            now: ProjectorTests.now,
            until: ProjectorTests.now
        )
        let trouble = DeliveryTrouble(code: "1003", message: Self.hostile)
        let parked = items.map { Settlement($0, .parked(trouble, requestID: "r#1")) }
        try await store.leader.settle(parked, now: ProjectorTests.now)
        let home = try await ask("/").text
        #expect(home.contains("retry-1003") && home.contains(Remedy.of("1003").means))
        let list = try await ask("/parked", "code=1003").text
        #expect(list.contains("&lt;script&gt;") && list.contains("retry-all"))
        #expect(try await ask("/opportunities/\(ProjectorTests.id(1))").text.contains("r#1"))

        let done = try await ask("/actions/retry", form: "code=1003&back=%2Fparked")
        #expect(done.status == 303)
        #expect(done.head["Location"] == "/parked?did=%2Factions%2Fretry&n=1")
        #expect(try await ask("/parked", "did=%2Factions%2Fretry&n=1").text.contains("1 record is tried again."))
        #expect(try await store.status().outbox(.pending) == 2)
    }

    /// R2: a creation refused in a synchronous step never existed, and can be neither shown nor allowed.
    @Test func r2OnlyWhatExistsCanBeAllowed() async throws {
        var made = ProjectorTests.opportunity(1)
        made.message = "Create"
        try await ApplyingRig(store).take(refused: made)
        let ids = try [1, 2].map { try #require(GUID(ProjectorTests.id($0))) }
        let attempts = ids.map { RefusedAttempts(.marketoUser, who: "u", opportunity: $0) }
        try await store.record(attempts, now: ProjectorTests.now)
        for path in ["/", "/refusals"] {
            let text = try await ask(path).text
            #expect(text.contains("/opportunities/\(ids[0])") && text.contains("Allow<"), "\(path)")
            #expect(text.contains("never created") && text.contains("\(ids[1])"), "\(path)")
            #expect(!text.contains("/opportunities/\(ids[1])"), "\(path)")
            #expect(!text.contains("name=\"opportunity\" value=\"\(ids[1])\""), "\(path)")
        }
    }

    /// A company has no page of its own, but opportunities wait for it.
    @Test func aParkedCompanyIsTriedAgainFromTheList() async throws {
        try await ApplyingRig(store).take(
            ProjectorTests.contactOf(ProjectorTests.account),
            ProjectorTests.opportunity(1)
        )
        let companies = try await store.leader.claim(
            .company,
            limit: 9,
            now: ProjectorTests.now,
            until: ProjectorTests.now
        )
        let parked = companies.map {
            Settlement($0, .parked(DeliveryTrouble(code: "1003", message: ""), requestID: nil))
        }
        try await store.leader.settle(parked, now: ProjectorTests.now)
        #expect(try await ask("/parked").text.contains("retry-\(ProjectorTests.account)"))
        #expect(
            try await ask("/waiting", "for=company").text.contains("Parked shows whether Marketo refuses that one.")
        )
        let done = try await ask("/actions/retry", form: "kind=company&key=\(ProjectorTests.account)&back=%2Fparked")
        #expect(done.head["Location"] == "/parked?did=%2Factions%2Fretry&n=1")
        #expect(try await store.status().outbox(.parked) == 0)
    }

    /// A notification that an older decoder could not read: kept as received, with the outcome at that time.
    private func quarantine(_ body: Body) async throws -> InboxID {
        let entry = InboxEntry(
            identity: Array("\(body.id)".utf8),
            InboxLabels(
                .quarantined,
                message: "Update",
                entity: "opportunity",
                code: "unusable",
                reasons: [Reason(says: Self.hostile)]
            ),
            body: body.bytes
        )
        guard case .stored(let id) = try await store.append(entry, now: ProjectorTests.now) else {
            throw Problem(.notFound, "")
        }
        return id
    }

    @Test func aQuarantinedOneIsReadAgain() async throws {
        let id = try await quarantine(ProjectorTests.opportunity(1))
        for path in ["/", "/quarantine"] {
            let text = try await ask(path).text
            #expect(text.contains("replay-\(id)") && text.contains("&lt;script&gt;"), "\(path)")
        }
        let found = try await ask("/search", "q=\(id)").text
        let place = "/quarantine?after=\(InboxID(number: id.number + 1))"
        #expect(found.contains("href=\"\(place)\"") && found.contains("&lt;script&gt;"), "\(found)")
        #expect(try await ask("/quarantine", String(place.dropFirst(12))).text.contains("replay-\(id)"))
        let done = try await ask("/actions/replay", form: "notification=\(id)&back=%2Fquarantine")
        #expect(done.status == 303)
        #expect(done.head["Location"] == "/quarantine?did=%2Factions%2Freplay&n=1")
        let after = try await ask("/quarantine", "did=%2Factions%2Freplay&n=1").text
        #expect(after.contains("1 notification is read again."))
        #expect(try await store.status().unapplied == 1)
        try await ApplyingRig(store).drain()
        #expect(try await store.inboxItem(id)?.outcome == .accepted)
        #expect(try await ask("/quarantine").text.contains("None is quarantined."))
        #expect(try await ask("/opportunities/\(ProjectorTests.id(1))").text.contains("Pumps 1"))
    }

    @Test func allThatAreQuarantinedAreReadAgain() async throws {
        for number in 1...3 { _ = try await quarantine(ProjectorTests.opportunity(number)) }
        #expect(try await ask("/quarantine").text.contains("replay-all"))
        let done = try await ask("/actions/replay", form: "all=yes")
        #expect(done.head["Location"] == "/?did=%2Factions%2Freplay&n=3")
        #expect(try await store.status().unapplied == 3)
    }

    /// More than one answer covers continues as a replay job.
    @Test func veryManyAreReadAgainInTheBackground() async throws {
        var many = self
        // As after many were accepted and then set aside, whose number is not bounded.
        many.store = MemoryStore(limits: StoreLimits(quarantinedRowsMax: 2_000))
        for number in 1...AdminAPI.replayedMax + 1 { _ = try await many.quarantine(ProjectorTests.opportunity(number)) }
        let done = try await many.ask("/actions/replay", form: "all=yes&back=%2Fquarantine")
        #expect(done.head["Location"] == "/quarantine?did=%2Factions%2Freplay")
        #expect(
            try await many.ask("/quarantine", "did=%2Factions%2Freplay").text.contains("All of them are read again.")
        )
    }

    @Test(arguments: ["https://evil.example/", "//evil.example", "/\\evil", "/actions/pause", "/api/status", "", "x"])
    func nobodyIsLedElsewhere(back: String) async throws {
        let escaped = address("", ["back": back]).dropFirst()
        let done = try await ask("/actions/retry", form: "all=yes&\(escaped)")
        #expect(done.head["Location"]?.hasPrefix("/?did=") == true)
    }

    @Test func aFormThatMeansNothingIsRefused() async throws {
        for (path, form) in [
            ("/actions/retry", ""), ("/actions/retry", "kind=x&key=y"), ("/actions/allow", "opportunity=x"),
            ("/actions/pause", ""), ("/actions/retry", "all=yes&code=1003"), ("/actions/retry", "all=no"),
            ("/actions/retry", "code=1003&knid=role"), ("/actions/replay", ""), ("/actions/replay", "notification=x"),
            ("/actions/replay", "notification=0d0ff29780000000"),
            ("/actions/replay", "all=yes&notification=0d0ff29780000000"),
        ] {
            await #expect(throws: Problem.self, "\(path)") { try await ask(path, form: form) }
        }
    }

    @Test func errorsAreForWhoAsks() {
        let browser = Headers([("Accept", "text/html,*/*")])
        let asked = RequestHead(id: "t", method: "GET", path: "/x", headers: browser)
        let page = Problem.noSuchPath.response(to: asked)
        #expect(page.status == 404 && String(decoding: page.body, as: UTF8.self).hasPrefix("<!DOCTYPE html>"))
        let program = Problem.noSuchPath.response(to: RequestHead(id: "t", method: "GET", path: "/x"))
        #expect(program.headers.contains { $0.value == "application/problem+json" })
        let denied = Problem(.unauthorized, "x").with { $0.headers = [("WWW-Authenticate", "Basic")] }
        #expect(denied.response(to: asked).headers.contains { $0.name == "WWW-Authenticate" })
    }

    @Test func aBrokenStoreIsSaid() async throws {
        await store.close()
        let page = try await ask("/")
        #expect(page.status == 200 && page.text.contains("the store is not working"))
    }
}
