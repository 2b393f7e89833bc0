import Configuration
import OnewayCore
import Store
import Testing

@testable import Coordination
@testable import Forwarding
@testable import Sandbox

/// Finding leads for contacts while Marketo fails, and contacts that share a lead.
@Suite(.serialized) struct LeadTests {
    private func byEmail(_ settings: inout Configuration) { settings.marketo.lead.field = "email" }

    private func seed(_ email: String, _ rig: ForwardingRig) -> JSON {
        .int(Int64(rig.marketo.seedLead(["email": .string(email)])))
    }

    private func leads(of opportunity: Int, _ rig: ForwardingRig) -> Set<JSON> {
        Set(rig.roles(of: opportunity).compactMap { $0["leadId"] })
    }

    private func asked(_ rig: ForwardingRig) -> [Int] {
        rig.calls("leads").filter { $0.method == "GET" }.map(\.records)
    }

    // MARK: Searching

    @Test(arguments: ["1001", "611", "9999"]) func aSearchThatIsRefusedIsTakenApart(code: String) async throws {
        try await ForwardingRig.run(speed: 20, byEmail, options: .unlimited) { rig in
            rig.marketo.add(Fault(.error(code: code), path: "leads", method: "GET"))
            let found = Set((0..<4).map { seed("\($0)@b.example", rig) })
            let roles = (0..<4).map { DesiredRecord.role(1, contact: $0).found(by: "\($0)@b.example") }
            try await rig.want([.opportunity(1)] + roles)
            try await rig.settled()
            #expect(asked(rig) == [4, 2, 2])
            #expect(leads(of: 1, rig) == found)
        }
    }

    @Test(arguments: ["611", "9999"]) func aSearchThatAlwaysFailsIsTriedAFewTimes(code: String) async throws {
        try await ForwardingRig.run(speed: 200, byEmail, options: .unlimited) { rig in
            rig.marketo.add(Fault(.error(code: code), path: "leads", method: "GET", times: nil))
            let role = DesiredRecord.role(1, contact: 1).found(by: "a@b.example")
            try await rig.want(.opportunity(1), role)
            try await rig.stage(role, is: .parked)
            #expect(try await rig.item(role).trouble?.code == code)
            #expect(asked(rig).count == 5)
        }
    }

    @Test(arguments: ["1006", "1011", "610"]) func aSearchThatCanNeverBeMadeIsMadeOnce(code: String) async throws {
        try await ForwardingRig.run(byEmail, options: .unlimited) { rig in
            rig.marketo.add(Fault(.error(code: code), path: "leads", method: "GET", times: nil))
            let roles = (0..<30).map { DesiredRecord.role(1, contact: $0).found(by: "\($0)@b.example") }
            try await rig.want([.opportunity(1)] + roles)
            try await rig.until("all parked") { try await rig.store.status().outbox(.parked) == 30 }
            #expect(asked(rig) == [30])
        }
    }

    @Test func whatMarketoCannotBeAskedForIsMissing() async throws {
        try await ForwardingRig.run(byEmail, options: .unlimited) { rig in
            let role = DesiredRecord.role(1, contact: 1).found(by: "a,b@c.example")
            try await rig.want(.opportunity(1), role)
            try await rig.until("waiting for its lead") { try await rig.item(role).waitingFor == .lead }
            #expect(asked(rig).isEmpty)
        }
    }

    @Test func anOperatorsRetrySearchesAgain() async throws {
        try await ForwardingRig.run(byEmail, options: .unlimited) { rig in
            let role = DesiredRecord.role(1, contact: 1).found(by: "a@b.example")
            try await rig.want(.opportunity(1), role)
            try await rig.until("waiting for its lead") { try await rig.item(role).waitingFor == .lead }
            _ = seed("a@b.example", rig)
            #expect(try await rig.store.retry(.all, now: rig.time.now()) == 1)
            rig.forwarding.retryNow()
            try await rig.settled()
            #expect(rig.roles(of: 1).count == 1)
        }
    }

