import Foundation
import OnewayCore
import TestSupport
import Testing

@testable import Applying
@testable import Forwarding
@testable import Store

/// R3 from run to run: newly selected columns are filled from kept bodies, unselected ones are removed.
@Suite struct SelectionTests {
    static let more: RuleSettings = {
        var settings = RuleSettings()
        settings.fields = [
            SelectedField("name", "name"), SelectedField("new_source", "source"),
            SelectedField("ownerid", "owner", as: .lookup(by: .name)),
        ]
        settings.leadColumn = "emailaddress1"
        return settings
    }()
    static let otherwise: RuleSettings = {
        var settings = RuleSettings()
        settings.fields = [SelectedField("name", "name"), SelectedField("stepname", "stage")]
        settings.syncWhen = RuleSettings.SyncWhen(column: "new_source", equals: .text("fair"))
        return settings
    }()

    static func told(_ number: Int) -> Body {
        ProjectorTests.opportunity(number, attributes: [("new_source", "\"fair \(number)\"")])
    }

    /// Starts like a run of the service.
    private func started(_ store: any Store, _ settings: RuleSettings) async throws -> ApplyingRig {
        let context = ApplyingRig(store, settings)
        try await context.projector.noticeChangedRules(store.leader, now: ProjectorTests.now)
        return context
    }

    private func folder() throws -> URL {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("selection-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        return url
    }

    @Test func r3ANewlySelectedFieldIsFilledFromKeptBodiesAcrossARestart() async throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("a.db").path
        var store = try SQLiteStore(path: path)
        var context = try await started(store, RuleSettings())
        for number in 1...200 { try await context.append(Self.told(number)) }
        try await context.drain()
        #expect(try await context.wanted().values.contains { $0.contains("fair") } == false)

        context = try await started(store, Self.more)
        for _ in 0..<3 { _ = try await context.applier().applyNext() }
        #expect(try await !store.jobs(.sweep, .running, limit: 9).isEmpty)
        #expect(try await context.wanted().values.filter { $0.contains("fair") }.count == 3 * Projector.bodiesMax)
        await store.close()

        store = try SQLiteStore(path: path)
        context = try await started(store, Self.more)
        let item = try #require(try await context.outbox()[ProjectorTests.key(200)])
        #expect(item.state.lane == .live, "a pending record keeps its place")
        try await context.drain()
        #expect(try await store.jobs(.sweep, .running, limit: 9).isEmpty)
        let wanted = try await context.wanted()
        for number in 1...200 {
            #expect(wanted[ProjectorTests.key(number)]?.contains("\"fair \(number)\"") == true)
        }
        await store.close()
    }

    @Test func r3WhatIsNewGoesBesideWhatIsReadAgain() async throws {
        let store = MemoryStore()
        var context = try await started(store, RuleSettings())
        for number in 1...100 { try await context.append(Self.told(number)) }
        try await context.drain()
        context = try await started(store, Self.more)
        try await context.append(Self.told(101))
        _ = try await context.applier().applyNext()
        #expect(try await context.wanted()[ProjectorTests.key(101)]?.contains("fair 101") == true)
        #expect(try await !store.jobs(.sweep, .running, limit: 9).isEmpty)
    }

    @Test func r3AStepReadsBodiesUpToItsBytes() async throws {
        let store = MemoryStore()
        var context = try await started(store, RuleSettings())
        for number in 1...4 {
            var large = Self.told(number)
            large.attributes.append(("new_note", "\"\(String(repeating: "x", count: 600_000))\""))
            try await context.append(large)
        }
        try await context.drain()
        context = try await started(store, Self.more)
        _ = try await context.applier().applyNext()
        #expect(try await context.wanted().values.filter { $0.contains("fair") }.count == 2)
        try await context.drain()
        #expect(try await context.wanted().values.filter { $0.contains("fair") }.count == 4)
    }

