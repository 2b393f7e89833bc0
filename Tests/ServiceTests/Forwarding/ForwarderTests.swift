import Configuration
import MarketoClient
import OnewayCore
import Sandbox
import Store
import Testing

@testable import Coordination
@testable import Forwarding

@Suite(.serialized) struct ForwarderTests {
    private func seed(_ contact: Int, in rig: ForwardingRig) -> Int64 {
        Int64(rig.marketo.seedLead(["externalPersonId": .string("\(GUID.number(contact))")]))
    }

    @Test func allArrivesInTheOrderThatMarketoNeeds() async throws {
        try await ForwardingRig.run { rig in
            let lead = seed(9, in: rig)
            try await rig.want(.role(1, contact: 9), .opportunity(1, company: 5), .company(5))
            try await rig.settled()
            #expect(rig.held(.company, "\(GUID.number(5))")?["company"] == "Contoso")
            #expect(rig.held(.opportunity, "\(GUID.number(1))")?["name"] == "Pumps")
            #expect(rig.roles(of: 1).map { $0["leadId"] } == [.int(lead)])
            #expect(rig.roles(of: 1).map { $0["isPrimary"] } == [true])
            #expect(
                rig.marketo.history.all.map(\.status) == ["created", "created", "created"],
                "none was tried too early"
            )
            #expect(try await rig.item(.role(1, contact: 9)).lead == lead)
            #expect(try await rig.item(.opportunity(1, company: 5)).requestID != nil)
            #expect(rig.marketo.measured.tokenRequests == 1)
        }
    }

    @Test func whatIsEqualIsNotSentAndTheNewestIs() async throws {
        try await ForwardingRig.run { rig in
            try await rig.want(.opportunity(1, name: "a"))
            try await rig.settled()
            try await rig.want(.opportunity(1, name: "a"))
            try await rig.want(.opportunity(2, name: "b"))
            try await rig.settled()
            #expect(rig.marketo.history.of(.opportunity, "\(GUID.number(1))").count == 1)
            _ = try await rig.setPaused(true)
            for edit in 0..<10 { try await rig.want(.opportunity(1, name: "edit \(edit)")) }
            _ = try await rig.setPaused(false)
            try await rig.settled()
            #expect(rig.held(.opportunity, "\(GUID.number(1))")?["name"] == "edit 9")
            #expect(rig.marketo.history.of(.opportunity, "\(GUID.number(1))").count == 2)
        }
    }

    @Test func manyGoInFullCalls() async throws {
        try await ForwardingRig.run { rig in
            _ = try await rig.setPaused(true)
            try await rig.want((0..<700).map { .opportunity($0) })
            _ = try await rig.setPaused(false)
            try await rig.settled()
            #expect(rig.calls("opportunities").map(\.records).sorted() == [100, 300, 300])
            #expect(rig.marketo.history.repeated.isEmpty)
        }
    }

    /// The process may have been killed after sending: Marketo may be working on it for a minute.
    @Test func recordsLeftInFlightByAnEarlierRunAreSentAgainLater() async throws {
        let store = MemoryStore()
        var application = Application(basis: try await store.mirrorVersion())
        application.desired = [.opportunity(1)]
        let start = TimeSource.system.now()
        try await store.leader.apply(application, now: start)
        let claimed = try await store.leader.claim(
            .opportunity,
            limit: 9,
            now: start,
            until: start.adding(seconds: 600)
        )
        #expect(claimed.count == 1)
        var other = Application(basis: try await store.mirrorVersion())
        other.desired = [.opportunity(2)]
        try await store.leader.apply(other, now: start)
        try await ForwardingRig.run(speed: 5, store: store) { rig in
            try await rig.settled()
            let (left, other) = (try #require(rig.told(1).first), try #require(rig.told(2).first))
            #expect(left.at >= start.adding(seconds: 65))
            #expect(other.at < left.at, "others do not wait for it")
            #expect(rig.told(1).count == 1)
        }
    }

    @Test func liveChangesOvertakeALongBacklog() async throws {
        try await ForwardingRig.run({ $0.marketo.concurrentCalls = 1 }) { rig in
            try await rig.want(.opportunity(1_000))
            try await rig.settled()
            _ = try await rig.setPaused(true)
            let backlog = (0..<900).map { number in
                var desired = DesiredRecord.opportunity(number)
                desired.desired.lane = .slow
                return desired
            }
            try await rig.want(backlog)
            try await rig.want(.opportunity(2_000, name: "live"))
            _ = try await rig.setPaused(false)
            try await rig.settled()
            let calls = rig.calls("opportunities")
            #expect(calls.map(\.records) == [1, 300, 300, 300, 1])
            #expect(rig.told(2_000).map(\.call) == [calls[1].number])
        }
    }

    /// Somebody deletes one of them meanwhile, for which Marketo refuses the whole call.
    @Test func goodNewsOfOneRoleSaysNothingOfTheOthers() async throws {
        try await ForwardingRig.run { rig in
            let leads = (1...3).map { seed($0, in: rig) }
            try await rig.want(.opportunity(1))
            try await rig.settled()
            let roles = leads.map {
                #"{"externalOpportunityId":"\#(GUID.number(1))","leadId":\#($0),"role":"Theirs"}"#
            }
            try await post(#"{"input":[\#(roles.joined(separator: ","))]}"#, "opportunities/roles", rig)
            rig.marketo.add(Fault(.error(code: "1013"), path: "opportunities/roles/delete"))
            try await rig.want(.opportunity(1).gone)
            try await rig.settled()
            #expect(rig.roles(of: 1).isEmpty && rig.marketo.measured.codes["1022"] == nil)
            #expect(rig.calls("opportunities/roles/delete").count == 3 && rig.calls("opportunities/delete").count == 1)
        }
    }

    /// R11: whoever made them.
    @Test func anOpportunityStaysUntilItsRolesAreGone() async throws {
        try await ForwardingRig.run(speed: 60) { rig in
            let (other, roles) = (seed(8, in: rig), "opportunities/roles/delete")
            try await rig.want(.opportunity(1))
            try await rig.settled()
            try await post(
                #"{"input":[{"externalOpportunityId":"\#(GUID.number(1))","leadId":\#(other),"role":"Theirs"}]}"#,
                "opportunities/roles",
                rig
            )
            rig.marketo.add(Fault(.error(code: "611"), path: roles))
            rig.marketo.add(Fault(.record(code: "1003", key: nil, inErrors: false), path: roles))
            try await rig.want(.opportunity(1).gone)
            try await rig.stage(.opportunity(1), is: .parked)
            #expect(rig.calls("opportunities/delete").isEmpty && rig.calls(roles).count == 2)
            _ = try await rig.store.retry(.key(DesiredRecord.opportunity(1).key), now: rig.time.now())
            try await rig.stage(.opportunity(1), is: .settled)
            #expect(rig.calls("opportunities/delete").count == 1 && rig.roles(of: 1).isEmpty)
        }
    }

    @Test func anOpportunityGoesAfterItsRolesThoseOfOthersToo() async throws {
        try await ForwardingRig.run { rig in
            let (own, other) = (seed(9, in: rig), seed(8, in: rig))
            try await rig.want(.opportunity(1), .role(1, contact: 9))
            try await rig.settled()
            try await post(
                #"{"input":[{"externalOpportunityId":"\#(GUID.number(1))","leadId":\#(other),"role":"Theirs"}]}"#,
                "opportunities/roles",
                rig
            )
            #expect(Set(rig.roles(of: 1).compactMap { $0["leadId"] }) == [.int(own), .int(other)])
            try await rig.want(.opportunity(1).gone, .role(1, contact: 9).gone)
            try await rig.settled()
            #expect(rig.roles(of: 1).isEmpty)
            #expect(rig.held(.opportunity, "\(GUID.number(1))") == nil)
            #expect(rig.marketo.measured.codes["1022"] == nil, "it was not tried too early")
        }
    }

    @Test func aMissingLeadIsWaitedForAndAskedForAgainLaterAndLater() async throws {
        try await ForwardingRig.run(speed: 60) { rig in
            try await rig.want(.opportunity(1), .role(1, contact: 9))
            try await rig.until("waiting for the lead") { try await rig.item(.role(1, contact: 9)).waitingFor == .lead }
            try await rig.until("asked three times") { rig.calls("leads").count >= 3 }
            let times = rig.calls("leads").map(\.began.milliseconds)
            let pauses = zip(times.dropFirst(), times).map { $0 - $1 }
            #expect(zip(pauses, [60_000, 120_000]).allSatisfy { $0 >= $1 }, "\(pauses)")
            #expect(try await rig.item(.role(1, contact: 9)).attempts == 0)
            _ = seed(9, in: rig)
            try await rig.settled()
            #expect(rig.roles(of: 1).count == 1)
        }
    }

    @Test func aContactThatIsSeveralLeadsIsParkedWithTheirIds() async throws {
        try await ForwardingRig.run { rig in
            let ids = [seed(9, in: rig), seed(9, in: rig)]
            try await rig.want(.opportunity(1), .role(1, contact: 9))
            try await rig.stage(.role(1, contact: 9), is: .parked)
            let trouble = try #require(try await rig.item(.role(1, contact: 9)).trouble)
            #expect(trouble.code == "1007")
            #expect(ids.allSatisfy { trouble.message.contains("\($0)") })
        }
    }

    @Test func contactsThatAreOneLeadShareItsRole() async throws {
        try await ForwardingRig.run({ $0.marketo.lead.field = "email" }) { rig in
            let lead = Int64(rig.marketo.seedLead(["email": "a@b.example"]))
            let shared = [7, 8].map { DesiredRecord.role(1, contact: $0, isPrimary: $0 == 7).found(by: "a@b.example") }
            try await rig.want([.opportunity(1)] + shared)
            try await rig.settled()
            #expect(rig.roles(of: 1).map { $0["leadId"] } == [.int(lead)])
            #expect(rig.roles(of: 1).map { $0["isPrimary"] } == [true], "one of them is primary")
            #expect(rig.marketo.measured.codes["1036"] == nil, "never twice in a call")
            try await rig.want(shared[0].gone)
            try await rig.settled()
            #expect(rig.roles(of: 1).map { $0["isPrimary"] } == [false], "the other one still needs the role")
            try await rig.want(shared[1].gone)
            try await rig.settled()
            #expect(rig.roles(of: 1).isEmpty)
        }
    }

    @Test func aRoleIsTakenFromTheLeadThatGotIt() async throws {
        try await ForwardingRig.run { rig in
            let lead = seed(9, in: rig)
            try await rig.want(.opportunity(1), .role(1, contact: 9))
            try await rig.settled()
            // The contact means another lead by now.
            try await rig.store.leader.remember([
                RememberedLead("\(GUID.number(9))", id: lead + 100, askedAt: rig.time.now())
            ])
            try await rig.want(.role(1, contact: 9).gone)
            try await rig.settled()
            #expect(rig.roles(of: 1).isEmpty)
        }
    }

    @Test func aMissingLeadIsForgottenAndSearchedForAgain() async throws {
        try await ForwardingRig.run(speed: 600) { rig in
            let gone = RememberedLead("\(GUID.number(9))", id: 4_711, askedAt: rig.time.now())
            try await rig.store.leader.remember([gone])
            let lead = seed(9, in: rig)
            try await rig.want(.opportunity(1), .role(1, contact: 9))
            try await rig.settled()
            #expect(rig.marketo.measured.codes["1004"] == 1)
            #expect(rig.roles(of: 1).map { $0["leadId"] } == [.int(lead)])
        }
    }

    @Test func aPersonIsMadeOnceWhereThatIsWanted() async throws {
        try await ForwardingRig.run({ $0.marketo.lead.create = true }) { rig in
            var contact = MirrorRecord(RecordKey(.contact, .number(9)))
            for (name, value) in [("firstname", "Ada"), ("lastname", "Byron"), ("emailaddress1", "ada@b.example")] {
                contact.learn(name, StampedValue(.text(value), Stamp(second: 1, source: .target)))
            }
            var application = Application(basis: try await rig.store.mirrorVersion())
            application.records = [(contact, [])]
            try await rig.store.leader.apply(application, now: rig.time.now())
            try await rig.want(.opportunity(1), .opportunity(2), .role(1, contact: 9), .role(2, contact: 9))
            try await rig.settled()
            let people = rig.marketo.book.all(.lead)
            #expect(people.count == 1)
            let shown = String(decoding: JSON.array(people).encoded, as: UTF8.self)
            #expect(shown.contains("ada@b.example") && shown.contains("Byron"))
            #expect(rig.roles(of: 1).count == 1)
            #expect(rig.roles(of: 2).count == 1)
        }
    }

    /// As another client of the same subscription would.
    private func post(_ body: String, _ path: String, _ rig: ForwardingRig) async throws {
        let call = MarketoCall.sync(.role, [Array(body.utf8.dropFirst(#"{"input":["#.utf8.count).dropLast(2))])
        guard case .answered(let answer) = await rig.forwarding.client.call(call), answer.isSuccess else {
            Issue.record("not posted"); return
        }
    }
}