    /// Found by one call and unknown to the other, repeatedly.
    @Test func aLeadThatMarketoFindsAndDoesNotTakeNeedsAPerson() async throws {
        try await ForwardingRig.run(speed: 3_000, byEmail, options: .unlimited) { rig in
            _ = seed("a@b.example", rig)
            rig.marketo.add(
                Fault(.record(code: "1004", key: nil, inErrors: false), path: "opportunities/roles", times: nil)
            )
            let role = DesiredRecord.role(1, contact: 1).found(by: "a@b.example")
            try await rig.want(.opportunity(1), role)
            try await rig.stage(role, is: .parked)
            #expect(try await rig.item(role).trouble?.code == "1004")
            #expect(rig.marketo.measured.codes["1004"] == 5)
            rig.marketo.clearFaults()
            _ = try await rig.store.retry(.all, now: rig.time.now())
            rig.forwarding.retryNow()
            try await rig.settled()
            #expect(rig.roles(of: 1).count == 1)
        }
    }

    /// Without a limit on bisection it was 599 calls for 300 values.
    @Test func aQuestionThatMarketoDoesNotTakeCostsFewCalls() async throws {
        try await ForwardingRig.run(speed: 20, byEmail, options: .unlimited) { rig in
            let fault = Fault(.error(code: "1003"), path: "leads", method: "GET", times: 1_000)
            rig.marketo.add(fault)
            rig.marketo.add(Fault(.error(code: "1003"), path: "leads", method: "POST", times: 1_000))
            let roles = (0..<300).map { DesiredRecord.role(1, contact: $0).found(by: "\($0)@b.example") }
            _ = try await rig.setPaused(true)
            try await rig.want([.opportunity(1)] + roles)
            _ = try await rig.setPaused(false)
            try await rig.until("all are parked") { try await rig.store.status().outbox(.parked) == 300 }
            // Roles that wait for one record are woken in two commits, and may be claimed in two parts, the first of which
            // looks ahead to the second.
            #expect(rig.calls("leads").count <= 1 + 2 * 20)
            #expect(try await rig.item(roles[299]).trouble?.code == "1003")
        }
    }

    // MARK: A different lead

    @Test func aContactThatMeansAnotherLeadTakesItsRoleAlong() async throws {
        try await ForwardingRig.run(byEmail, options: .unlimited) { rig in
            let (old, new) = (seed("wrong@b.example", rig), seed("right@b.example", rig))
            try await rig.want(.opportunity(1), .role(1, contact: 7).found(by: "wrong@b.example"))
            try await rig.settled()
            #expect(leads(of: 1, rig) == [old])
            try await rig.want(.role(1, contact: 7).found(by: "right@b.example"))
            try await rig.settled()
            #expect(leads(of: 1, rig) == [new])
            try await rig.want(.role(1, contact: 7).gone)
            try await rig.settled()
            #expect(leads(of: 1, rig) == [])
        }
    }

    @Test func whoSharedTheLeadKeepsTheRole() async throws {
        try await ForwardingRig.run(byEmail, options: .unlimited) { rig in
            let (shared, new) = (seed("shared@b.example", rig), seed("new@b.example", rig))
            let both = [7, 8].map {
                DesiredRecord.role(1, contact: $0, isPrimary: $0 == 7).found(by: "shared@b.example")
            }
            try await rig.want([.opportunity(1)] + both)
            try await rig.settled()
            try await rig.want(.role(1, contact: 7).found(by: "new@b.example"))
            try await rig.settled()
            #expect(leads(of: 1, rig) == [shared, new])
            #expect(rig.roles(of: 1).first { $0["leadId"] == shared }?["isPrimary"] == false)
            try await rig.want(.role(1, contact: 8).found(by: "new@b.example"))
            try await rig.settled()
            #expect(leads(of: 1, rig) == [new])
        }
    }

