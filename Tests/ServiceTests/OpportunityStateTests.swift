import HTTPServer
import OnewayCore
import Testing

@testable import Admin
@testable import Applying
@testable import Forwarding
@testable import Store

/// Where an opportunity stands as a whole: the worst of its records, or why nothing is wanted.
@Suite struct OpportunityStateTests {
    private static let account = ProjectorTests.account
    private static let now = ProjectorTests.now

    private static func item(_ key: DeliveryKey, _ stage: DeliveryState.Stage, _ desired: String? = "{}") -> OutboxItem
    {
        var state = DeliveryState()
        state.stage = stage
        state.desired = desired.map { Array($0.utf8) }
        return OutboxItem(key: key, opportunity: .zero, state: state)
    }

    private static func story(
        own: DeliveryState.Stage,
        company: DeliveryState.Stage? = nil,
        role: DeliveryState.Stage? = nil,
        desired: String? = #"{"externalCompanyId":"a"}"#,
        record: MirrorRecord? = nil
    ) -> Story {
        var items = [item(DeliveryKey(.opportunity, "o"), own, desired)]
        if let company { items.append(item(DeliveryKey(.company, "a"), company)) }
        if let role { items.append(item(DeliveryKey(.role, "o/c/Customer"), role)) }
        return Story(id: .zero, record: record, items: items, notifications: [])
    }

    @Test(
        arguments: [
            (story(own: .settled), "settled"), (story(own: .settled, role: .waiting), "waiting"),
            (story(own: .pending, role: .settled), "pending"), (story(own: .settled, company: .parked), "parked"),
            (story(own: .pending, role: .parked), "parked"), (story(own: .waiting, role: .pending), "waiting"),
            (story(own: .settled, company: .parked, desired: "{}"), "settled"),
        ]
    )
    func itIsTheWorstOfItsRecords(_ story: Story, state: String) {
        #expect(story.state(RuleBook(RuleSettings())) == state)
    }

    @Test func whereNothingIsWantedItSaysWhy() {
        var settings = RuleSettings()
        settings.syncWhen = RuleSettings.SyncWhen(column: "new_sync", equals: .yesNo(true))
        let book = RuleBook(settings)
        var deleted = MirrorRecord(RecordKey(.opportunity, .zero))
        deleted.tellDeleted(atSecond: 1)
        var refused = MirrorRecord(RecordKey(.opportunity, .zero))
        refused.tellRefused(Refusal(second: 1, user: .zero))
        var filtered = MirrorRecord(RecordKey(.opportunity, .zero))
        filtered.tell("new_sync", Told(.bool(false), Stamp(second: 1, source: .target)))
        for (record, state) in [(deleted, "deleted"), (refused, "refused"), (filtered, "filtered")] {
            #expect(Self.story(own: .settled, desired: nil, record: record).state(book) == state)
            #expect(Self.story(own: .pending, desired: nil, record: record).state(book) == "pending", "not yet gone")
            #expect(Self.story(own: .settled, record: record).state(book) == "settled", "kept as it was")
        }
        #expect(Self.story(own: .settled, desired: nil).state(book) == "settled")
    }

    /// From the notification to the answer: what Dynamics cut is seen waiting, not settled with nothing.
    @Test func aCutNotificationWaitsVisibly() async throws {
        let store = MemoryStore()
        let id = ProjectorTests.id(1)
        let body = Array(
            """
            {"Depth":1,"InputParameters":[],"MessageName":"Update","Mode":1,"OperationCreatedOn":"\\/Date(1772446861000+0000)\\/",\
            "PrimaryEntityId":"\(id)","PrimaryEntityName":"opportunity","PostEntityImages":[],"Stage":40}
            """.utf8
        )
        let desk = Desk(store)
        let applier = ApplierTests().applier(store)
        let identity = NotificationIdentity(body: body, envelope: try Envelope.peek(body)).bytes
        _ = try await store.append(InboxEntry(identity: identity, outcome: .accepted, body: body), now: Self.now)
        while try await applier.applyNext() {}
        let path = "/api/opportunities/\(id)"
        let head = RequestHead(id: "t", method: "GET", path: path, query: "")
        let answer = try await desk.api().answer(#require(AdminRoute(path: path)), Request(head: head, body: []))
        let shown = try JSONDocument(answer.body).root
        #expect(shown["state"]?.string == "waiting")
        #expect(shown["items"]?.elements.first?["waitingFor"]?.string == "name")
        let says = shown["reasons"]?.elements.compactMap { $0["says"]?.string } ?? []
        #expect(says.contains { $0.contains("over 256 KB") })
    }
}
