import HTTPServer
import OnewayCore
import Store
import Testing

@testable import Admin
@testable import Applying
@testable import Reading

/// The story of an opportunity: what was received and what became of it, what was decided and sent.
@Suite struct TimelineTests {
    let store = MemoryStore()
    private let id = GUID(ProjectorTests.id(1)) ?? .zero

    private func get(_ path: String) async throws -> JSONValue {
        let route = try #require(AdminRoute(path: path))
        let head = RequestHead(id: "t", method: "GET", path: path)
        let response = try await ApplyingRig(store).api().answer(route, Request(head: head, body: []))
        return try JSONDocument(response.body).root
    }

    private func stage(_ name: String, at second: Int64) -> Body {
        var body = Body(id: "\(id)")
        body.attributes = [("stepname", #""\#(name)""#)]
        body.second += second
        return body
    }

    private func take(_ body: Body) async throws {
        let rig = ApplyingRig(store)
        try await rig.append(body, opportunity: id)
        try await rig.drain()
    }

    @Test func aLateNotificationIsSeenToLose() async throws {
        try await take(stage("4-Close", at: 60))
        try await take(stage("2-Develop", at: 0))
        let timeline = try await get("/api/opportunities/\(id)")["timeline"]?.elements ?? []
        let received = timeline.filter { $0["what"]?.string == "received" }
        #expect(received.count == 2, "newest first")
        let late = try #require(received.first?["values"]?.elements.first { $0["attribute"]?.string == "stepname" })
        #expect(late["fate"]?.string == "late" && late["told"]?["value"]?.string == "2-Develop")
        #expect(late["newer"]?["value"]?.string == "4-Close")
        #expect(late["newerIn"]?.string == received.last?["notification"]?.string)
        let won = received.last?["values"]?.elements.first { $0["attribute"]?.string == "stepname" }
        #expect(won?["fate"]?.string == "newest" && won?["newer"]?.isNull == true)
    }

    @Test func itTellsWhatWasDecidedSentAndConfirmed() async throws {
        let rig = ApplyingRig(store)
        try await rig.append(ProjectorTests.opportunity(1), opportunity: id)
        try await rig.drain()
        try await take(stage("4-Close", at: 60))
        for kind in RecordKind.allCases {
            let items = try await store.leader.claim(kind, limit: 9, now: ProjectorTests.now, until: ProjectorTests.now)
            let settlements = items.map { item in
                var settlement = Settlement(item, .confirmed(requestID: "r#1"))
                settlement.sentAt = ProjectorTests.now
                return settlement
            }
            try await store.leader.settle(settlements, now: ProjectorTests.now)
        }
        let story = try await get("/api/opportunities/\(id)")
        let own = (story["timeline"]?.elements ?? []).filter { $0["kind"]?.string == "opportunity" }
        #expect(own.map { $0["what"]?.string } == ["confirmed", "sent", "decided", "decided"])
        #expect(own.first?["requestId"]?.string == "r#1" && own.first?["decidedAt"]?.string != nil)
        #expect(own[2]["after"]?["stage"]?.string == "4-Close" && own[2]["after"]?.members.count == 1)
        #expect(own[3]["before"]?.isNull == true)
        let item = story["items"]?.elements.first { $0["kind"]?.string == "opportunity" }
        #expect(item?["confirmedAt"]?.string == "\(ProjectorTests.now)")
    }

    @Test func oneNotificationIsShownWithWhatItContained() async throws {
        try await take(stage("4-Close", at: 60))
        try await take(stage("2-Develop", at: 0))
        let list = try await get("/api/inbox")["items"]?.elements ?? []
        let name = try #require(list.first?["notification"]?.string)
        let one = try await get("/api/inbox/\(name)")
        #expect(one["notification"]?.string == name && (one["bytes"]?.int ?? 0) > 100)
        #expect(one["values"]?.elements.contains { $0["fate"]?.string == "late" } == true)
        await #expect(throws: Problem.self) { try await get("/api/inbox/0000000000000001") }
        await #expect(throws: Problem.self) { try await get("/api/inbox/nonsense") }
    }
}
