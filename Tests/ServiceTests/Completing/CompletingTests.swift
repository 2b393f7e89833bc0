import DataverseClient
import OnewayCore
import Sandbox
import Store
import Testing

@testable import Applying
@testable import Completing
@testable import Coordination

/// Records that notifications left incomplete end up right, without an operator.
@Suite(.serialized) struct CompletingTests {
    private static let opportunity = Company.opportunity(1)

    /// An Update without an image: one column, of an opportunity that was never heard of.
    private static func bare(_ id: GUID = opportunity, second: Int64 = 1_700_000_000) -> Body {
        var body = Body(id: "\(id)", attributes: [("stepname", "\"old\"")])
        body.second = second
        return body
    }

    @Test func anUpdateOfAnUnknownOpportunityBringsAllThatItNeeds() async throws {
        try await CompletingRig.run { rig in
            try await rig.post(Self.bare())
            try await rig.completed()
            let row = try #require(rig.dataverse.row("opportunity", Self.opportunity))
            let wanted = try #require(try await rig.wanted(Self.opportunity))
            #expect(wanted["name"]?.string.map { ColumnValue.text($0) } == row["name"])
            #expect(wanted["stage"]?.string != "old", "the row is newer than the notification")
            let record = try #require(try await rig.record(.opportunity, Self.opportunity))
            #expect(record["customerid"] != nil && record["createdon"] != nil)
            let questions = try await rig.store.questions([record.key])
            #expect(questions.first?.answer?.hasPrefix("read as modified") == true && questions.first?.isOpen == false)
            #expect(rig.completer.condition == .ok)
        }
    }

    /// R4: the account of a customer who is a contact, and its name, are not in the opportunity's row.
    @Test func whoItNamesIsReadToo() async throws {
        try await CompletingRig.run { rig in
            for number in 1...9 { try await rig.post(Self.bare(Company.opportunity(number))) }
            try await rig.completed()
            var contacts = 0
            for number in 1...9 {
                let record = try #require(try await rig.record(.opportunity, Company.opportunity(number)))
                guard let (entity, id) = record["customerid"]?.reference, let kind = Entity(rawValue: entity) else {
                    continue
                }
                let customer = try #require(try await rig.record(kind, id), "\(kind) of opportunity \(number)")
                if kind == .account { #expect(customer["name"] != nil) }
                guard kind == .contact else { continue }
                contacts += 1
                guard let (_, account) = customer["parentcustomerid"]?.reference else { continue }
                #expect(try await rig.record(.account, account)?["name"] != nil)
            }
            #expect(contacts > 0)
        }
    }

    @Test func aCutNotificationIsCompleted() async throws {
        try await CompletingRig.run { rig in
            var cut = Self.bare()
            cut.isCut = true
            try await rig.post(cut)
            try await rig.completed()
            #expect(try await rig.wanted(Self.opportunity)?["name"]?.string != nil)
            #expect(try await rig.record(.opportunity, Self.opportunity)?.columnsBehindCut == [])
        }
    }

    /// R7: only Dynamics knows which of two values of one second is the newest.
    @Test func aTieInOneSecondIsSettled() async throws {
        try await CompletingRig.run { rig in
            try await rig.post(Self.bare())
            try await rig.completed()
            let modified = try #require(
                try await rig.record(.opportunity, Self.opportunity)?.attributes["name"]?.stamp.second
            )
            // Before it is asked for, which follows by itself.
            try await rig.dataverse.update("opportunity", Self.opportunity, ["name": .text("the winner")])
            for name in ["\"a\"", "\"b\""] {
                var body = Body(id: "\(Self.opportunity)", attributes: [("name", name)])
                body.second = modified + 100
                try await rig.post(body)
            }
            try await rig.completed()
            #expect(try await rig.wanted(Self.opportunity)?["name"]?.string == "the winner")
        }
    }

