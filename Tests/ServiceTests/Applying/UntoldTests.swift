import Foundation
import OnewayCore
import TestSupport
import Testing

@testable import Applying
@testable import Service
@testable import Store

/// R13, from the inbox to the API: every accepted notification is visible somewhere, whatever Dynamics left out.
@Suite struct UntoldTests {
    private static let id = ProjectorTests.id(1)
    private static let cut = Body(id: id, isCut: true)
    private static let unselected = Body(id: id, attributes: [("new_unselected", "1")])
    private static let real = body(0)
    private static let later = body(600)
    private static let deleted = Body(message: "Delete", id: id)
    private static let cutDeletion = Body(message: "Delete", id: id, isCut: true)

    private static func body(_ seconds: Int64, _ more: [(key: String, value: String)] = []) -> Body {
        Body(id: id, attributes: [("name", "\"Pumps\"")] + more, second: Body().second + seconds)
    }

    private static func unsynced(_ seconds: Int64) -> Body {
        Body(id: id, attributes: [("new_sync", "false")], second: Body().second + seconds)
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let bodies: [Body]
        let state: String
        var waitingFor: String?
        var says: String?
        var settings = RuleSettings()
    }

    private static let filter: RuleSettings = {
        var settings = RuleSettings()
        settings.syncWhen = RuleSettings.SyncWhen(column: "new_sync", equals: .yesNo(true))
        return settings
    }()
    private static let onlyCut =
        "only a cut notification arrived: Dynamics left out its columns because it was over 256 KB"
    private static let onlyUnselected = "its notifications contained none of the selected columns"
    private static let older = "name may be older than in Dynamics"

    static let rows = [
        Row(testDescription: "cut", bodies: [cut], state: "waiting", waitingFor: "name", says: onlyCut),
        Row(
            testDescription: "no selected column",
            bodies: [unselected],
            state: "waiting",
            waitingFor: "name",
            says: onlyUnselected
        ),
        Row(testDescription: "cut, and a real one", bodies: [cut, real], state: "pending", says: older),
        Row(testDescription: "cut, and a later real one", bodies: [cut, later], state: "pending"),
        Row(testDescription: "no selected column, and a real one", bodies: [unselected, real], state: "pending"),
        Row(testDescription: "cut, and deleted", bodies: [cut, deleted], state: "deleted"),
        Row(testDescription: "cut, and its deletion cut too", bodies: [cut, cutDeletion], state: "deleted"),
        Row(testDescription: "no selected column, and deleted", bodies: [unselected, deleted], state: "deleted"),
        Row(
            testDescription: "cut, with a filter",
            bodies: [cut],
            state: "waiting",
            waitingFor: "name",
            says: onlyCut,
            settings: filter
        ),
        Row(
            testDescription: "cut, and filtered",
            bodies: [cut, unsynced(0)],
            state: "filtered",
            says: "new_sync may be older than in Dynamics",
            settings: filter
        ),
        Row(
            testDescription: "cut, and filtered later",
            bodies: [cut, unsynced(600)],
            state: "filtered",
            settings: filter
        ),
    ]

    /// In every order, and with any number of replays.
    @Test(arguments: rows) func theAnswerSaysSo(_ row: Row) async throws {
        for order in permutations(row.bodies) {
            let store = MemoryStore()
            let context = ApplyingRig(store, row.settings)
            for body in order { try await context.take(body) }
            try await expect(row, context)
            let ids = try await store.inbox(InboxFilter(), before: nil, limit: 9).map(\.id)
            #expect(try await store.replay(ids, now: ProjectorTests.now).count == order.count)
            try await context.drain()
            try await expect(row, context)
        }
    }

    private func expect(_ row: Row, _ context: ApplyingRig) async throws {
        let shown = try await context.story(1)
        #expect(shown["state"]?.string == row.state)
        let own = shown["items"]?.elements.first
        #expect(own?["waitingFor"]?.string == row.waitingFor)
        let says = (shown["reasons"]?.elements ?? []).compactMap { $0["says"]?.string }
        if let wanted = row.says {
            #expect(says.contains { $0.contains(wanted) }, "\(says)")
        } else {
            #expect(!says.contains { $0.contains("cut") || $0.contains("none of the selected") }, "\(says)")
        }
    }

