import Configuration
import OnewayCore
import Store
import Testing

@testable import Coordination
@testable import Forwarding
@testable import Sandbox

/// Sales persons go before the opportunities that name them, and none keeps an opportunity from Marketo.
@Suite(.serialized) struct SalesPersonDeliveryTests {
    private static func id(_ number: Int) -> String { "\(GUID.number(number))" }

    private static func owned(_ opportunity: Int, by person: Int, name: String = "Pumps") -> DesiredRecord {
        .opportunity(opportunity, name: name, .init("externalSalesPersonId", .string(id(person))))
    }

    private func owner(_ opportunity: Int, _ rig: ForwardingRig) -> JSON? {
        rig.held(.opportunity, Self.id(opportunity))?["externalSalesPersonId"]
    }

    private static func badAddress(_ person: Int) -> Fault {
        Fault(.record(code: "1003", key: id(person), inErrors: false), path: "salespersons", method: "POST", times: nil)
    }

    @Test func theSalesPersonIsThereFirst() async throws {
        try await ForwardingRig.run(speed: 20, options: .unlimited) { rig in
            rig.marketo.add(Fault(.error(code: "606"), path: "salespersons", method: "POST"))
            try await rig.want(Self.owned(1, by: 7), .salesPerson(7))
            try await rig.settled()
            #expect(owner(1, rig) == .string(Self.id(7)) && rig.marketo.measured.codes["718"] == nil)
            #expect(rig.held(.salesPerson, Self.id(7))?["email"] == "zoe@example.com")
            #expect(try await rig.item(Self.owned(1, by: 7)).trouble == nil)
        }
    }

    @Test func aParkedOneIsDoneWithoutUntilItIsMended() async throws {
        try await ForwardingRig.run({ $0.marketo.salesPersons = true }, options: .unlimited) { rig in
            rig.marketo.add(Self.badAddress(7))
            try await rig.want(.salesPerson(7), Self.owned(1, by: 7), Self.owned(2, by: 8), .salesPerson(8))
            try await rig.stage(Self.owned(1, by: 7), is: .settled)
            try await rig.stage(Self.owned(2, by: 8), is: .settled)
            #expect(owner(1, rig) == nil && owner(2, rig) == .string(Self.id(8)))
            #expect(try await rig.item(Self.owned(1, by: 7)).trouble?.code == "718")
            #expect(try await rig.item(.salesPerson(7)).stage == .parked)
            #expect(rig.marketo.measured.codes["718"] == nil, "Marketo was not even asked")
            // The address was corrected in Dynamics.
            rig.marketo.clearFaults()
            try await rig.want(.salesPerson(7, email: "zoe@example.org"))
            try await rig.until("sent with its owner") { owner(1, rig) == .string(Self.id(7)) }
            try await rig.settled()
            #expect(try await rig.item(Self.owned(1, by: 7)).trouble == nil)
            #expect(rig.told(2).count == 1, "the other one is left alone")
        }
    }

    /// Only who looks after an opportunity is missing then.
    @Test func aRightThatIsMissingForThemAloneStopsNothing() async throws {
        try await ForwardingRig.run({ $0.marketo.salesPersons = true }, options: .unlimited) { rig in
            rig.marketo.add(Fault(.error(code: "603"), path: "salespersons", times: nil))
            try await rig.want(.salesPerson(7), Self.owned(1, by: 7))
            try await rig.stage(Self.owned(1, by: 7), is: .settled)
            #expect(owner(1, rig) == nil && rig.held(.opportunity, Self.id(1)) != nil)
            #expect(try await rig.item(.salesPerson(7)).trouble?.code == "603")
            rig.marketo.clearFaults()
            _ = try await rig.store.retry(.code("603"), now: rig.time.now())
            try await rig.until("sent with its owner") { owner(1, rig) == .string(Self.id(7)) }
        }
    }

    /// Its row stays, with nothing wanted, where sales persons were switched off before it was ever sent.
    @Test func oneThatIsWantedNoLongerHoldsUpNothing() async throws {
        try await ForwardingRig.run(options: .unlimited) { rig in
            _ = try await rig.setPaused(true)
            try await rig.want(.salesPerson(7))
            try await rig.want(.salesPerson(7).gone, Self.owned(1, by: 7))
            _ = try await rig.setPaused(false)
            try await rig.stage(Self.owned(1, by: 7), is: .settled)
            #expect(rig.held(.opportunity, Self.id(1)) != nil)
            try await rig.settled()
        }
    }

