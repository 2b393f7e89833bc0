import Configuration
import OnewayCore
import Store
import Testing

@testable import Coordination
@testable import Forwarding
@testable import Sandbox

/// Creating leads for contacts that Marketo lacks: each person once, whatever happens.
@Suite(.serialized) struct LeadMakingTests {
    private func making(_ settings: inout Configuration) {
        settings.marketo.lead.field = "email"
        settings.marketo.lead.create = true
    }

    private func know(
        _ contact: Int,
        account: Int? = nil,
        _ rig: ForwardingRig,
        _ change: (inout MirrorRecord) -> Void = { _ in }
    ) async throws {
        var person = MirrorRecord(RecordKey(.contact, .number(contact)))
        person.learn("lastname", StampedValue(.text("Byron"), Stamp(second: 1, source: .target)))
        var application = Application(basis: try await rig.store.mirrorVersion())
        if let account {
            let reference = Value.reference(entity: "account", id: .number(account))
            person.learn("parentcustomerid", StampedValue(reference, Stamp(second: 1, source: .target)))
            var company = MirrorRecord(RecordKey(.account, .number(account)))
            company.learn("name", StampedValue(.text("Contoso"), Stamp(second: 1, source: .target)))
            change(&company)
            application.records.append((company, []))
        }
        application.records.append((person, []))
        try await rig.store.leader.apply(application, now: rig.time.now())
    }

    private func calls(_ method: String, _ rig: ForwardingRig) -> [Call] {
        rig.calls("leads").filter { $0.method == method }
    }

    private func person(_ rig: ForwardingRig) -> [String: JSON]? {
        rig.marketo.book[.lead].records("email", "a@b.example").first?.values
    }

    @Test func aPersonIsMadeAfterTheCompanyAndBelongsToIt() async throws {
        try await ForwardingRig.run(speed: 20, making, options: .unlimited) { rig in
            try await know(7, account: 6, rig)
            rig.marketo.add(Fault(.error(code: "9999"), path: "companies", method: "POST"))
            let role = DesiredRecord.role(1, contact: 7).found(by: "a@b.example")
            try await rig.want(.company(6), .opportunity(1), role)
            try await rig.settled()
            #expect(rig.marketo.book.all(.lead).count == 1)
            #expect(person(rig)?["externalCompanyId"] == .string("\(GUID.number(6))"))
            #expect(rig.roles(of: 1).count == 1)
        }
    }

    /// A company's fields cannot be written through a person, so its name is not sent along.
    @Test func aPersonOfACompanyThatMarketoNeedNotHaveIsMadeWithoutIt() async throws {
        try await ForwardingRig.run(making, options: .unlimited) { rig in
            try await know(7, account: 6, rig)
            try await rig.want(.opportunity(1), .role(1, contact: 7).found(by: "a@b.example"))
            try await rig.settled()
            #expect(person(rig)?["company"] == nil && person(rig)?["externalCompanyId"] == nil)
            #expect(rig.roles(of: 1).count == 1, "Marketo refuses a company's fields here (1021)")
        }
    }

    /// R11. Marketo cannot take a person out of a company.
    @Test(arguments: [true, false]) func aNewPersonIsNotPutIntoACompanyThatIsGone(isMerged: Bool) async throws {
        try await ForwardingRig.run(making, options: .unlimited) { rig in
            try await know(7, account: 6, rig) { account in
                let winner = Value.reference(entity: "account", id: .number(5))
                if !isMerged { account.markDeleted(atSecond: 2) }
                if isMerged { account.learn("masterid", StampedValue(winner, Stamp(second: 2, source: .target))) }
            }
            try await rig.want(.company(5), .company(6), .opportunity(1))
            try await rig.settled()
            try await rig.want(.role(1, contact: 7).found(by: "a@b.example"))
            try await rig.settled()
            let company: JSON? = isMerged ? .string("\(GUID.number(5))") : nil
            #expect(person(rig)?["lastName"] == .string("Byron"))
            #expect(person(rig)?["externalCompanyId"] == company)
        }
    }

    /// Nothing of the contact has arrived yet, and what arrives later is not sent to a person who is there.
    @Test func whoseContactIsNotKnownYetIsMadeOnceItIs() async throws {
        try await ForwardingRig.run(speed: 60, { $0.marketo.lead.create = true }, options: .unlimited) { rig in
            let role = DesiredRecord.role(1, contact: 7)
            try await rig.want(.opportunity(1), role)
            try await rig.until("waiting for its lead") { try await rig.item(role).waitingFor == .lead }
            #expect(rig.marketo.book.all(.lead).isEmpty)
            try await know(7, rig)
            try await rig.settled()
            let made = rig.marketo.book[.lead].records("externalPersonId", "\(GUID.number(7))")
            #expect(made.map { $0.values["lastName"] } == [.string("Byron")])
        }
    }

    @Test(arguments: [("EMEA", nil), (nil, "1009"), ("APAC", "1008")] as [(String?, String?)])
    func aNewPersonGoesToThePartitionThatIsNamed(partition: String?, code: String?) async throws {
        let settings: (inout Configuration) -> Void = { settings in
            making(&settings)
            settings.marketo.lead.partition = partition
        }
        try await ForwardingRig.run(speed: 20, settings, options: .unlimited) { rig in
            rig.marketo.set(partitions: ["EMEA", "Americas"])
            let role = DesiredRecord.role(1, contact: 7).found(by: "a@b.example")
            try await rig.want(.opportunity(1), role)
            try await rig.stage(role, is: code == nil ? .settled : .parked)
            #expect(try await rig.item(role).trouble?.code == code)
            #expect(rig.marketo.book.all(.lead).count == (code == nil ? 1 : 0))
        }
    }