    /// R2: a truncated creation is refused like any other, and once allowed it waits for what Dynamics left out.
    @Test func r2ACutCreationWaitsOnceItIsAllowed() async throws {
        let context = ApplyingRig(MemoryStore())
        try await context.take(refused: Body(message: "Create", id: Self.id, isCut: true))
        #expect(try await context.story(1)["state"]?.string == "refused")
        var allowed = MirrorRecord(RecordKey(.opportunity, try #require(GUID(Self.id))))
        allowed.markAllowed(atSecond: ProjectorTests.now.second)
        try await context.applier().apply(allowed)
        try await expect(Self.rows[0], context)
    }

    @Test func itWaitsAcrossARestartUntilItIsReported() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("untold-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("a.db").path
        for (row, body) in [(Self.rows[0], Self.cut), (Self.rows[2], Self.real), (Self.rows[2], Self.cut)] {
            let store = try SQLiteStore(path: path)
            let context = ApplyingRig(store)
            try await context.projector.noticeChangedRules(context.store.leader, now: ProjectorTests.now)
            try await context.take(body)
            try await expect(row, context)
            await store.close()
        }
        let store = try SQLiteStore(path: path)
        try await expect(Self.rows[2], ApplyingRig(store))
        await store.close()
    }

    /// A confirmed record is not sent again, and later values are sent at once.
    @Test func aCutUpdateHoldsUpNothing() async throws {
        let context = ApplyingRig(MemoryStore())
        try await context.take(Self.real)
        try await context.confirm(.opportunity)
        try await context.take(Self.cut)
        var shown = try await context.story(1)
        #expect(shown["state"]?.string == "settled")
        #expect(shown["reasons"]?.elements.last?["says"]?.string?.contains(Self.older) == true)
        try await context.take(Self.body(60, [("stepname", "\"2-Develop\"")]))
        shown = try await context.story(1)
        #expect(shown["state"]?.string == "pending")
        #expect(try await context.wanted()[ProjectorTests.key(1)]?.contains("2-Develop") == true)
    }

    @Test func oneThatOnlyAConnectionNamedIsAsBefore() async throws {
        let context = ApplyingRig(MemoryStore())
        var made = Body(message: "Create", entity: "connection", id: "44440000-0000-0000-0000-000000000001")
        made.attributes = [
            ("record1id", Body.reference("opportunity", Self.id)),
            ("record2id", Body.reference("contact", ProjectorTests.contact)),
        ]
        try await context.take(made)
        var shown = try await context.story(1)
        #expect(shown["items"]?.elements.first?["waitingFor"]?.string == "name")
        (made.message, made.second) = ("Delete", made.second + 60)
        try await context.take(made)
        shown = try await context.story(1)
        #expect(shown["items"]?.elements.first?["state"]?.string == "settled")
        #expect(shown["reasons"]?.elements.first?["says"]?.string?.contains("no notification was about") == true)
    }

    /// An earlier version kept an empty record and desired nothing; the body may have been removed since.
    @Test func whatAnEarlierVersionLostWaitsAfterTheUpgrade() async throws {
        let store = MemoryStore()
        let context = ApplyingRig(store)
        let key = RecordKey(.opportunity, try #require(GUID(Self.id)))
        var application = Application(basis: try await store.mirrorVersion())
        application.records = [(MirrorRecord(key), [])]
        application.desired = [DesiredRecord(ProjectorTests.key(1), opportunity: key.id, DesiredState(nil))]
        try await store.leader.apply(application, now: ProjectorTests.now)
        #expect(try await context.story(1)["state"]?.string == "settled")
        try await context.projector.noticeChangedRules(context.store.leader, now: ProjectorTests.now)
        try await context.drain()
        try await expect(Self.rows[1], context)
    }

    /// The roles in an older store get their date like any other change, from the kept bodies.
    @Test func rolesFromBeforeGetTheirDate() async throws {
        let store = MemoryStore()
        let context = ApplyingRig(store)
        var made = Body(message: "Create", entity: "connection", id: "44440000-0000-0000-0000-000000000001")
        made.attributes = [
            ("record1id", Body.reference("opportunity", Self.id)),
            ("record2id", Body.reference("contact", ProjectorTests.contact)),
            ("createdon", "\"\\/Date(1772442000000)\\/\""),
        ]
        try await context.take(Self.body(0, [("createdon", "\"\\/Date(1772000000000)\\/\"")]), made)
        // As the previous version stored it, and as Marketo confirmed it.
        let key = RecordKey(.connection, try #require(GUID(made.id)))
        var connection = try #require(try await store.records([key])[key])
        connection.keepOnly(["record1id", "record2id", "record2roleid", "statecode"])
        let role = DeliveryKey(.role, "\(Self.id)/\(ProjectorTests.contact)/Stakeholder")
        let id = try #require(GUID(Self.id))
        let dated = try #require(try await context.wanted()[role])
        let before = dated.replacing(#","externalCreatedDate":"2026-03-02T09:00:00Z""#, with: "")
        #expect(before != dated)
        var application = Application(basis: try await store.mirrorVersion())
        application.records = [context.projector.stored(connection)]
        application.desired = [DesiredRecord(role, opportunity: id, DesiredState(Array(before.utf8)))]
        try await store.leader.apply(application, now: ProjectorTests.now)
        for kind in [RecordKind.opportunity, .role] { try await context.confirm(kind) }
        #expect(try await context.story(1)["state"]?.string == "settled")

        try await context.projector.noticeChangedRules(context.store.leader, now: ProjectorTests.now)
        try await context.drain()
        #expect(try await context.wanted()[role] == dated)
        let item = try #require(try await context.outbox()[role])
        #expect(item.state.stage == .pending && item.state.lane == .slow)
        #expect(try await context.outbox()[ProjectorTests.key(1)]?.state.stage == .settled)
    }
}
