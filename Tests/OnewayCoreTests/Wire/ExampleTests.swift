import Foundation
import Testing

@testable import OnewayCore

/// Every file in `examples/notifications` is decoded as its README says.
@Suite struct ExampleTests {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("examples/notifications")
    static let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
        .filter { $0.hasSuffix(".json") }.sorted()

    static func body(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: folder.appendingPathComponent(name + (name.hasSuffix(".json") ? "" : ".json"))))
    }

    static func decoded(_ name: String) throws -> OnewayCore.DynamicsNotification {
        try OnewayCore.DynamicsNotification.decode(try body(name), selection: .everything)
    }

    static func facts(_ name: String) throws -> [MirrorRecord] {
        try decoded(name).facts(receivedAt: Timestamp(second: Wire.second + 86_400))
    }

    static func fact(_ name: String) throws -> MirrorRecord { try #require(try facts(name).first) }

    static let notActedOn: Set<String> = [
        "lead-updated.json", "opportunity-poison.json", "opportunity-created-before-operation.json",
    ]

    @Test(arguments: names) func eachIsReadOrSaysWhyNot(_ name: String) throws {
        guard name != "opportunity-poison.json" else { return }
        let notification = try Self.decoded(name)
        #expect(notification.changes.isEmpty == Self.notActedOn.contains(name))
        #expect(notification.envelope.operationId != nil && notification.envelope.stepId != nil)
    }

    @Test func eachHasItsLineInTheReadme() throws {
        let readme = try String(contentsOf: Self.folder.appendingPathComponent("README.md"), encoding: .utf8)
        #expect(Self.names.count > 20)
        for name in Self.names { #expect(readme.contains("](\(name))"), "\(name)") }
    }

    @Test func creationsContainTheCustomerInBothForms() throws {
        let contact = try Self.fact("opportunity-created-contact")
        #expect(contact["parentcontactid"] == contact["customerid"])
        #expect(contact["parentaccountid"] == .null)
        let account = try Self.fact("opportunity-created-account")
        #expect(account["parentaccountid"] == account["customerid"])
        #expect(account["parentcontactid"] == .null)
        let both = try Self.fact("opportunity-created-both")
        #expect(both["customerid"]?.reference?.entity == "account")
        #expect(both["parentcontactid"]?.reference?.entity == "contact")
        #expect(both["estimatedvalue"] == .money("922337203685477.5807"))
    }

    @Test func theOlderAmountLosesWhicheverComesFirst() throws {
        let order = ["opportunity-created-contact", "opportunity-amount-updated", "opportunity-amount-updated-late"]
        for names in [order, order.reversed()] {
            var record = try Self.fact(names[0])
            for name in names.dropFirst() { record.merge(try Self.fact(name)) }
            #expect(record["estimatedvalue"] == .money("52500.0000"))
            #expect(record["description"] == .text("Includes the old pier."))
        }
    }

    @Test func winTellsStateRevenueAndEnd() throws {
        let won = try Self.fact("opportunity-won")
        #expect(won["statecode"] == .choice(1) && won["statuscode"] == .choice(3))
        #expect(won["actualvalue"] == .money("118000.0000"))
        #expect(won["actualclosedate"] == .time(Timestamp(milliseconds: 1_773_014_400_000)))
        var other = try Self.fact("opportunity-won-updated")
        #expect(other["statecode"] == won["statecode"])
        other.merge(won)
        #expect(other["actualclosedate"] == won["actualclosedate"])
    }

    @Test func loseFindsItsOpportunityInTheClosingActivity() throws {
        let lost = try Self.fact("opportunity-lost")
        #expect(lost.key == (try Self.fact("opportunity-created-both")).key)
        #expect(lost["statecode"] == .choice(2) && lost["statuscode"] == nil)
    }

    @Test func textEncodedTwiceIsRepaired() throws {
        let notification = try Self.decoded("opportunity-encoded-twice")
        #expect(notification.isRepaired)
        let record = try Self.fact("opportunity-encoded-twice")
        #expect(record["name"] == .text("Größere Wärmepumpe für Łódź – 2 Stück à 9.900 €"))
        #expect(!(try Self.decoded("opportunity-created-contact").isRepaired))
    }

    @Test func deletionsAreFinal() throws {
        var record = try Self.fact("opportunity-deleted")
        #expect(record.isDeleted && record["name"] == .text("Entered by mistake"))
        record.merge(try Self.fact("opportunity-updated-after-delete"))
        #expect(record.isDeleted)
    }

    @Test func aDeletedConnectionNamesItsEnds() throws {
        let record = try Self.fact("connection-deleted")
        #expect(record.isDeleted && record["record1id"]?.reference?.entity == "opportunity")
        #expect(record["record2id"]?.reference?.entity == "contact")
        #expect(record.attributes["record1id"]?.stamp.source == .preImage)
    }

    @Test func theLoserOfAMergeNamesItsWinner() throws {
        let facts = try Self.facts("contact-merged")
        #expect(facts.count == 2)
        #expect(facts[1]["masterid"]?.reference?.id == facts[0].key.id)
        #expect(facts[0]["jobtitle"] == .text("Head of Works"))
    }

    @Test func oneNotificationMayContainSeveralRecords() throws {
        #expect(
            try Self.facts("opportunity-update-multiple").map { $0["stepname"] } == [
                .text("3-Propose"), .text("3-Propose"),
            ]
        )
    }

    @Test func imagesCompleteWithTheirRank() throws {
        let record = try Self.fact("opportunity-updated-with-image")
        #expect(record.attributes["closeprobability"]?.stamp.source == .target)
        #expect(record.attributes["customerid"]?.stamp.source == .postImage)
        #expect(record.attributes["customerid"]?.stamp.rowVersion == 5_948_260)
        #expect(record["parentaccountid"] == record["customerid"])
        #expect(record["name"] == .text("Bilge pumps"))
    }

    @Test func otherMessagesContainTheirColumns() throws {
        #expect(try Self.fact("opportunity-state-set")["statecode"] == .choice(2))
        #expect(try Self.fact("opportunity-assigned")["ownerid"]?.reference?.entity == "systemuser")
        #expect(try Self.fact("contact-created-without-account")["parentcustomerid"] == .null)
        #expect(try Self.fact("opportunity-customer-moved")["parentaccountid"] == .null)
        #expect(try Self.fact("connection-created-mirror-row")["record1id"]?.reference?.entity == "contact")
    }

    @Test func aLookupThatContradictsTheCustomerIsReportedAsIgnored() throws {
        let name = "opportunity-customer-contradicts-form"
        #expect(try Self.fact(name)["parentaccountid"] == .null)
        let says = Reason(rule: "R4", says: "parentaccountid contradicts customerid, which takes precedence")
        #expect(try Self.decoded(name).reasons.contains(says))
        #expect(try Self.decoded("opportunity-customer-moved").reasons.isEmpty)
        let emptied = try Self.fact("opportunity-customer-emptied")
        #expect(emptied["parentaccountid"] == .null && emptied["parentcontactid"] == .null)
    }

    @Test func aCutBodyAsksForItsRecord() throws {
        let notification = try Self.decoded("opportunity-cut")
        #expect(notification.isCut)
        #expect(notification.record == (try Self.fact("opportunity-created-both")).key)
        #expect(try Self.fact("opportunity-cut").attributes.isEmpty)
    }

    @Test func thePoisonSaysWhere() throws {
        let error = #expect(throws: NotificationError.self) { try Self.decoded("opportunity-poison") }
        #expect(error?.kind == .unusable)
        #expect(error?.pointer == "/InputParameters/0/value/Attributes/0/value/Id")
        #expect(error?.envelope?.primaryEntityId != nil)
    }

    @Test func whatIsOfNoInterestSaysWhy() throws {
        #expect(try Self.decoded("lead-updated").ignored?.says.contains("table") == true)
        let before = try Self.decoded("opportunity-created-before-operation")
        #expect(before.envelope.isBeforeOperation && before.ignored == nil)
        let within = try Self.decoded("opportunity-created-in-transaction")
        #expect(within.reasons.contains { $0.says.contains("rolled back") })
    }
}
