import Foundation
import OnewayCore
import Telemetry
import TestSupport
import Testing
import Threads

@testable import Applying
@testable import Intake
@testable import Reading
@testable import Store

@Suite struct ApplierTests {
    static let policy = Policy(
        selection: Selection(RuleBook(RuleSettings()).columns),
        organizations: [],
        marketoUsers: [],
        jsonDepthMax: 64
    )

    let store = MemoryStore()

    func applier(_ store: any Store, policy: Policy = Self.policy, rules: Projecting? = nil) -> Applier {
        let projector = Projector(store: store, book: RuleBook(RuleSettings()))
        return Applier(
            store: store.leader,
            policy: policy,
            rules: rules ?? projector.add,
            rest: projector.followUp,
            now: { Timestamp(milliseconds: 1_772_500_000_000) },
            log: Log(level: .error, format: .json, sink: { _ in })
        )
    }

    func append(
        _ body: [UInt8],
        _ outcome: Outcome = .accepted,
        to store: any Store
    ) async throws -> InboxID {
        let identity = NotificationIdentity(body: body, envelope: try? Envelope.peek(body)).bytes
        let entry = InboxEntry(identity: identity, InboxLabels(outcome), body: body)
        switch try await store.append(entry, now: Timestamp(milliseconds: 1_772_500_000_000)) {
        case .stored(let id), .duplicate(let id, _): return id
        }
    }