    /// The sales person is mended while a call without it is under way.
    @Test func whoIsMendedMeanwhileArrivesToo() async throws {
        try await ForwardingRig.run({ $0.marketo.salesPersons = true }, options: .unlimited) { rig in
            rig.marketo.add(Self.badAddress(7))
            try await rig.want(.salesPerson(7))
            try await rig.stage(.salesPerson(7), is: .parked)
            rig.marketo.clearFaults()
            rig.marketo.add(Fault(.none, path: "opportunities", method: "POST", delaySeconds: 100))
            try await rig.want(Self.owned(1, by: 7))
            try await rig.until("executed, not answered") { rig.held(.opportunity, Self.id(1)) != nil }
            #expect(owner(1, rig) == nil)
            try await rig.want(.salesPerson(7, email: "zoe@example.org"))
            try await rig.stage(.salesPerson(7), is: .settled)
            #expect(try await rig.item(Self.owned(1, by: 7)).isClaimed, "its answer is still to come")
            rig.marketo.endDelays()
            try await rig.until("sent with its owner") { owner(1, rig) == .string(Self.id(7)) }
            try await rig.settled()
        }
    }

    /// R12: an earlier owner does not stay when Marketo refuses the new one.
    @Test func anEarlierOwnerIsClearedMeanwhile() async throws {
        try await ForwardingRig.run({ $0.marketo.salesPersons = true }, options: .unlimited) { rig in
            try await rig.want(.salesPerson(7), Self.owned(1, by: 7))
            try await rig.settled()
            rig.marketo.add(Self.badAddress(8))
            try await rig.want(.salesPerson(8), Self.owned(1, by: 8))
            try await rig.stage(.salesPerson(8), is: .parked)
            try await rig.stage(Self.owned(1, by: 8), is: .settled)
            #expect(owner(1, rig) == nil || owner(1, rig) == .null)
        }
    }

    /// An update that is refused leaves the sales person as it was: its opportunities keep it.
    @Test func aParkedUpdateTakesNothingAway() async throws {
        try await ForwardingRig.run({ $0.marketo.salesPersons = true }, options: .unlimited) { rig in
            try await rig.want(.salesPerson(7))
            try await rig.settled()
            rig.marketo.add(Self.badAddress(7))
            try await rig.want(.salesPerson(7, email: "zoe@example.org"))
            try await rig.stage(.salesPerson(7), is: .parked)
            try await rig.want(Self.owned(1, by: 7))
            try await rig.stage(Self.owned(1, by: 7), is: .settled)
            #expect(owner(1, rig) == .string(Self.id(7)))
        }
    }

    /// 718: Marketo lost some of them. They are sent again, and all opportunities arrive with their owners, in few
    /// calls.
    @Test func whoIsGoneIsSentAgain() async throws {
        try await ForwardingRig.run({ $0.marketo.salesPersons = true }, options: .unlimited) { rig in
            try await rig.want((70..<74).map { .salesPerson($0) })
            try await rig.settled()
            rig.marketo.reset()
            try await rig.want([.salesPerson(75)])
            try await rig.settled()
            let desired = (0..<64).map { Self.owned($0, by: $0 < 32 ? 75 : 70 + $0 % 4) }
            try await rig.setPaused(true)
            try await rig.want(desired)
            try await rig.setPaused(false)
            try await rig.settled()
            for number in 0..<64 {
                #expect(owner(number, rig) == .string(Self.id(number < 32 ? 75 : 70 + number % 4)), "\(number)")
            }
            #expect(try await rig.store.outbox(OutboxFilter(code: "718"), after: nil, limit: 9).isEmpty)
            #expect(try #require(rig.marketo.measured.codes["718"]) <= 30, "seven halvings for each, at most")
        }
    }

    /// Marketo refuses the owner although it has just confirmed it: the opportunity is sent without it, and not for
    /// ever.
    @Test func whoIsRefusedAllTheSameIsLeftOut() async throws {
        try await ForwardingRig.run({ $0.marketo.salesPersons = true }, options: .unlimited) { rig in
            try await rig.want(.salesPerson(7))
            try await rig.settled()
            rig.marketo.add(Fault(.error(code: "718"), path: "opportunities", method: "POST", times: 2))
            try await rig.want(Self.owned(1, by: 7))
            try await rig.settled()
            #expect(try await rig.item(Self.owned(1, by: 7)).trouble?.code == "718")
            #expect(owner(1, rig) == nil && rig.marketo.measured.codes["718"] == 2)
            #expect(rig.calls("salespersons").count { $0.method == "POST" } == 2)
        }
    }
}

extension DesiredRecord {
    static func salesPerson(_ number: Int, email: String = "zoe@example.com") -> DesiredRecord {
        let record: JSON = [
            "externalSalesPersonId": .string("\(GUID.number(number))"), "firstName": "Zoë", "email": .string(email),
        ]
        return DesiredRecord(DeliveryKey(.salesPerson, "\(GUID.number(number))"), DesiredState(record.encoded))
    }
}
