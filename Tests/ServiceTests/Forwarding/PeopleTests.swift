import Configuration
import OnewayCore
import Store
import Testing

@testable import Coordination
@testable import Forwarding
@testable import Sandbox

/// People are moved to their company in Marketo, and nothing else is done to them.
@Suite(.serialized) struct PeopleTests {
    private func seed(_ contact: Int, _ rig: ForwardingRig, company: Int? = nil) -> Int {
        var values: [String: JSON] = ["externalPersonId": .string("\(GUID.number(contact))"), "firstName": "Ada"]
        values["externalCompanyId"] = company.map { .string("\(GUID.number($0))") }
        return rig.marketo.seedLead(values)
    }

    private func company(_ lead: Int, _ rig: ForwardingRig) -> JSON? {
        rig.held(.lead, "\(lead)")?["externalCompanyId"]
    }

    private func writes(_ rig: ForwardingRig) -> [Int] {
        rig.calls("leads").filter { $0.method == "POST" }.map(\.records)
    }

    @Test func thePersonIsMovedOnceTheCompanyIsThere() async throws {
        try await ForwardingRig.run(speed: 20, options: .unlimited) { rig in
            let (free, elsewhere) = (seed(1, rig), seed(2, rig, company: 9))
            let people = [DesiredRecord.person(1, company: 6), .person(2, company: 6)]
            rig.marketo.add(Fault(.error(code: "606"), path: "companies", method: "POST"))
            try await rig.want(people + [.company(6)])
            try await rig.settled()
            for lead in [free, elsewhere] {
                #expect(company(lead, rig) == .string("\(GUID.number(6))"))
                #expect(rig.held(.lead, "\(lead)")?["firstName"] == "Ada")
            }
            #expect(rig.marketo.book.all(.lead).count == 2)
            #expect(try await rig.item(people[0]).lead == Int64(free))
        }
    }

    @Test func theCompanyIsWaitedFor() async throws {
        try await ForwardingRig.run(options: .unlimited) { rig in
            let lead = seed(1, rig)
            let person = DesiredRecord.person(1, company: 6)
            rig.marketo.add(Fault(.error(code: "1003"), path: "companies", method: "POST", times: nil))
            try await rig.want(.company(6), person)
            try await rig.until("waiting for its company") { try await rig.item(person).waitingFor == .company }
            #expect(company(lead, rig) == nil && writes(rig).isEmpty)
        }
    }

    /// A person is made for a role alone.
    @Test func nobodyIsCreated() async throws {
        let making: (inout Configuration) -> Void = { $0.marketo.lead.create = true }
        try await ForwardingRig.run(making, options: .unlimited) { rig in
            let person = DesiredRecord.person(1, company: 6)
            try await rig.want(.company(6), person)
            try await rig.until("waiting for its lead") { try await rig.item(person).waitingFor == .lead }
            #expect(rig.marketo.book.all(.lead).isEmpty)
            var contact = MirrorRecord(RecordKey(.contact, .number(1)))
            contact.learn("lastname", StampedValue(.text("Byron"), Stamp(second: 1, source: .target)))
            var application = Application(basis: try await rig.store.mirrorVersion())
            application.records = [(contact, [])]
            try await rig.store.leader.apply(application, now: rig.time.now())
            // The role that may make it does not wait because the person was missed.
            try await rig.want(.opportunity(3), .role(3, contact: 1))
            try await rig.until("the role is there") { rig.roles(of: 3).count == 1 }
        }
    }

    @Test func whoIsNotInMarketoWaits() async throws {
        try await ForwardingRig.run(speed: 200, options: .unlimited) { rig in
            let person = DesiredRecord.person(1, company: 6)
            try await rig.want(.company(6), person)
            try await rig.until("waiting for its lead") { try await rig.item(person).waitingFor == .lead }
            let lead = seed(1, rig)
            try await rig.settled()
            #expect(company(lead, rig) == .string("\(GUID.number(6))"))
        }
    }