    @Test func factsArriveInTheMirrorWithTheirReferences() async throws {
        let contact = "33330000-0000-0000-0000-000000000003"
        let body = Body(attributes: [("name", "\"Coast\""), ("customerid", Body.reference("contact", contact))])
        _ = try await append(body.bytes, to: store)
        #expect(try await applier(store).applyNext())
        let key = RecordKey(.opportunity, try #require(GUID(body.id)))
        #expect(try await store.records([key])[key]?["name"] == .text("Coast"))
        let contactKey = RecordKey(.contact, try #require(GUID(contact)))
        let referrers = try await store.referrers(to: contactKey, from: .opportunity, after: nil, limit: 9)
        #expect(referrers == [key.id])
        #expect(try await store.status().unapplied == 0)
        #expect(try await applier(store).applyNext() == false)
    }

    /// No step is computed twice because of other changes to the mirror.
    @Test func anImportDoesNotMakeStepsBeComputedAgain() async throws {
        let projector = Projector(store: store, book: RuleBook(RuleSettings()))
        let (computed, applied) = (Locked(0), Locked(0))
        let applier = Applier(
            store: store.leader,
            policy: Self.policy,
            rules: { changes, lane, application throws(StoreError) in
                // Imports go in the slow lane, through the same writer.
                if lane == .live { computed.withLock { $0 += 1 } }
                // A change that is let in between is applied now.
                for _ in 0..<1_000 { await Task.yield() }
                try await projector.add(changes, lane, &application)
            },
            rest: projector.followUp,
            applied: { _ in applied.withLock { $0 += 1 } },
            now: { ProjectorTests.now },
            log: Log(level: .error, format: .json, sink: { _ in })
        )
        for number in 1...100 { _ = try await append(ProjectorTests.opportunity(number).bytes, to: store) }
        let importer = Importer(
            store: store,
            projector: projector,
            statements: Statements { applier.writer },
            now: { ProjectorTests.now }
        )
        let lines = (1...1_000).map { #"{"account": "\#(GUID.number($0))", "name": "x"}"# }.joined(separator: "\n")
        async let imported = importer.take(Array(lines.utf8))
        while try await applier.applyNext() {}
        _ = try await imported
        #expect(applied.withLock { $0 } >= 2)
        #expect(computed.withLock { $0 } == applied.withLock { $0 })
    }

    @Test func oneThatCannotBeReadIsSetAsideAndTheNextGoesOn() async throws {
        let broken = try await append(Array("{\"MessageName\":\"Upd".utf8), to: store)
        let unusable = try await append(Array("{\"MessageName\":7}".utf8), to: store)
        let good = try await append(Body(attributes: [("name", "\"x\"")]).bytes, to: store)
        #expect(try await applier(store).applyNext())
        #expect(try await store.inboxItem(broken)?.outcome == .quarantined)
        #expect(try await store.inboxItem(broken)?.code == "malformed")
        #expect(try await store.inboxItem(unusable)?.code == "unusable")
        #expect(try await store.inboxItem(unusable)?.reasons.isEmpty == false)
        #expect(try await store.inboxItem(good)?.outcome == .accepted)
        #expect(try await store.records(of: .opportunity, after: nil, limit: 9).count == 1)
    }

    @Test func oneWhoseRecordCannotBeStoredIsSetAsideAlone() async throws {
        var ids: [InboxID] = []
        for number in 1...5 {
            let body = Body(id: "11110000-0000-0000-0000-00000000000\(number)", attributes: [("name", "\"x\"")])
            ids.append(try await append(body.bytes, to: store))
        }
        let poison = GUID(high: 0x1111_0000_0000_0000, low: 3)
        let projector = Projector(store: store, book: RuleBook(RuleSettings()))
        let rules: Projecting = { changes, lane, application throws(StoreError) in
            if changes.contains(where: { $0.after.key.id == poison }) { throw StoreError(.corrupt, "planned") }
            try await projector.add(changes, lane, &application)
        }
        #expect(try await applier(store, rules: rules).applyNext())
        #expect(try await store.status().unapplied == 0)
        let aside = try await store.inbox(InboxFilter(outcome: .quarantined), before: nil, limit: 9)
        #expect(aside.map(\.id) == [ids[2]])
        #expect(aside.first?.reasons.first?.says == "it cannot be applied: corrupt: planned")
        #expect(try await store.records(of: .opportunity, after: nil, limit: 9).count == 4)
    }

    @Test func aRefusedCreationIsAFactAboutItsOpportunity() async throws {
        let body = Body(message: "Create", attributes: [("name", "\"x\"")])
        _ = try await append(body.bytes, .refused, to: store)
        #expect(try await applier(store).applyNext())
        let record = try #require(try await store.records(of: .opportunity, after: nil, limit: 9).first)
        #expect(record.isRefused)
        #expect(record["name"] == .text("x"))
        #expect(record.refusal == Refusal(second: 1_772_442_000, user: try #require(GUID(body.user))))
    }

    @Test func severalRefusedAtOnceAreAllRefused() async throws {
        let target = { (id: String) in
            #"{"Attributes":[{"key":"name","value":"x"}],"Id":"\#(id)","LogicalName":"opportunity"}"#
        }
        let ids = (1...2).map { "11110000-0000-0000-0000-00000000000\($0)" }
        let text = """
            {"InitiatingUserId":"\(Body().user)","InputParameters":[{"key":"Targets","value":{"Entities":\
            [\(ids.map(target).joined(separator: ","))],"EntityName":"opportunity"}}],"MessageName":"CreateMultiple",\
            "Mode":1,"OperationCreatedOn":"\\/Date(1772442000000+0000)\\/","PrimaryEntityName":"opportunity"}
            """
        let policy = try Self.refusingPolicy()
        guard case .refused(let refused) = policy.read(Array(text.utf8), host: nil) else {
            Issue.record("not refused")
            return
        }
        _ = try await append(Array(text.utf8), try #require(refused.fact).outcome, to: store)
        #expect(try await applier(store).applyNext())
        let records = try await store.records(of: .opportunity, after: nil, limit: 9)
        #expect(records.map { "\($0.key.id)" } == ids)
        #expect(records.filter(\.isRefused).count == 2)
    }

    /// Whatever the sender of `Body` creates was not created in Dynamics.
    private static func refusingPolicy() throws -> Policy {
        Policy(
            selection: Selection(RuleBook(RuleSettings()).columns),
            organizations: [],
            marketoUsers: [try #require(GUID(Body().user))],
            jsonDepthMax: 64
        )
    }

    /// R2: the envelope decides, even if the content is missing, or is that of a plug-in's own call. Earlier versions set it
    /// aside.
    @Test(arguments: [true, false], [Outcome.refused, .quarantined])
    func r2ARefusalDoesNotNeedAReadableContent(hasContent: Bool, stored: Outcome) async throws {
        let id = Body().id
        let customer = #"{"key":"customerid","value":"33330000-0000-0000-0000-000000000003"}"#
        let target = #"{"Attributes":[\#(customer)],"Id":"\#(id)","LogicalName":"opportunity"}"#
        let content = hasContent ? #""InputParameters":[{"key":"Target","value":\#(target)}],"# : ""
        let text = """
            {"InitiatingUserId":"\(Body().user)",\(content)"MessageName":"Create","Mode":1,\
            "OperationCreatedOn":"\\/Date(1772442000000+0000)\\/","PrimaryEntityId":"\(id)",\
            "PrimaryEntityName":"opportunity"}
            """
        let policy = try Self.refusingPolicy()
        #expect(throws: NotificationError.self) { try policy.decode(Array(text.utf8)) }
        let row = try await append(Array(text.utf8), stored, to: store)
        let applier = applier(store, policy: policy)
        if stored == .quarantined { _ = try await store.replay([row], now: Timestamp(milliseconds: 1)) }
        #expect(try await applier.applyNext())
        #expect(try await store.inboxItem(row)?.outcome == .refused)
        let key = RecordKey(.opportunity, try #require(GUID(id)))
        let refusal = Refusal(second: 1_772_442_000, user: try #require(GUID(Body().user)))
        #expect(try await store.records([key])[key]?.refusal == refusal)
        let update = Body(attributes: [("name", "\"x\""), ("customerid", "null")], second: 1_772_442_060)
        _ = try await append(update.bytes, to: store)
        while try await applier.applyNext() {}
        #expect(try await store.records([key])[key]?["name"] == .text("x"))
        let outbox = try await store.outbox(OutboxFilter(), after: nil, limit: 9)
        #expect(outbox.allSatisfy { $0.state.desired == nil })
    }

    @Test func whatWasInQuarantineIsReadAgainWhenReplayed() async throws {
        let id = try await append(Body(attributes: [("name", "\"x\"")]).bytes, .quarantined, to: store)
        #expect(try await applier(store).applyNext() == false)
        _ = try await store.replay([id], now: Timestamp(milliseconds: 1))
        #expect(try await applier(store).applyNext())
        let item = try #require(try await store.inboxItem(id))
        #expect((item.outcome, item.message, item.code) == (.accepted, "Update", nil))
        #expect(item.opportunity == GUID(Body().id))
        #expect(try await store.records(of: .opportunity, after: nil, limit: 9).count == 1)
    }

    @Test func whatTheRulesWantIsInTheOutboxWithTheMirror() async throws {
        let key = DeliveryKey(.opportunity, "x")
        let rules: Projecting = { changes, _, application in
            application.desired = [DesiredRecord(key, opportunity: changes.first?.after.key.id, DesiredState([1]))]
        }
        _ = try await append(Body(attributes: [("name", "\"x\"")]).bytes, to: store)
        #expect(try await applier(store, rules: rules).applyNext())
        #expect(try await store.outboxItem(key)?.state.desired == [1])
    }

    @Test func anAppendWakesIt() async throws {
        let (told, learn) = AsyncStream<Void>.makeStream()
        let applier = applier(store) { _, _, _ in learn.yield() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await applier.run() }
            var applied = told.makeAsyncIterator()
            for number in 1...3 {
                _ = try await append(Body(id: "11110000-0000-0000-0000-00000000000\(number)").bytes, to: store)
                await applied.next()
            }
            await applier.stop()
            try await group.waitForAll()
        }
        #expect(try await store.status().unapplied == 0)
    }

    /// R7: any order, any repetition, and any division into batches gives the same mirror.
    @Test(arguments: UInt64(0)..<100)
    func theOrderOfArrivalNeverShows(seed: UInt64) async throws {
        var random = Seeded(seed)
        let bodies = (0..<24).map { Body.random(number: $0, using: &random) }
        var mirrors: [[MirrorRecord]] = []
        for round in 0..<3 {
            let store = MemoryStore()
            let order = round == 0 ? bodies : (bodies + bodies.prefix(8)).shuffled(using: &random)
            try await deliver(order, to: store, using: &random)
            mirrors.append(try await mirror(of: store))
        }
        #expect(mirrors[0] == mirrors[1], "seed \(seed)")
        #expect(mirrors[0] == mirrors[2], "seed \(seed)")
    }

    @Test(arguments: UInt64(1_000)..<1_006)
    func theOrderOfArrivalNeverShowsInAFile(seed: UInt64) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("applier-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var random = Seeded(seed)
        let bodies = (0..<40).map { Body.random(number: $0, using: &random) }
        var mirrors: [[MirrorRecord]] = []
        for round in 0..<2 {
            let store = try SQLiteStore(path: folder.appendingPathComponent("\(round).db").path)
            try await deliver(round == 0 ? bodies : bodies.shuffled(using: &random), to: store, using: &random)
            mirrors.append(try await mirror(of: store))
            #expect(try await store.problems() == [])
            await store.close()
        }
        #expect(mirrors[0] == mirrors[1], "seed \(seed)")
    }

    private func deliver(_ bodies: [Body], to store: any Store, using random: inout Seeded) async throws {
        let applier = applier(store)
        var ids: [InboxID] = []
        for body in bodies {
            let isRefused = body.message == "Create" && body.entity == "opportunity"
            ids.append(try await append(body.bytes, isRefused ? .refused : .accepted, to: store))
            if Int.random(in: 0..<5, using: &random) == 0 { _ = try await applier.applyNext() }
            if Int.random(in: 0..<9, using: &random) == 0, let again = ids.randomElement(using: &random) {
                _ = try await store.replay([again], now: Timestamp(milliseconds: 5))
            }
        }
        while try await applier.applyNext() {}
    }

    private func mirror(of store: any Store) async throws -> [MirrorRecord] {
        var records: [MirrorRecord] = []
        for entity in Entity.allCases { records += try await store.records(of: entity, after: nil, limit: 999) }
        return records
    }
}

extension Body {
    static func random(number: Int, using random: inout Seeded) -> Body {
        func any(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &random) }
        let (opportunity, account) = ("11110000-0000-0000-0000-00000000000", "22220000-0000-0000-0000-00000000000")
        var body = Body(message: any(9) == 0 ? "Delete" : any(6) == 0 ? "Create" : "Update")
        body.operation = "b0c10002-8a17-f011-9989-\(String(100_000_000_000 + number))"
        // Few seconds, so that many notifications have the same one.
        body.second += Int64(any(4))
        if any(2) == 0 { body.rowVersion = UInt64(100 + any(5)) }
        let (contact, user) = ("33330000-0000-0000-0000-00000000000", "55550000-0000-0000-0000-00000000000")
        if any(4) == 0 {
            (body.entity, body.id) = ("contact", contact + "\(any(2))")
            body.attributes = [
                ("parentcustomerid", any(3) == 0 ? "null" : Body.reference("account", account + "\(any(3))"))
            ]
            if any(5) == 0 { body.attributes.append(("masterid", Body.reference("contact", contact + "\(any(2))"))) }
        } else if any(5) == 0 {
            (body.entity, body.id) = ("account", account + "\(any(3))")
            body.attributes = [("name", "\"company \(any(3))\"")]
            if any(5) == 0 { body.attributes.append(("masterid", Body.reference("account", account + "\(any(3))"))) }
        } else if any(6) == 0 {
            (body.entity, body.id) = ("connection", "44440000-0000-0000-0000-00000000000\(any(2))")
            body.attributes = [
                ("record1id", Body.reference("opportunity", opportunity + "\(any(3))")),
                ("record2id", Body.reference("contact", contact + "\(any(2))")),
            ]
        } else {
            body.id = opportunity + "\(any(3))"
            let contact = contact + "\(any(2))"
            let all: [(String, String)] = [
                ("name", "\"name \(any(3))\""), ("statecode", Body.option(any(3))),
                (
                    "customerid",
                    any(2) == 0 ? Body.reference("account", account + "\(any(3))") : Body.reference("contact", contact)
                ),
                ("parentaccountid", any(2) == 0 ? "null" : Body.reference("account", account + "\(any(3))")),
                ("parentcontactid", any(2) == 0 ? "null" : Body.reference("contact", contact)),
                ("ownerid", Body.reference(any(3) == 0 ? "team" : "systemuser", user + "\(any(2))")),
            ]
            body.attributes = all.filter { _ in any(2) == 0 }.map { (key: $0.0, value: $0.1) }
        }
        return body
    }
}