    @Test(arguments: ["611", "1003"]) func peopleThatAreRefusedTogetherAreMadeApart(code: String) async throws {
        try await ForwardingRig.run(speed: 20, making, options: .unlimited) { rig in
            rig.marketo.add(Fault(.error(code: code), path: "leads", method: "POST"))
            let roles = (0..<4).map { DesiredRecord.role(1, contact: $0).found(by: "\($0)@b.example") }
            try await rig.want([.opportunity(1)] + roles)
            try await rig.settled()
            #expect(rig.marketo.book.all(.lead).count == 4)
            #expect(calls("POST", rig).map(\.records) == [4, 2, 2])
        }
    }

    /// Marketo may be working on it for a minute and a half, and a second call would create a second person.
    @Test(arguments: [Fault.Kind.cutAfter, .cutBefore, .garbage, .error(code: "502")])
    func whoMayHaveBeenMadeIsNotMadeAgainTooSoon(kind: Fault.Kind) async throws {
        try await ForwardingRig.run(speed: 100, making, options: .unlimited) { rig in
            rig.marketo.add(Fault(kind, path: "leads", method: "POST"))
            let roles = (1...2).map { DesiredRecord.role($0, contact: 7).found(by: "a@b.example") }
            try await rig.want([.opportunity(1), .opportunity(2)] + roles)
            try await rig.settled()
            #expect(rig.marketo.book.all(.lead).count == 1)
            let times = rig.calls("leads").map(\.began.milliseconds)
            #expect(times.count >= 3 && times[2] - times[1] >= 90_000, "\(times)")
        }
    }

    @Test func whoWasSurelyNotMadeIsTriedAgainAtOnce() async throws {
        try await ForwardingRig.run(making, options: .unlimited) { rig in
            rig.marketo.add(Fault(.error(code: "608"), path: "leads", method: "POST"))
            try await rig.want(.opportunity(1), .role(1, contact: 7).found(by: "a@b.example"))
            try await rig.settled()
            let times = calls("POST", rig).map(\.began.milliseconds)
            #expect(times.count == 2 && times[1] - times[0] < 60_000, "\(times)")
        }
    }

    /// Whoever goes on after a crash must know of it; this run waits for the answer.
    @Test func whoIsBeingMadeIsRememberedBeforeTheAnswer() async throws {
        try await ForwardingRig.run(making, options: .unlimited) { rig in
            rig.marketo.add(Fault(.none, path: "leads", method: "POST", delaySeconds: 100))
            try await rig.want(.opportunity(1), .opportunity(2))
            try await rig.settled()
            try await rig.want(.role(1, contact: 7).found(by: "a@b.example"))
            try await rig.until("on the way") { calls("POST", rig).count == 1 }
            let note = try #require(try await rig.store.leads(["a@b.example"])["a@b.example"])
            #expect(note.id == nil && note.misses == LeadSearch.missesWhenUnsure)
            try await rig.want(.role(2, contact: 7).found(by: "a@b.example"))
            try await rig.until("looked for again") { calls("GET", rig).count == 2 }
            rig.marketo.endDelays()
            try await rig.settled()
            #expect(rig.marketo.book.all(.lead).count == 1)
            #expect(rig.roles(of: 1).count == 1 && rig.roles(of: 2).count == 1)
            #expect(try await rig.store.leads(["a@b.example"])["a@b.example"]?.id != nil)
        }
    }

    /// Marketo does not tell them apart.
    @Test func contactsWhoseAddressDiffersInCaseAloneAreOnePerson() async throws {
        try await ForwardingRig.run(making, options: .unlimited) { rig in
            try await rig.want(.opportunity(1))
            try await rig.settled()
            let addresses = ["Ada@b.example", "ada@b.example", "ADA@b.example"]
            let roles = (0..<3).map { DesiredRecord.role(1, contact: $0).found(by: addresses[$0]) }
            rig.marketo.add(Fault(.none, path: "leads", method: "POST", delaySeconds: 100))
            try await rig.want(Array(roles.prefix(2)))
            try await rig.until("on the way") { calls("POST", rig).count == 1 }
            // By another delivery, at the same time.
            try await rig.want(roles[2])
            try await rig.until("looked for") { calls("GET", rig).count == 2 }
            rig.marketo.endDelays()
            try await rig.settled()
            #expect(calls("POST", rig).map(\.records) == [1])
            #expect(rig.marketo.book.all(.lead).count == 1 && rig.roles(of: 1).count == 1)
        }
    }

    /// It would not be found once it is made. And whoever waits for the turn to create people keeps nobody from calling.
    @Test(.timeLimit(.minutes(5))) func whoCannotBeAskedForIsNotMadeAndHoldsUpNobody() async throws {
        try await ForwardingRig.run(making, options: .unlimited) { rig in
            try await rig.want(.opportunity(1))
            try await rig.settled()
            rig.marketo.add(Fault(.error(code: "611"), path: "leads", method: "POST", delaySeconds: 100))
            let roles = (0..<2).map { DesiredRecord.role(1, contact: $0).found(by: "\($0)@b.example") }
            try await rig.want(roles)
            try await rig.until("on the way") { calls("POST", rig).count == 1 }
            let odd = DesiredRecord.role(1, contact: 7).found(by: "a@b.example,b@b.example")
            try await rig.want(odd)
            try await rig.until("claimed") { try await rig.item(odd).claim > 0 }
            rig.marketo.endDelays()
            for role in roles { try await rig.stage(role, is: .settled) }
            try await rig.until("waiting for its lead") { try await rig.item(odd).waitingFor == .lead }
            #expect(rig.marketo.book.all(.lead).count == 2)
        }
    }
}
