import HTTPServer
import OnewayCore
import Testing

@testable import Admin
@testable import Applying
@testable import Coordination
@testable import Forwarding
@testable import Store

/// The state of an opportunity as a whole: that of its worst record, or why nothing is desired.
@Suite struct OpportunityStateTests {
    private static let account = ProjectorTests.account
    private static let now = ProjectorTests.now

    struct Parts: Sendable, CustomTestStringConvertible {
        var testDescription: String { "\(verdicts): \(state)" }
        /// Marketo's answer for each kind; none: not answered yet.
        let verdicts: [RecordKind: DeliveryState.Stage]
        let state: String
    }

    static let parts = [
        Parts(verdicts: [:], state: "pending"),
        Parts(verdicts: [.company: .settled, .opportunity: .settled, .role: .settled], state: "settled"),
        Parts(verdicts: [.company: .settled, .opportunity: .settled], state: "pending"),
        Parts(verdicts: [.company: .settled, .opportunity: .settled, .role: .waiting], state: "waiting"),
        Parts(verdicts: [.company: .settled, .opportunity: .settled, .role: .parked], state: "parked"),
        // The company's state is its own.
        Parts(verdicts: [.company: .parked, .opportunity: .waiting], state: "waiting"),
        Parts(verdicts: [.company: .parked, .opportunity: .settled, .role: .settled], state: "settled"),
        Parts(verdicts: [.company: .settled, .opportunity: .parked, .role: .waiting], state: "parked"),
        Parts(verdicts: [.opportunity: .waiting], state: "waiting"),
    ]

    /// The state in the API of an opportunity with a company and a role, for Marketo's answer to each.
    @Test(arguments: parts) func theAnswerSaysTheWorst(_ row: Parts) async throws {
        let store = MemoryStore()
        let context = ApplyingRig(store)
        try await context.take(ProjectorTests.opportunity(1), ProjectorTests.contactOf(Self.account))
        for (kind, stage) in row.verdicts {
            let items = try await store.leader.claim(kind, limit: 9, now: Self.now, until: Self.now)
            let settlements = items.map { item in
                let verdict: DeliveryVerdict =
                    switch stage {
                    case .settled: .confirmed(requestID: nil)
                    case .parked: .parked(DeliveryTrouble(code: "1003", message: ""), requestID: nil)
                    case .waiting: .waits(for: .lead, on: nil, next: Self.now.adding(seconds: 60))
                    case .pending: .postponed(next: Self.now)
                    }
                return Settlement(item, verdict)
            }
            #expect(settlements.count == 1)
            try await store.leader.settle(settlements, now: Self.now)
        }
        #expect(try await context.state(1) == row.state)
    }

    /// For one that is removed: pending while Marketo has any of it, then the reason why nothing is desired.
    @Test(arguments: ["refused", "deleted", "filtered"]) func theAnswerSaysWhyNothingIsWanted(state: String)
        async throws
    {
        let store = MemoryStore()
        var settings = RuleSettings()
        settings.syncWhen = RuleSettings.SyncWhen(column: "new_sync", equals: .yesNo(true))
        settings.onNoLongerMatching = .withdraw
        let context = ApplyingRig(store, settings)
        var body = ProjectorTests.opportunity(1)
        try await context.take(body)
        for kind in [RecordKind.opportunity, .role] { try await context.confirm(kind) }
        body.second += 60
        switch state {
        case "refused":
            body.message = "Create"
            try await context.take(refused: body)
        case "deleted":
            body.message = "Delete"
            try await context.take(body)
        default:
            body.attributes = [("new_sync", "false")]
            try await context.take(body)
        }
        #expect(try await context.state(1) == "pending")
        try await context.confirm(.role)
        #expect(try await context.state(1) == "pending")
        try await context.confirm(.opportunity)
        #expect(try await context.state(1) == state)
    }
}

extension ApplyingRig {
    /// The API's answer about an opportunity.
    func story(_ number: Int) async throws -> JSONValue {
        let path = "/api/opportunities/\(ProjectorTests.id(number))"
        let head = RequestHead(id: "t", method: "GET", path: path, query: "")
        let answer = try await api().answer(#require(AdminRoute(path: path)), Request(head: head, body: []))
        return try JSONDocument(answer.body).root
    }

    /// Its state in its own answer, which is that in the list and in what is found, and on the pages.
    func state(_ number: Int) async throws -> String? {
        let state = try await story(number)["state"]?.string
        let id = ProjectorTests.id(number)
        let listed = try await ask("/api/opportunities")["items"]?.elements.first { $0["opportunity"]?.string == id }
        let found = try await ask("/api/find", "q=\(id)")["items"]?.elements.first?["opportunities"]?.elements.first
        #expect(listed?["state"]?.string == state)
        #expect(found?["state"]?.string == state)
        let counted = try await store.status().opportunities
        #expect(state.flatMap(OpportunityState.init).map { counted[$0] } == 1)
        return state
    }

    func ask(_ path: String, _ query: String = "") async throws -> JSONValue {
        let head = RequestHead(id: "t", method: "GET", path: path, query: query)
        let answer = try await api().answer(#require(AdminRoute(path: path)), Request(head: head, body: []))
        return try JSONDocument(answer.body).root
    }

    /// Marketo confirms all pending records of a kind.
    func confirm(_ kind: RecordKind) async throws {
        let now = ProjectorTests.now
        let items = try await store.leader.claim(kind, limit: 99, now: now, until: now)
        try await store.leader.settle(items.map { Settlement($0, .confirmed(requestID: nil)) }, now: now)
    }
}