    /// R7: a synchronous step tells what may yet be rolled back: it counts until a read, after the longest transaction.
    @Test func whatATransactionRolledBackDoesNotStay() async throws {
        try await CompletingRig.run { rig in
            try await rig.post(Self.bare())
            try await rig.completed()
            let before = try await rig.wanted(Self.opportunity)?["name"]?.string
            let neverSaved = GUID(high: 7, low: 7)
            var (update, create) = (Self.bare(), Self.bare(neverSaved))
            create.message = "Create"
            (update.isInTransaction, create.isInTransaction) = (true, true)
            (update.second, create.second) = (TimeSource.systemNow().second, TimeSource.systemNow().second)
            update.attributes = [("name", "\"never saved\"")]
            create.attributes = [("name", "\"never saved\"")]
            try await rig.post(update, create)
            try await rig.until("applied") { try await rig.store.status().unapplied == 0 }
            #expect(try await rig.wanted(Self.opportunity)?["name"]?.string == "never saved")
            // Of the new one createdon is not known, so that it is looked for at once.
            let key = RecordKey(.opportunity, neverSaved)
            try await rig.until("asked") { try await rig.store.questions([key]).first?.answer != nil }
            let questions = try await rig.store.openQuestions(of: .opportunity, limit: 9)
            #expect(Set(questions.map(\.reason)) == [.tentative, .incomplete])
            #expect(questions.contains { $0.answer == "Dynamics does not have it yet" })
            #expect(try await rig.record(.opportunity, neverSaved)?.isDeleted == false)
            rig.goForward(milliseconds: 921_000)
            try await rig.completed()
            #expect(try await rig.wanted(Self.opportunity)?["name"]?.string == before && before != nil)
            #expect(try await rig.record(.opportunity, neverSaved)?.isDeleted == true)
            // A change that is committed a moment later still counts.
            try await rig.dataverse.update("opportunity", Self.opportunity, ["name": .text("saved at last")])
            var saved = Self.bare(second: TimeSource.systemNow().second + 921)
            saved.attributes = [("name", "\"saved at last\"")]
            try await rig.post(saved)
            try await rig.completed()
            #expect(try await rig.wanted(Self.opportunity)?["name"]?.string == "saved at last")
        }
    }

    /// It may be created in a transaction that is not committed yet: nothing is known of it but its id.
    @Test(arguments: [false, true]) func whoeverIsNamedAndNotThereIsLookedForOnceMore(isAway: Bool) async throws {
        try await CompletingRig.run { rig in
            let contact = GUID(high: 7, low: 8)
            // An answer that says nothing is not the first of the two.
            if isAway { rig.dataverse.add(DataverseFault(.status(503), path: "contacts")) }
            var body = Self.bare(second: TimeSource.systemNow().second)
            body.attributes.append(("customerid", Body.reference("contact", "\(contact)")))
            try await rig.post(body)
            let key = RecordKey(.contact, contact)
            try await rig.until("asked") { try await rig.store.questions([key]).first?.answer != nil }
            if isAway {
                #expect(try await rig.store.questions([key]).first?.answer != "Dynamics does not have it yet")
                rig.goForward(milliseconds: 10_000)
            }
            try await rig.until("not there") {
                try await rig.store.questions([key]).first?.answer == "Dynamics does not have it yet"
            }
            #expect(try await rig.record(.contact, contact)?.isDeleted != true)
            rig.goForward(milliseconds: 921_000)
            try await rig.completed()
            #expect(try await rig.record(.contact, contact)?.isDeleted == true)
        }
    }

    @Test func aRecordThatDynamicsDoesNotHaveIsDeleted() async throws {
        try await CompletingRig.run { rig in
            let gone = GUID(high: 7, low: 7)
            try await rig.post(Self.bare(gone))
            try await rig.completed()
            let record = try #require(try await rig.record(.opportunity, gone))
            #expect(record.isDeleted)
            #expect(try await rig.store.questions([record.key]).first?.answer?.contains("does not have it") == true)
            #expect(try await rig.wanted(gone) == nil)
        }
    }