    /// Marketo cannot take a person out of a company, and is not asked to.
    @Test func whoLeavesStaysThereAndMovesLater() async throws {
        try await ForwardingRig.run(options: .unlimited) { rig in
            let lead = seed(1, rig)
            let person = DesiredRecord.person(1, company: 6)
            try await rig.want(.company(6), .company(7), person)
            try await rig.settled()
            try await rig.want(person.gone)
            try await rig.settled()
            #expect(try await rig.item(person).isGone)
            #expect(company(lead, rig) == .string("\(GUID.number(6))") && writes(rig) == [1])
            try await rig.want(.person(1, company: 7))
            try await rig.settled()
            #expect(company(lead, rig) == .string("\(GUID.number(7))"))
        }
    }

    /// Two contacts with one address are one lead: it is in each call once, and the contact with the higher id decides.
    @Test func contactsThatShareALead() async throws {
        let byEmail: (inout Configuration) -> Void = { $0.marketo.lead.field = "email" }
        try await ForwardingRig.run(byEmail, options: .unlimited) { rig in
            let lead = rig.marketo.seedLead(["email": "a@b.example"])
            let people = [(1, 6), (2, 7), (3, 7)].map { contact, company in
                DesiredRecord.person(contact, company: company).found(by: "a@b.example")
            }
            try await rig.setPaused(true)
            try await rig.want([.company(6), .company(7)])
            try await rig.setPaused(false)
            try await rig.settled()
            try await rig.setPaused(true)
            try await rig.want(people)
            try await rig.setPaused(false)
            try await rig.settled()
            #expect(writes(rig) == [1, 1])
            #expect(company(lead, rig) == .string("\(GUID.number(7))"))
        }
    }

    /// Merged or deleted in Marketo since it was found.
    @Test func aLeadThatIsGoneIsSearchedAgain() async throws {
        try await ForwardingRig.run(speed: 200, options: .unlimited) { rig in
            let lead = seed(1, rig)
            let value = "\(GUID.number(1))"
            try await rig.store.leader.remember([RememberedLead(value, id: Int64(lead) + 500, askedAt: rig.time.now())])
            try await rig.want(.company(6), .person(1, company: 6))
            try await rig.settled()
            #expect(company(lead, rig) == .string("\(GUID.number(6))"))
        }
    }

    /// Marketo lost the company (1013): it is sent again, and then the person.
    @Test func aCompanyThatIsGoneIsSentAgain() async throws {
        try await ForwardingRig.run(speed: 200, options: .unlimited) { rig in
            let lead = seed(1, rig)
            try await rig.want(.company(6))
            try await rig.settled()
            rig.marketo.reset()
            let again = seed(1, rig)
            try await rig.want(.person(1, company: 6))
            try await rig.settled()
            #expect(company(again, rig) == .string("\(GUID.number(6))") && lead > 0)
        }
    }

    /// The instance has no such field of leads: all of them are parked, and told why.
    @Test func aFieldThatLeadsLackParks() async throws {
        try await ForwardingRig.run(options: .unlimited) { rig in
            _ = (seed(1, rig), seed(2, rig))
            rig.marketo.add(Fault(.error(code: "1006"), path: "leads", method: "POST", times: nil))
            try await rig.want(.company(6))
            try await rig.settled()
            try await rig.want(.person(1, company: 6), .person(2, company: 6))
            try await rig.until("parked") { try await rig.store.status().outbox(.parked) == 2 }
            #expect(writes(rig).count <= 2)
        }
    }
}

extension DesiredRecord {
    static func person(_ contact: Int, company: Int) -> DesiredRecord {
        let contact = GUID.number(contact)
        let record: JSON = [
            "contact": .string("\(contact)"), "externalCompanyId": .string("\(GUID.number(company))"),
        ]
        return DesiredRecord(DeliveryKey(.person, "\(contact)"), DesiredState(record.encoded))
    }
}
