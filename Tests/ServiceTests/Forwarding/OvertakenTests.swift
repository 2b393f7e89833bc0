import Configuration
import OnewayCore
import Sandbox
import Store
import Testing

@testable import Service

/// What is wanted again while it, or what it stands on, is being taken out of Marketo.
@Suite(.serialized) struct OvertakenTests {
    static let role = OutboxWish.role(1, contact: 9)

    /// A call of its own, which has not been answered yet.
    private func claim(_ kind: RecordKind, in rig: ForwardingRig) async throws -> [Settlement] {
        let now = rig.time.now()
        let items = try await rig.store.claim(kind, limit: 9, now: now, until: now.adding(seconds: 600))
        #expect(items.count == 1)
        return items.map { Settlement($0, .confirmed(requestID: nil)) }
    }

    private func end(_ settlements: [Settlement], in rig: ForwardingRig) async throws {
        try await rig.store.settle(settlements, now: rig.time.now())
        rig.forwarding.forwarder.wake()
    }

    @Test func aRoleWaitsWhileItsOpportunityMayBeLeaving() async throws {
        try await ForwardingRig.run { rig in
            rig.marketo.seedLead(["externalPersonId": .string("\(GUID.number(9))")])
            try await rig.want(.opportunity(1))
            try await rig.settled()
            _ = try await rig.forwarding.gate.setPaused(true)
            try await rig.want(.opportunity(1).gone)
            let leaving = try await claim(.opportunity, in: rig)
            try await rig.want(.opportunity(1), Self.role)
            _ = try await rig.forwarding.gate.setPaused(false)
            try await rig.stage(Self.role, is: .waiting)
            #expect(rig.calls("opportunities/roles").isEmpty, "the call would take the role with it")
            try await end(leaving, in: rig)
            try await rig.settled()
            #expect(rig.calls("opportunities").count == 2, "it was made anew")
            #expect(rig.roles(of: 1).count == 1)
        }
    }

    /// An opportunity takes with it what Marketo would not let go before.
    @Test func aRoleThatWasGivenUpComesBackWithItsOpportunity() async throws {
        try await ForwardingRig.run { rig in
            rig.marketo.seedLead(["externalPersonId": .string("\(GUID.number(9))")])
            try await rig.want(.opportunity(1), Self.role)
            try await rig.settled()
            rig.marketo.add(Fault(.record(code: "1003", key: nil, inErrors: false), path: "opportunities/roles/delete"))
            try await rig.want(Self.role.gone)
            try await rig.stage(Self.role, is: .parked)
            try await rig.want(.opportunity(1).gone)
            try await rig.stage(.opportunity(1), is: .settled)
            #expect(rig.roles(of: 1).isEmpty)
            try await rig.want(.opportunity(1), Self.role)
            try await rig.settled()
            #expect(rig.roles(of: 1).count == 1)
        }
    }

    @Test func aSharedRoleComesBackForWhoeverWantsItAgain() async throws {
        try await ForwardingRig.run({ $0.marketo.lead.field = "email" }) { rig in
            rig.marketo.seedLead(["email": "a@b.example"])
            let shared = [7, 8].map { OutboxWish.role(1, contact: $0).found(by: "a@b.example") }
            try await rig.want([.opportunity(1)] + shared)
            try await rig.settled()
            _ = try await rig.forwarding.gate.setPaused(true)
            try await rig.want(shared[1].gone)
            var unsent = try await claim(.role, in: rig)
            try await rig.want(shared[0].gone)
            _ = try await rig.forwarding.gate.setPaused(false)
            try await rig.stage(shared[0], is: .settled)
            #expect(rig.roles(of: 1).isEmpty, "nobody wanted it")
            try await rig.want(shared[1])
            for index in unsent.indices { unsent[index].verdict = .postponed(next: rig.time.now()) }
            try await end(unsent, in: rig)
            try await rig.settled()
            #expect(rig.roles(of: 1).count == 1)
        }
    }
}
