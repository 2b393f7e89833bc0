import Configuration
import HTTPClient
import MarketoClient
import OnewayCore
import Sandbox
import Store
import Telemetry
import Testing

@testable import Admin
@testable import Coordination
@testable import Forwarding

/// Records that are desired again while they, or records they depend on, are being deleted from Marketo.
@Suite(.serialized) struct OvertakenTests {
    static let role = DesiredRecord.role(1, contact: 9)

    /// It may be stopped at any moment; nothing is signalled after that.
    @Test(.timeLimit(.minutes(10))) func itStopsAtAnyTime() async throws {
        var settings = Configuration()
        settings.marketo.endpoint = "http://127.0.0.1:1"
        (settings.marketo.clientId, settings.marketo.clientSecret) = ("id", Secret("secret"))
        let metrics = ServiceMetrics()
        for round in 0..<2_000 {
            let forwarding = try #require(
                Forwarding(
                    settings,
                    store: try await MemoryStore().lead(),
                    transport: CurlTransport(threads: 1, userAgent: Oneway.userAgent),
                    metrics: metrics.marketo,
                    log: Log(level: .error, format: .json, sink: { _ in })
                )
            )
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await forwarding.forwarder.run() }
                for _ in 0..<round % 40 { await Task.yield() }
                await forwarding.forwarder.stop()
            }
        }
    }

    @Test func aRoleWaitsWhileItsOpportunityMayBeLeaving() async throws {
        try await ForwardingRig.run { rig in
            rig.marketo.seedLead(["externalPersonId": .string("\(GUID.number(9))")])
            try await rig.want(.opportunity(1))
            try await rig.settled()
            rig.marketo.add(Fault(.none, path: "opportunities/roles", method: "GET", delaySeconds: 100))
            try await rig.want(.opportunity(1).gone)
            try await rig.until("on its way out") { rig.calls("opportunities/roles").count == 1 }
            try await rig.want(.opportunity(1), Self.role)
            try await rig.stage(Self.role, is: .waiting)
            #expect(rig.calls("opportunities/roles").count == 1, "the calls in flight would delete the role")
            rig.marketo.endDelays()
            try await rig.settled()
            #expect(rig.calls("opportunities").count == 2, "it was created again")
            #expect(rig.roles(of: 1).count == 1)
        }
    }

    /// Deleting an opportunity also deletes roles whose deletion Marketo refused before.
    @Test func aRoleWhoseDeletionWasRefusedIsSentAgainWithItsOpportunity() async throws {
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

    /// The leader was killed before it had stored the answer, and the role is withdrawn meanwhile.
    @Test func aRoleThatMayHaveBeenSentIsTakenFromItsLead() async throws {
        try await ForwardingRig.run({ $0.marketo.lead.field = "email" }) { rig in
            rig.marketo.seedLead(["email": "a@b.example"])
            let role = DesiredRecord.role(1, contact: 7).found(by: "a@b.example")
            try await rig.want(.opportunity(1))
            try await rig.settled()
            rig.marketo.add(Fault(.none, path: "opportunities/roles", method: "POST", delaySeconds: 100))
            try await rig.want(role)
            try await rig.until("executed, not answered") { !rig.roles(of: 1).isEmpty }
            _ = try await rig.store.leader.releaseClaims(next: rig.time.now())
            try await rig.want(role.gone)
            rig.marketo.endDelays()
            try await rig.settled()
            #expect(rig.roles(of: 1).isEmpty)
        }
    }

    @Test func aSharedRoleIsSentAgainForTheContactThatStillNeedsIt() async throws {
        try await ForwardingRig.run({ $0.marketo.lead.field = "email" }) { rig in
            rig.marketo.seedLead(["email": "a@b.example"])
            let shared = [7, 8].map { DesiredRecord.role(1, contact: $0).found(by: "a@b.example") }
            try await rig.want([.opportunity(1)] + shared)
            try await rig.settled()
            _ = try await rig.setPaused(true)
            try await rig.want(shared[1].gone)
            let now = rig.time.now()
            // Another call has it, and will find that it cannot go yet.
            let unsent = try await rig.store.leader.claim(.role, limit: 9, now: now, until: now.adding(seconds: 600))
            #expect(unsent.count == 1)
            try await rig.want(shared[0].gone)
            _ = try await rig.setPaused(false)
            try await rig.stage(shared[0], is: .settled)
            #expect(rig.roles(of: 1).isEmpty, "it was not desired")
            try await rig.want(shared[1])
            try await rig.store.leader.settle(unsent.map { Settlement($0, .postponed(next: now)) }, now: now)
            try await rig.settled()
            #expect(rig.roles(of: 1).count == 1)
        }
    }
}