    /// R11: a deletion is final, unless a read finds the record after it.
    @Test func aRestoredRecordComesBack() async throws {
        try await CompletingRig.run { rig in
            var deleted = Body(message: "Delete", id: "\(Self.opportunity)")
            deleted.second = TimeSource.systemNow().second - 100
            try await rig.post(deleted)
            try await rig.completed()
            #expect(try await rig.record(.opportunity, Self.opportunity)?.isDeleted == true)
            #expect(rig.reads == 0, "nobody asks for what is deleted")
            try await rig.post(Self.bare(second: TimeSource.systemNow().second - 50))
            try await rig.until("asked") {
                try await !rig.store.openQuestions(of: .opportunity, limit: 1).isEmpty || rig.reads > 0
            }
            try await rig.completed()
            #expect(try await rig.record(.opportunity, Self.opportunity)?.isDeleted == false)
            #expect(try await rig.wanted(Self.opportunity) != nil)
        }
    }

    /// R2: the third door.
    @Test func whatMarketosUserCreatedIsRefusedHoweverItIsFound() async throws {
        try await CompletingRig.run { rig in
            let id = try await rig.dataverse.create(
                "opportunity",
                ["name": .text("from Marketo")],
                .init(user: Company.marketoUser)
            )
            try await rig.post(Self.bare(id))
            try await rig.completed()
            #expect(try await rig.record(.opportunity, id)?.isRefused == true)
            #expect(try await rig.wanted(id) == nil)
        }
    }

    /// R10: one that is older than the registration, of which a notification told neither ends nor role.
    @Test func aConnectionWithoutItsEndsIsCompletedWithTheNameOfItsRole() async throws {
        try await CompletingRig.run(readsRoleNames: true) { rig in
            let contact = Company.contact(9)
            let connection = try await rig.dataverse.connect(Self.opportunity, contact, role: Company.championRole)
            let name = try #require(rig.dataverse.row("connectionrole", Company.championRole)?["name"])
            var body = Body(entity: "connection", id: "\(connection)", attributes: [("statecode", Body.option(0))])
            body.second = TimeSource.systemNow().second - 100
            try await rig.post(body)
            try await rig.completed()
            let record = try #require(try await rig.record(.connection, connection))
            #expect(record["record1id"]?.reference?.id == Self.opportunity)
            #expect(record["record2id"]?.reference?.id == contact)
            let items = try await rig.store.outbox(of: [Self.opportunity])[Self.opportunity] ?? []
            let role = try #require(items.compactMap(\.key.role).first { $0.contact == contact })
            #expect(ColumnValue.text(role.name) == name)
        }
    }

    /// Dynamics may tell the state before the values, or never.
    @Test func theValuesOfAClosingAreRead() async throws {
        try await CompletingRig.run { rig in
            try await rig.post(Self.bare())
            try await rig.completed()
            #expect(try await rig.wanted(Self.opportunity)?["isClosed"]?.bool == false)
            try await rig.dataverse.close(Self.opportunity, won: true, actualValue: "4242.5")
            var body = Body(id: "\(Self.opportunity)", attributes: [("statecode", Body.option(1))])
            body.second = TimeSource.systemNow().second
            try await rig.post(body)
            try await rig.until("asked") {
                try await rig.store.questions([RecordKey(.opportunity, Self.opportunity)]).first?.reason == .closed
            }
            try await rig.completed()
            let wanted = try #require(try await rig.wanted(Self.opportunity))
            #expect(wanted["isWon"]?.bool == true && wanted["amount"]?.number == "4242.5")
        }
    }

    @Test func aThousandRecordsCostFewRequests() async throws {
        try await CompletingRig.run { rig in
            rig.dataverse.grow(opportunities: 1_000)
            let known = rig.dataverse.ids("opportunity").prefix(1_000)
            for id in known { try await rig.post(Self.bare(id)) }
            try await rig.completed()
            #expect(rig.reads <= 60, "\(rig.reads) requests")
            var named = 0
            for id in known where try await rig.wanted(id)?["name"]?.string != nil { named += 1 }
            #expect(named == known.count)
        }
    }

