import Configuration
import OnewayCore
import Sandbox
import Store
import Testing

@testable import Coordination
@testable import Forwarding

/// A call that Marketo refuses as a whole: because of one of its records, of something that all have in common, or of
/// Marketo itself.
@Suite(.serialized) struct RefusalTests {
    private func posts(_ rig: ForwardingRig, _ path: String = "opportunities") -> [Int] {
        rig.calls(path).filter { $0.method == "POST" }.map(\.records)
    }

    @Test(arguments: ["605", "610", "612", "613", "616"]) func aCallThatIsItselfWrongIsNotBisected(code: String)
        async throws
    {
        try await ForwardingRig.run(options: .unlimited) { rig in
            rig.marketo.add(Fault(.error(code: code), path: "opportunities", method: "POST", times: nil))
            try await rig.want((0..<50).map { .opportunity($0) })
            try await rig.until("all parked") { try await rig.store.status().outbox(.parked) == 50 }
            #expect(posts(rig) == [50])
        }
    }

    /// A success for one record says nothing about the others: none of them was executed.
    @Test(arguments: ["1004", "1013"]) func aDeletionThatIsRefusedAsAWholeDeletedNothing(code: String) async throws {
        try await ForwardingRig.run(options: .unlimited) { rig in
            let all = (0..<8).map { DesiredRecord.opportunity($0) }
            try await rig.want(all)
            try await rig.settled()
            rig.marketo.add(Fault(.error(code: code), path: "opportunities/delete"))
            try await rig.want(all.map(\.gone))
            try await rig.settled()
            #expect(rig.marketo.book.all(.opportunity).isEmpty)
            #expect(posts(rig, "opportunities/delete") == [8, 4, 4])
        }
    }

    @Test func aFieldThatIsGoneIsLeftOutOfAllAtOnce() async throws {
        for isWhole in [true, false] {
            try await ForwardingRig.run(options: .unlimited) { rig in
                let more = JSON.Member("size__c", "XL")
                rig.marketo.add(Field("size__c", .string, length: 20), to: .opportunity)
                try await rig.want(.opportunity(0, more))
                try await rig.settled()
                // It has the usual fields again.
                rig.marketo.reset()
                if isWhole { rig.marketo.add(Fault(.error(code: "1006"), path: "opportunities", method: "POST")) }
                try await rig.want((1..<40).map { .opportunity($0, more) })
                try await rig.settled()
                #expect(posts(rig) == [39, 39, 39], "the first with an earlier token")
                #expect(rig.calls("opportunities/describe").count == 1)
                #expect(try await rig.item(.opportunity(5)).trouble?.code == "1006")
                #expect(rig.forwarding.fields.leftOut.map(\.names) == [["size__c"]])
            }
        }
    }

    @Test func anOwnerThatIsUnknownFailsFewCalls() async throws {
        try await ForwardingRig.run(options: .unlimited) { rig in
            let owner = JSON.Member("externalSalesPersonId", "nobody")
            try await rig.want((0..<64).map { .opportunity($0, owner) })
            try await rig.settled()
            #expect(rig.marketo.measured.codes["718"] == 7, "as many halvings as lead to one record")
            try await rig.want((64..<128).map { .opportunity($0, owner) })
            try await rig.settled()
            #expect(rig.marketo.measured.codes["718"] == 7, "by then Oneway knows that the owner is unknown")
            #expect(rig.marketo.book.all(.opportunity).count == 128)
            #expect(try await rig.item(.opportunity(100)).trouble?.code == "718")
            // Until an operator retries.
            _ = try await rig.store.retry(.key(DesiredRecord.opportunity(100).key), now: rig.time.now())
            rig.forwarding.retryNow()
            try await rig.until("tried with its owner") { rig.marketo.measured.codes["718"] == 8 }
            try await rig.settled()
        }
    }

    @Test func aFieldThatWasAddedIsSentAfterAnOperatorsWord() async throws {
        try await ForwardingRig.run(options: .unlimited) { rig in
            let desired = DesiredRecord.opportunity(1, .init("size__c", "XL"))
            try await rig.want(desired)
            try await rig.settled()
            #expect(try await rig.item(desired).trouble?.code == "1006")
            rig.marketo.add(Field("size__c", .string, length: 20), to: .opportunity)
            #expect(try await rig.store.retry(.key(desired.key), now: rig.time.now()) == 1)
            rig.forwarding.retryNow()
            try await rig.until("sent in full") {
                rig.held(.opportunity, "\(GUID.number(1))")?["size__c"] == "XL"
            }
            try await rig.settled()
            #expect(try await rig.item(desired).trouble == nil)
        }
    }

    @Test func aRecordTooLargeForACallIsParkedAndTheOthersGo() async throws {
        try await ForwardingRig.run(options: .unlimited) { rig in
            let large = String(repeating: "x", count: 1_100_000)
            try await rig.want(.opportunity(1), .opportunity(2, .init("description", .string(large))), .opportunity(3))
            try await rig.stage(.opportunity(2), is: .parked)
            #expect(try await rig.item(.opportunity(2)).trouble?.code == "413")
            try await rig.stage(.opportunity(1), is: .settled)
            try await rig.stage(.opportunity(3), is: .settled)
        }
    }

