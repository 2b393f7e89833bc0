import OnewayCore
import Testing

@testable import Applying
@testable import Store

/// What names the person without anything following from it, and what was known of the person earlier.
extension EraserTests {
    /// Dynamics' second row of the stakeholder's connection, a connection with an account, and a contact that belongs to the
    /// person.
    private static let traces: [Body] = {
        let contact = Body.reference("contact", ProjectorTests.contact)
        let others = [
            Body.reference("opportunity", ProjectorTests.id(2)), Body.reference("account", ProjectorTests.account),
        ]
        let connections = others.enumerated().map { number, other in
            Body(
                entity: "connection",
                id: "44440000-0000-0000-0000-00000000000\(number + 2)",
                attributes: [("record1id", contact), ("record2id", other)]
            )
        }
        return connections + [ProjectorTests.contact(ProjectorTests.winner, "parentcustomerid", contact)]
    }()

    private static let named = [
        "mirror connection 44440000-0000-0000-0000-000000000002",
        "mirror connection 44440000-0000-0000-0000-000000000003", "mirror contact \(ProjectorTests.winner)",
    ]

    private func leaveTraces(_ store: any Store) async throws {
        try await fill(store)
        for body in Self.traces { try await ApplyingRig(store).take(body) }
        #expect(try await Set(mentions(store)).isSuperset(of: Self.named))
    }

    private func expectNothingLeft(_ store: any Store) async throws {
        let erased = try await running(store) {
            try await Erasing.begin(try #require(GUID(ProjectorTests.contact)), in: store, patienceSeconds: 200)
        }
        try await ApplyingRig(store).drain()
        #expect(erased.isDone && erased.removed.mirror == 4)
        #expect(try await mentions(store) == [])
        // The contact that belonged to the person stays.
        let other = RecordKey(.contact, try #require(GUID(ProjectorTests.winner)))
        #expect(try await store.records([other])[other]?.attributes == [:])
    }

    @Test(arguments: Kind.allCases) func nothingIsLeftInWhatOnlyNamesThePerson(kind: Kind) async throws {
        try await withStore(kind) { store in
            try await leaveTraces(store)
            try await expectNothingLeft(store)
        }
    }

    /// An earlier version did not find such look-ups backwards. The first start of this one writes them again.
    @Test func whatAnEarlierVersionStoredIsFoundToo() async throws {
        let store = MemoryStore()
        let projector = ApplyingRig(store).projector
        try await leaveTraces(store)
        let rules = String(decoding: NotedRules(projector.book).bytes, as: UTF8.self)
        let older = rules.replacing(#","references":2"#, with: "")
        #expect(older != rules)
        var application = Application(basis: try await store.mirrorVersion())
        application.notes = ["rules": Array(older.utf8)]
        for entity in [Entity.contact, .connection] {
            for record in try await store.records(of: entity, after: nil, limit: 99) {
                let references = projector.book.references(of: record).map { Reference($0.column, to: $0.to) }
                application.records.append((record, references))
            }
        }
        try await store.leader.apply(application, now: ProjectorTests.now)
        try await projector.noticeChangedRules(store.leader, now: ProjectorTests.now)
        let sweeps = try await store.jobs(.sweep, .running, limit: 9).map(\.key)
        #expect(Set(sweeps) == Set([Sweep.contacts, .connections, .opportunities].map(\.key)))
        // The erasure waits for that.
        try await expectNothingLeft(store)
    }

    private static let byAddress: RuleSettings = {
        var settings = RuleSettings()
        settings.leadColumn = "emailaddress1"
        return settings
    }()

    private static func contact(_ address: String, second: Int64 = 0) -> Body {
        ProjectorTests.contact(ProjectorTests.contact, "emailaddress1", "\"\(address)\"", second: second)
    }

    private static let addresses = ["Ada@example.com", "lovelace@example.com", "other@example.com"]
    /// Who was created in Marketo is remembered in lower case, too.
    private static let remembered = addresses + ["ada@example.com"]

    private func remember(_ addresses: some Sequence<String>, _ store: any Store) async throws {
        try await store.leader.remember(addresses.map { RememberedLead($0, id: 7, askedAt: ProjectorTests.now) })
    }

    @Test(arguments: Kind.allCases) func anAddressIsForgottenOnceItIsAnother(kind: Kind) async throws {
        try await withStore(kind) { store in
            let rig = ApplyingRig(store, Self.byAddress)
            try await rig.take(Self.contact(Self.addresses[0]), ProjectorTests.opportunity(1))
            try await remember(Self.remembered, store)
            try await rig.take(Self.contact(Self.addresses[0], second: 30))
            #expect(try await store.leads(Self.remembered).count == 4, "a repetition is not a change")
            try await rig.take(Self.contact(Self.addresses[1], second: 60))
            #expect(try await store.leads(Self.remembered).keys.sorted() == Array(Self.addresses.dropFirst()))
            _ = try await running(rig.applier(), rig.eraser()) {
                try await Erasing.begin(try #require(GUID(ProjectorTests.contact)), in: store, patienceSeconds: 200)
            }
            try await rig.drain()
            #expect(try await store.leads(Self.remembered).keys.sorted() == [Self.addresses[2]])
            #expect(try await mentions(store) == [])
        }
    }

    @Test func anAddressIsForgottenOnceItIsNotSelected() async throws {
        let store = MemoryStore()
        try await ApplyingRig(store, Self.byAddress).projector.noticeChangedRules(
            store.leader,
            now: ProjectorTests.now
        )
        try await ApplyingRig(store, Self.byAddress).take(Self.contact(Self.addresses[0]))
        try await remember(Self.remembered, store)
        try await ApplyingRig(store).projector.noticeChangedRules(store.leader, now: ProjectorTests.now)
        try await ApplyingRig(store).drain()
        #expect(try await store.leads(Self.remembered).keys.sorted() == Array(Self.addresses.dropFirst()))
    }
}