    /// The date at which the person joined: that of the first contact, and later as the rules decide.
    @Test func whoSharesALeadJoinedWithTheFirst() async throws {
        try await ForwardingRig.run(byEmail, options: .unlimited) { rig in
            let shared = seed("shared@b.example", rig)
            let role = { (contact: Int, since: String?) in
                DesiredRecord.role(1, contact: contact).with("externalCreatedDate", since).found(by: "shared@b.example")
            }
            let dates = { () -> [JSON?] in
                rig.roles(of: 1).filter { $0["leadId"] == shared }.map { $0["externalCreatedDate"] }
            }
            let (first, second) = ("2026-03-01T09:00:00Z", "2026-03-02T09:00:00Z")
            try await rig.want(.opportunity(1), role(7, nil), role(8, second))
            try await rig.settled()
            #expect(dates() == [.string(second)])
            try await rig.want(role(7, first))
            try await rig.settled()
            #expect(dates() == [.string(first)])
            try await rig.want(role(8, second).gone)
            try await rig.want(role(7, second))
            try await rig.settled()
            #expect(dates() == [.string(second)])
        }
    }

    @Test func bothMoveTogether() async throws {
        try await ForwardingRig.run(byEmail, options: .unlimited) { rig in
            let (_, new) = (seed("shared@b.example", rig), seed("new@b.example", rig))
            let both = { (email: String) in [7, 8].map { DesiredRecord.role(1, contact: $0).found(by: email) } }
            try await rig.want([.opportunity(1)] + both("shared@b.example"))
            try await rig.settled()
            try await rig.want(both("new@b.example"))
            try await rig.settled()
            #expect(leads(of: 1, rig) == [new])
            #expect(rig.marketo.measured.codes["1036"] == nil, "never twice in a call")
        }
    }

    /// If no lead is found by the new value, the role stays where it is until one is.
    @Test func theOldLeadKeepsTheRoleUntilTheNewOneIsThere() async throws {
        try await ForwardingRig.run(speed: 600, byEmail, options: .unlimited) { rig in
            let old = seed("old@b.example", rig)
            try await rig.want(.opportunity(1), .role(1, contact: 7).found(by: "old@b.example"))
            try await rig.settled()
            let role = DesiredRecord.role(1, contact: 7).found(by: "new@b.example")
            try await rig.want(role)
            try await rig.stage(role, is: .waiting)
            #expect(leads(of: 1, rig) == [old])
            let new = seed("new@b.example", rig)
            try await rig.settled()
            #expect(leads(of: 1, rig) == [new])
        }
    }

    /// While a role to be removed waits for others' leads, a new one gives the same lead the same role.
    @Test func aRoleThatAnotherContactGotMeanwhileIsNotWithdrawn() async throws {
        try await ForwardingRig.run(byEmail, options: .unlimited) { rig in
            let shared = seed("shared@b.example", rig)
            try await rig.want(.opportunity(1), .role(1, contact: 7).found(by: "shared@b.example"))
            try await rig.settled()
            rig.marketo.add(Fault(.none, path: "leads", method: "GET", delaySeconds: 100))
            try await rig.want(.role(1, contact: 7).gone, .role(1, contact: 9).found(by: "slow@b.example"))
            try await rig.until("its lead is looked for") { asked(rig).count == 2 }
            let comes = DesiredRecord.role(1, contact: 8).found(by: "shared@b.example")
            try await rig.want(comes)
            try await rig.stage(comes, is: .settled)
            #expect(rig.calls("leads").last?.answered == nil, "the search is in flight")
            rig.marketo.endDelays()
            try await rig.stage(.role(1, contact: 7), is: .settled)
            #expect(leads(of: 1, rig) == [shared])
        }
    }
}

extension DesiredRecord {
    /// The value by which its lead is found.
    func found(by value: String) -> DesiredRecord { with("lead", value) }

    /// Nil is left out.
    func with(_ field: String, _ value: String?) -> DesiredRecord {
        guard let value else { return self }
        var desired = self
        var record = WireRecord(self.desired.record ?? [])
        record.members.append(.init(field, .string(value)))
        desired.desired.record = record.bytes
        return desired
    }
}