    @Test func listsThatNeverMatchAreTakenApartAndParkedInTheEnd() async throws {
        // Collected for longer than the difference between their pauses.
        try await ForwardingRig.run(
            speed: 2_000,
            { $0.marketo.flushAfterMilliseconds = 600_000 },
            options: .unlimited
        ) { rig in
            rig.marketo.add(Fault(.short(by: 1), path: "opportunities", method: "POST", times: nil))
            try await rig.want((0..<4).map { .opportunity($0) })
            try await rig.until("all parked") { try await rig.store.status().outbox(.parked) == 4 }
            #expect(try await rig.item(.opportunity(1)).trouble?.code == "mismatch")
            #expect(posts(rig).starts(with: [4, 4, 1, 1, 1, 1]))
            rig.marketo.clearFaults()
            _ = try await rig.store.retry(.all, now: rig.time.now())
            rig.forwarding.retryNow()
            try await rig.settled()
        }
    }

    /// Marketo answers everything with a code that a single bad record can cause as well.
    @Test func anHourOfSystemErrorsIsNoneOfTheRecordsFault() async throws {
        try await ForwardingRig.run(speed: 600, options: .unlimited) { rig in
            rig.marketo.add(Fault(.error(code: "611"), times: nil))
            try await rig.want((0..<300).map { .opportunity($0) })
            let end = rig.time.now().adding(seconds: 3_600)
            try await rig.until("an hour later") { rig.time.now() > end }
            let calls = rig.marketo.measured.calls.count { !$0.isToken && $0.began <= end }
            #expect((1...250).contains(calls), "\(calls) calls")
            #expect(try await rig.store.status().outbox(.parked) == 0)
            rig.marketo.clearFaults()
            rig.forwarding.retryNow()
            try await rig.settled()
        }
    }

    @Test func recordsDeletedInMarketoAreSentAgainWhenNeeded() async throws {
        try await ForwardingRig.run(speed: 20, options: .unlimited) { rig in
            try await rig.want(.company(5), .opportunity(1, company: 5))
            try await rig.settled()
            rig.marketo.reset()
            rig.marketo.seedLead(["externalPersonId": .string("\(GUID.number(9))")])
            try await rig.want(.role(1, contact: 9))
            try await rig.settled()
            #expect(rig.held(.company, "\(GUID.number(5))") != nil)
            #expect(rig.held(.opportunity, "\(GUID.number(1))") != nil)
            #expect(rig.roles(of: 1).count == 1)
        }
    }

    // MARK: Deletions

    @Test func rolesThatCannotBeAskedForHoldUpNoOther() async throws {
        try await ForwardingRig.run(speed: 200, options: .unlimited) { rig in
            try await rig.want((0..<4).map { .opportunity($0) })
            try await rig.settled()
            rig.marketo.add(Fault(.error(code: "9999"), path: "opportunities/roles", method: "GET", times: 3))
            try await rig.want((0..<4).map { DesiredRecord.opportunity($0).gone })
            try await rig.settled()
            #expect(rig.marketo.book.all(.opportunity).isEmpty)
            #expect(rig.calls("opportunities/roles").map(\.records) == [4, 2, 1, 1, 2, 1])
        }
    }

    @Test func rolesThatCanNeverBeAskedForParkTheDeletion() async throws {
        try await ForwardingRig.run(speed: 200, options: .unlimited) { rig in
            try await rig.want(.opportunity(1))
            try await rig.settled()
            rig.marketo.add(Fault(.error(code: "9999"), path: "opportunities/roles", method: "GET", times: nil))
            try await rig.want(.opportunity(1).gone)
            try await rig.stage(.opportunity(1), is: .parked)
            #expect(rig.calls("opportunities/roles").count == 5, "at growing intervals, and not for ever")
        }
    }

    @Test func noRoleIsMadeWhileItsOpportunityIsBeingDeleted() async throws {
        try await ForwardingRig.run(options: .unlimited) { rig in
            rig.marketo.seedLead(["externalPersonId": .string("\(GUID.number(9))")])
            try await rig.want(.opportunity(1))
            try await rig.settled()
            rig.marketo.add(Fault(.none, path: "opportunities/roles", method: "GET", delaySeconds: 1))
            try await rig.want(.opportunity(1).gone)
            try await rig.until("its roles are asked for") { !rig.calls("opportunities/roles").isEmpty }
            try await rig.want(.opportunity(1, name: "again"), .role(1, contact: 9))
            try await rig.settled()
            #expect(rig.marketo.history.all.map(\.status) == ["created", "deleted", "created", "created"])
            #expect(rig.marketo.measured.codes["1022"] == nil)
            #expect(rig.roles(of: 1).count == 1)
        }
    }
}
