import Foundation
import OnewayCore
import Sandbox
import Telemetry
import Testing
import Threads

@testable import Applying
@testable import Coordination
@testable import Forwarding
@testable import Reading
@testable import Store

/// A person is erased, first in Marketo, then here, whatever happens in between.
@Suite struct EraserTests {
    enum Kind: String, CaseIterable { case memory, sqlite }

    private static let contact = ProjectorTests.contact
    private static let connection = "44440000-0000-0000-0000-000000000001"

    private static var stakeholder: Body {
        let ends = [
            ("record1id", Body.reference("opportunity", ProjectorTests.id(2))),
            ("record2id", Body.reference("contact", contact)),
        ]
        return Body(entity: "connection", id: connection, attributes: ends.map { (key: $0.0, value: $0.1) })
    }

    func withStore(_ kind: Kind, _ body: (any Store) async throws -> Void) async throws {
        guard kind == .sqlite else { return try await body(MemoryStore()) }
        let path = AppTests.file()
        defer { AppTests.remove(path) }
        let store = try SQLiteStore(path: path, limits: StoreLimits(diskFreeBytesMin: 0))
        try await body(store)
        #expect(try await store.problems() == [])
        await store.close()
    }

    /// One opportunity whose customer is the contact, one in which the contact is a stakeholder, and an unrelated one.
    func fill(_ store: any Store) async throws {
        try await ApplyingRig(store).take(
            ProjectorTests.contactOf(ProjectorTests.account),
            ProjectorTests.opportunity(1),
            ProjectorTests.opportunity(
                2,
                attributes: [("customerid", Body.reference("account", ProjectorTests.account))]
            ),
            ProjectorTests.opportunity(
                3,
                attributes: [("customerid", Body.reference("account", ProjectorTests.other))]
            ),
            Self.stakeholder
        )
        try await store.leader.remember([RememberedLead(Self.contact, id: 7, askedAt: ProjectorTests.now)])
    }

    func running<Value: Sendable>(
        _ store: any Store,
        log: Log = Log(level: .error, format: .json, sink: { _ in }),
        _ body: @Sendable () async throws -> Value
    ) async throws -> Value {
        let applier = ApplyingRig(store).applier(log: log)
        let eraser = Eraser(store: store.leader, projector: ApplyingRig(store).projector, applier: applier, log: log)
        return try await running(applier, eraser, body)
    }