    @Test func r3NothingIsReadAgainWhereNothingIsNewlySelected() async throws {
        let store = MemoryStore()
        var context = try await started(store, Self.more)
        try await context.take(Self.told(1))
        var settings = Self.more
        settings.customerRole = "Buyer"
        context = try await started(store, settings)
        #expect(try await store.jobs(.sweep, .running, limit: 9).map(\.key) == [Sweep.opportunities.key])
        context = try await started(store, RuleSettings())
        #expect(
            try await Set(store.jobs(.sweep, .running, limit: 9).map(\.key))
                == Set([Sweep.keptBodies, .contacts, .opportunities].map(\.key)),
            "the default mapping has other columns of opportunities, and fewer of contacts"
        )
    }

    @Test func r3WhatIsNotSelectedAnyMoreGoesFromEveryTable() async throws {
        let store = MemoryStore()
        var context = try await started(store, Self.more)
        var contact = ProjectorTests.contactOf(ProjectorTests.account)
        contact.attributes += [("emailaddress1", "\"ada@example.com\""), ("fullname", "\"Ada\"")]
        try await context.take(Self.told(1), contact)
        let keys = [
            RecordKey(.opportunity, try #require(GUID(ProjectorTests.id(1)))),
            RecordKey(.contact, try #require(GUID(ProjectorTests.contact))),
        ]
        #expect(try await store.records(keys)[keys[1]]?["emailaddress1"] != nil)
        // As an earlier version may have left it.
        var (account, connection) = (
            MirrorRecord(RecordKey(.account, try #require(GUID(ProjectorTests.account)))),
            MirrorRecord(RecordKey(.connection, keys[0].id))
        )
        account.learn("revenue", StampedValue(.money("1"), Stamp(second: 1, source: .target)))
        connection.learn("record1roleid", StampedValue(.null, Stamp(second: 1, source: .target)))
        var application = Application(basis: try await store.mirrorVersion())
        application.records = [(account, []), (connection, [])]
        try await store.leader.apply(application, now: ProjectorTests.now)
        try await store.leader.setNote("rules", nil)

        context = try await started(store, RuleSettings())
        try await context.drain()
        for entity in Entity.allCases {
            let selected = context.projector.book.columns[entity] ?? []
            for record in try await store.records(of: entity, after: nil, limit: 9) {
                #expect(selected.isSuperset(of: record.attributes.keys), "\(record.key)")
            }
        }
        #expect(try await store.records(keys)[keys[1]]?["parentcustomerid"] != nil)
    }

    /// For any selection in between, as long as the bodies are kept.
    @Test(arguments: UInt64(300)..<330)
    func r3TheWayToASelectionNeverShows(seed: UInt64) async throws {
        var random = Seeded(seed)
        let bodies = (0..<40).map { number in
            var body = Body.random(number: number, using: &random)
            let more = [
                ("new_source", ["\"fair\"", "\"web\"", "null"].randomElement(using: &random) ?? "null"),
                ("stepname", "\"\(Int.random(in: 1...3, using: &random))\""),
                ("emailaddress1", "\"\(number)@example.com\""),
                ("ownerid", Body.reference("systemuser", ProjectorTests.id(Int.random(in: 7...8, using: &random)))),
            ]
            if Bool.random(using: &random) { body.attributes += more.map { (key: $0.0, value: $0.1) } }
            return body
        }
        let straight = ApplyingRig(MemoryStore(), Self.more)
        for body in bodies { try await straight.append(body) }
        try await straight.drain()

        let store = MemoryStore()
        let runs = [RuleSettings(), Self.otherwise, Self.more, Self.otherwise, Self.more]
        var context = straight
        for (run, settings) in runs.enumerated() {
            context = try await started(store, settings)
            for body in bodies[(run * 8)..<(run * 8 + 8)] { try await context.append(body) }
            for _ in 0..<Int.random(in: 0..<6, using: &random) { _ = try await context.applier().applyNext() }
        }
        try await context.drain()
        for entity in Entity.allCases {
            let records = try await store.records(of: entity, after: nil, limit: 99)
            #expect(records == (try await straight.store.records(of: entity, after: nil, limit: 99)), "seed \(seed)")
        }
        let isNoCompany = { (item: (key: DeliveryKey, value: String)) in !item.key.kind.isShared }
        let here = try await context.wanted().filter(isNoCompany)
        let there = try await straight.wanted().filter(isNoCompany)
        #expect(here == there, "seed \(seed)")
    }
}
