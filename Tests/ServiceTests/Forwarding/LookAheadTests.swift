import Configuration
import OnewayCore
import Store
import Testing

@testable import Coordination
@testable import Forwarding
@testable import Sandbox

/// A search for leads is filled with people of roles that come next.
@Suite(.serialized) struct LookAheadTests {
    /// Claims of 300 roles about 100 people each.
    private static let claims = 3

    private func person(_ number: Int) -> String { "\(number)@b.example" }

    private var people: Range<Int> { 0..<Self.claims * 100 }

    private var roles: [DesiredRecord] {
        var roles: [DesiredRecord] = []
        for opportunity in 0..<Self.claims * 3 {
            let first: Int = opportunity / 3 * 100
            for contact in first..<first + 100 {
                roles.append(.role(opportunity, contact: contact).found(by: person(contact)))
            }
        }
        return roles
    }

    private func run(
        creating: Bool = false,
        knowing known: Range<Int>,
        refusing fault: Fault? = nil,
        _ body: @Sendable @escaping (ForwardingRig) async throws -> Void
    ) async throws {
        let settings: (inout Configuration) -> Void = { settings in
            settings.marketo.lead.field = "email"
            settings.marketo.lead.create = creating
            // The next roles are claimed when the first search has been made.
            settings.marketo.concurrentCalls = 1
        }
        try await ForwardingRig.run(settings, options: .unlimited) { rig in
            for number in known { rig.marketo.seedLead(["email": .string(person(number))]) }
            try await rig.want((0..<Self.claims * 3).map { .opportunity($0) })
            try await rig.settled()
            try await rig.setPaused(true)
            try await rig.want(roles)
            if let fault { rig.marketo.add(fault) }
            try await rig.setPaused(false)
            try await body(rig)
        }
    }

    @Test func nobodyIsLookedUpTwice() async throws {
        try await run(knowing: people) { rig in
            try await rig.settled()
            #expect(rig.calls("leads").map(\.records) == [300])
            for opportunity in 0..<Self.claims * 3 { #expect(rig.roles(of: opportunity).count == 100) }
        }
    }

    @Test func whomMarketoLacksIsWaitedFor() async throws {
        try await run(knowing: 0..<150) { rig in
            try await rig.until("sent as far as possible") {
                let status = try await rig.store.status()
                return status.outbox(.pending) == 0 && status.outbox(.waiting) == 450
            }
            #expect(rig.calls("leads").map(\.records) == [300])
            #expect(rig.roles(of: 3).count == 50 && rig.roles(of: 6).isEmpty)
            let group = try await rig.store.outboxGroups().first
            #expect(group?.key.why == WaitReason.lead.rawValue && group?.count == 450)
        }
    }

    /// Who comes later may be the cause, and must not hold up those who are asked for now.
    @Test func aFilledSearchThatIsRefusedIsMadeWithoutThem() async throws {
        try await run(knowing: people, refusing: Fault(.error(code: "1003"), path: "leads")) { rig in
            try await rig.settled()
            #expect(rig.calls("leads").map(\.records) == [300, 100, 100, 100])
            #expect(rig.roles(of: 8).count == 100)
        }
    }

    @Test func whoeverIsMissingIsMadeOnceWhenItIsTheirTurn() async throws {
        try await run(creating: true, knowing: 0..<0) { rig in
            try await rig.settled()
            #expect(rig.marketo.book.all(.lead).count == people.count)
            for opportunity in 0..<Self.claims * 3 { #expect(rig.roles(of: opportunity).count == 100) }
        }
    }
}