    func running<Value: Sendable>(
        _ applier: Applier,
        _ eraser: Eraser,
        _ body: @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await applier.run() }
            group.addTask { await eraser.run() }
            let outcome: Result<Value, any Error>
            do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
            await eraser.stop()
            await applier.stop()
            try await group.waitForAll()
            return try outcome.get()
        }
    }

    /// Between any two steps of the erasure, kept bodies are read again, as after a change of `fields` or by a replay.
    @Test(arguments: Kind.allCases, [false, true])
    func noBodyThatIsReadMeanwhileBringsThePersonBack(kind: Kind, isReplayed: Bool) async throws {
        try await withStore(kind) { store in
            try await fill(store)
            let projector = ApplyingRig(store).projector
            let contact = try #require(GUID(Self.contact))
            let key = RecordKey(.contact, contact)
            let kept = try await store.inbox(InboxFilter(), before: nil, limit: 9).map(\.id)
            let log = Log(level: .error, format: .json, sink: { _ in })
            let applier = Applier(
                store: store.leader,
                policy: ApplierTests.policy,
                rules: projector.add,
                rest: { limit, step throws(StoreError) in
                    if try await projector.followUp(limit: limit, &step) { return true }
                    // There is always a next step here, and other tasks need this thread.
                    await Task.yield()
                    if !isReplayed {
                        _ = try await projector.readAgain(before: nil, to: &step)
                    } else if try await store.records([key]).isEmpty {
                        _ = try await store.replay(kept, now: ProjectorTests.now)
                    }
                    return true
                },
                now: { ProjectorTests.now },
                log: log
            )
            let eraser = Eraser(store: store.leader, projector: projector, applier: applier, log: log)
            let erased = try await running(applier, eraser) {
                try await Erasing.begin(contact, in: store, patienceSeconds: 300)
            }
            #expect(erased.isDone)
            try await ApplyingRig(store).drain()
            #expect(try await mentions(store) == [])
            #expect(try await store.inbox(InboxFilter(), before: nil, limit: 9).count == 2)
        }
    }

    struct TooLate: Error {}

    private func until(_ isSo: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(200)
        while try await !isSo() {
            if ContinuousClock.now > deadline { throw TooLate() }
            // There is no signal: poll the store.
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    private func confirmAll(_ store: any Store) async throws {
        for kind in RecordKind.allCases {
            let items = try await store.leader.claim(
                kind,
                limit: 99,
                now: ProjectorTests.now,
                until: ProjectorTests.now
            )
            try await store.leader.settle(
                items.map { Settlement($0, .confirmed(requestID: nil)) },
                now: ProjectorTests.now
            )
        }
    }

    func mentions(_ store: any Store) async throws -> [String] {
        let contact = try #require(GUID(Self.contact))
        var found: [String] = []
        for entity in Entity.allCases {
            for record in try await store.records(of: entity, after: nil, limit: 99)
            where "\(record)".contains(Self.contact) {
                found.append("mirror \(record.key)")
            }
        }
        for item in try await store.outbox(OutboxFilter(), after: nil, limit: 99) {
            let text = "\(item.key) \(item.state.reasons) \(String(decoding: item.state.desired ?? [], as: UTF8.self))"
            if text.contains(Self.contact) { found.append("outbox \(item.key)") }
        }
        found += try await store.mentions(of: [contact], after: nil, limit: 999).found.map { "inbox \($0)" }
        found += try await store.leads([Self.contact]).keys.map { "lead \($0)" }
        return found
    }

    @Test(arguments: Kind.allCases)
    func nothingIsLeftOfThePersonAndAllOfTheRest(kind: Kind) async throws {
        try await withStore(kind) { store in
            try await fill(store)
            #expect(try await mentions(store).count >= 8)
            let erased = try await running(store) {
                try await Erasing.begin(try #require(GUID(Self.contact)), in: store, patienceSeconds: 200)
            }
            try await ApplyingRig(store).drain()
            #expect(erased.isDone && erased.waitsFor == nil && erased.searched == 5)
            #expect(erased.removed.inbox == 3)
            #expect(erased.removed.mirror == 2)
            #expect(erased.removed.outbox == 2)
            #expect(try await mentions(store) == [])
            let wanted = try await ApplyingRig(store).wanted()
            #expect(wanted.keys.filter { $0.kind == .opportunity }.count == 3)
            #expect(wanted.keys.filter { $0.kind == .role }.isEmpty)
            #expect(try await store.inbox(InboxFilter(), before: nil, limit: 9).count == 2)
            #expect(try await store.jobs(.erasure, .running, limit: 9).isEmpty)
        }
    }

    @Test(arguments: Kind.allCases)
    func whatMarketoHasGoesThereFirstAndARestartGoesOn(kind: Kind) async throws {
        try await withStore(kind) { store in
            try await fill(store)
            try await confirmAll(store)
            let contact = try #require(GUID(Self.contact))
            let first = try await running(store) {
                let first = try await Erasing.begin(contact, in: store, patienceSeconds: 0)
                try await until { try await store.roles(of: contact).allSatisfy { $0.state.desired == nil } }
                try await until { try await Erasing.progress(of: contact, in: store)?.waitsFor == .marketo }
                #expect(try await Erasing.progress(of: contact, in: store)?.left == 2)
                return first
            }
            #expect(!first.isDone, "Marketo still has the roles")
            #expect(try await !store.jobs(.erasure, .running, limit: 9).isEmpty)
            #expect(try await store.roles(of: contact).count == 2)
            try await confirmAll(store)
            // Another run, which nobody asks.
            try await running(store) {
                try await until { try await Erasing.progress(of: contact, in: store)?.isDone == true }
                #expect(try await Erasing.progress(of: contact, in: store)?.removed.outbox == 2)
            }
            #expect(try await store.jobs(.erasure, .running, limit: 9).isEmpty)
            try await ApplyingRig(store).drain()
            #expect(try await mentions(store) == [])
            let left = try await ApplyingRig(store).wanted()[ProjectorTests.key(1)]
            let account = #""externalCompanyId":"\#(ProjectorTests.account)""#
            #expect(
                left?.contains(account) == true,
                "whose account it was is forgotten, not that it is the opportunity's"
            )
        }
    }

    /// rules.linkPeopleToCompany: the row that names the person goes too, and Marketo's person stays in the company.
    @Test func thePersonsCompanyIsForgotten() async throws {
        let store = MemoryStore()
        var settings = RuleSettings()
        settings.linksPeople = true
        let rig = ApplyingRig(store, settings)
        try await rig.take(ProjectorTests.contactOf(ProjectorTests.account), ProjectorTests.opportunity(1))
        try await confirmAll(store)
        let person = DeliveryKey(.person, Self.contact)
        #expect(try await store.outboxItem(person)?.state.confirmed != nil)
        try await running(rig.applier(), rig.eraser()) {
            let contact = try #require(GUID(Self.contact))
            _ = try await Erasing.begin(contact, in: store, patienceSeconds: 0)
            // In steps of their own.
            try await until { try await store.roles(of: contact).allSatisfy { $0.state.desired == nil } }
            try await until { try await store.outboxItem(person)?.state.desired == nil }
            try await until { try await Erasing.progress(of: contact, in: store)?.waitsFor == .marketo }
            #expect(try await Erasing.progress(of: contact, in: store)?.left == 2)
            try await confirmAll(store)
            try await until { try await Erasing.progress(of: contact, in: store)?.isDone == true }
            #expect(try await Erasing.progress(of: contact, in: store)?.removed.outbox == 2)
        }
        try await rig.drain()
        #expect(try await store.outboxItem(person) == nil)
        #expect(try await mentions(store) == [])
    }

    @Test(arguments: Kind.allCases)
    func aLaterNotificationBringsThePersonBack(kind: Kind) async throws {
        try await withStore(kind) { store in
            try await fill(store)
            _ = try await running(store) {
                try await Erasing.begin(try #require(GUID(Self.contact)), in: store, patienceSeconds: 200)
            }
            var unrelated = Body(id: ProjectorTests.id(1), attributes: [("name", "\"Other name\"")])
            unrelated.second += 30
            try await ApplyingRig(store).take(unrelated)
            #expect(try await ApplyingRig(store).wanted().keys.allSatisfy { $0.kind != .role }, "not by itself")
            var told = ProjectorTests.opportunity(1)
            told.second += 60
            try await ApplyingRig(store).take(told, ProjectorTests.contactOf(ProjectorTests.account, second: 60))
            let role = DeliveryKey(.role, "\(ProjectorTests.id(1))/\(Self.contact)/Customer")
            #expect(try await ApplyingRig(store).wanted()[role] != nil)
        }
    }

    /// By ids only: the log shows why a notification's history ends, and the changes for Marketo after that.
    @Test func theLogNamesTheErasedRecords() async throws {
        let store = MemoryStore()
        try await fill(store)
        let written = Locked<[String]>([])
        let note: @Sendable ([UInt8]) -> Void = { line in
            written.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
        }
        let log = Log(level: .debug, format: .json, sink: note)
        let inbox = try await store.inbox(InboxFilter(), before: nil, limit: 9).map { "\($0.id)" }
        _ = try await running(store, log: log) {
            try await Erasing.begin(try #require(GUID(Self.contact)), in: store, patienceSeconds: 200)
        }
        let lines = try written.withLock { $0 }.map { try JSONDocument(Array($0.utf8)).root }
        func told(_ message: String, _ member: String) -> Set<String> {
            Set(lines.filter { $0["message"]?.string == message }.compactMap { $0[member]?.string })
        }
        #expect(told("an operator changed a record", "record") == [Self.contact])
        #expect(told("desired in Marketo", "kind").contains("role"))
        #expect(told("erased a record", "record") == [Self.contact, Self.connection])
        #expect(told("erased a desired record", "record").count == 2)
        let forgotten = told("erased a notification", "notification")
        #expect(forgotten.count == 3 && forgotten.isSubset(of: inbox))
        #expect(told("dependent records follow", "record").contains(ProjectorTests.id(1)))
    }

    @Test func whoIsUnknownIsErasedAtOnce() async throws {
        let store = MemoryStore()
        try await fill(store)
        let erased = try await running(store) { try await Erasing.begin(.number(99), in: store, patienceSeconds: 200) }
        #expect(erased.isDone && erased.removed == Erased())
        #expect(try await ApplyingRig(store).wanted().keys.filter { $0.kind == .role }.count == 2)
    }

    @Test func marketoLosesTheRoleBeforeWeDo() async throws {
        try await ForwardingRig.run { rig in
            let contact = try #require(GUID(Self.contact))
            _ = rig.marketo.seedLead(["externalPersonId": .string(Self.contact)])
            try await fill(rig.store)
            try await rig.store.leader.forgetLeads([Self.contact])
            try await rig.settled()
            let roles = { rig.marketo.book.all(.role).count }
            #expect(roles() == 2)
            let applier = Applier(
                store: rig.store.leader,
                policy: Policy(selection: Selection([:]), organizations: [], marketoUsers: [], jsonDepthMax: 64),
                rules: ApplyingRig(rig.store).projector.add,
                rest: ApplyingRig(rig.store).projector.followUp,
                now: rig.time.now,
                log: Log(level: .error, format: .json, sink: { _ in })
            )
            let eraser = Eraser(
                store: rig.store.leader,
                projector: ApplyingRig(rig.store).projector,
                applier: applier,
                time: rig.time,
                log: Log(level: .error, format: .json, sink: { _ in })
            )
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await applier.run() }
                group.addTask { await eraser.run() }
                let erased = try await Erasing.begin(contact, in: rig.store, patienceSeconds: 200, rig.time)
                #expect(erased.removed.outbox == 2)
                #expect(roles() == 0)
                // Reasons that name the person are rewritten after that.
                try await until { try await rig.store.status().stale == 0 }
                await eraser.stop()
                await applier.stop()
                try await group.waitForAll()
            }
            try await rig.settled()
            #expect(try await mentions(rig.store) == [])
        }
    }
}