    /// Without a privilege on one table the others go on, and nothing is hammered.
    @Test func aMissingPrivilegeHoldsUpItsTableAlone() async throws {
        try await CompletingRig.run { rig in
            rig.dataverse.set(missingPrivileges: ["prvReadAccount"])
            let began = ContinuousClock.now
            try await rig.post(Self.bare(Company.opportunity(1)), Self.bare(Company.opportunity(2)))
            try await rig.until("read") { try await rig.wanted(Company.opportunity(1))?["name"]?.string != nil }
            try await rig.until("refused") { rig.completer.condition.isMissingPrivilege }
            // The answer is stored after it is known.
            try await rig.until("answered") {
                let open = try await rig.store.openQuestions(of: .account, limit: 9)
                return !open.isEmpty && open.allSatisfy { $0.answer?.contains("account") == true }
            }
            let calls = rig.reads
            try await rig.post(Self.bare(Company.opportunity(3)))
            try await rig.until("read too") { try await rig.wanted(Company.opportunity(3))?["name"]?.string != nil }
            #expect(rig.completer.condition.isMissingPrivilege, "an answer about another table does not hide it")
            // Pauses begin at five seconds.
            let pauses = Int((ContinuousClock.now - began).components.seconds) / 5
            #expect(rig.reads <= calls + 3 + pauses, "the table that may not be read is not asked again at once")
            rig.dataverse.set(missingPrivileges: [])
            rig.completer.retryNow()
            try await rig.completed()
            #expect(rig.completer.condition == .ok)
        }
    }

    /// A list leaves such a row out, just like one that is gone: taking it for deleted would delete it in Marketo.
    @Test func aRecordThatThisUserMayNotReadIsNotDeleted() async throws {
        try await CompletingRig.run { rig in
            rig.dataverse.set(hidden: [Self.opportunity])
            try await rig.post(Self.bare(), Self.bare(Company.opportunity(2)))
            try await rig.until("read") { try await rig.wanted(Company.opportunity(2))?["name"]?.string != nil }
            let key = RecordKey(.opportunity, Self.opportunity)
            try await rig.until("answered") { try await rig.store.questions([key]).first?.answer != nil }
            let question = try #require(try await rig.store.questions([key]).first)
            #expect(question.answer?.contains("Read on opportunity at organisation level") == true && question.isOpen)
            #expect(try await rig.record(.opportunity, Self.opportunity)?.isDeleted == false)
            #expect(rig.count(#"oneway_dynamics_reads_total{outcome="hidden"}"#) == 1)
            rig.dataverse.set(hidden: [])
            try await rig.store.ask([key: .refresh], now: TimeSource.systemNow())
            try await rig.completed()
            #expect(try await rig.wanted(Self.opportunity)?["name"]?.string != nil)
        }
    }

    @Test func badCredentialsAreSaidAndNotHammered() async throws {
        try await CompletingRig.run(secret: "expired") { rig in
            let began = ContinuousClock.now
            try await rig.post(Self.bare())
            try await rig.until("refused") { rig.completer.condition.isUnauthorized }
            try await rig.until("applied all the same") { try await rig.store.status().unapplied == 0 }
            #expect(rig.dataverse.measured.total == 0)
            // Pauses begin at five seconds.
            let asked = rig.dataverse.measured.tokenRequests
            #expect(asked <= 1 + Int((ContinuousClock.now - began).components.seconds) / 5)
            // The answer is stored after it is known.
            try await rig.until("answered") {
                try await rig.store.openQuestions(of: .opportunity, limit: 9).first?.answer != nil
            }
            rig.completer.retryNow()
            try await rig.until("tried at once") { rig.dataverse.measured.tokenRequests > asked }
        }
    }

    @Test func anOutageEndsByItself() async throws {
        try await CompletingRig.run { rig in
            // Twice: a request on a kept connection that was cut is repeated at once.
            rig.dataverse.add(DataverseFault(.cutBefore, times: 2))
            try await rig.post(Self.bare())
            try await rig.completed()
            #expect(rig.count(#"oneway_dynamics_requests_total{result="unavailable"}"#) == 1)
            #expect(rig.count(#"oneway_dynamics_reads_total{outcome="failed"}"#) == 1)
            #expect(try await rig.wanted(Self.opportunity)?["name"]?.string != nil)
        }
    }
}

extension Completer.Condition {
    fileprivate var isMissingPrivilege: Bool {
        guard case .failing(let failure) = self, case .missingPrivilege = failure else { return false }
        return true
    }

    fileprivate var isUnauthorized: Bool {
        guard case .failing(let failure) = self, case .unauthorized = failure else { return false }
        return true
    }
}
