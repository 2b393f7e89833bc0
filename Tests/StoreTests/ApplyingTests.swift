import OnewayCore
import Testing

@testable import Store

@Suite struct ApplyingTests {
    let account = RecordKey(.account, .sample(100))

    @Test(arguments: StoreKind.allCases)
    func recordsComeBackAndTheirReferencesAreFollowed(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let records = (0..<5).map { MirrorRecord.sample(.opportunity, $0, name: "n\($0)") }
            try await store.apply { application in
                application.records = records.map {
                    (
                        $0,
                        [
                            Reference("parentaccountid", to: account), Reference("customerid", to: account),
                            Reference("parentcontactid", to: RecordKey(.contact, $0.key.id)),
                        ]
                    )
                }
            }
            let unknown = RecordKey(.opportunity, .sample(77))
            let found = try await store.records(records.map(\.key) + [unknown])
            #expect(found == Dictionary(uniqueKeysWithValues: records.map { ($0.key, $0) }))
            func referrers(after: GUID? = nil, limit: Int = 50) async throws -> [GUID] {
                try await store.referrers(to: account, from: .opportunity, after: after, limit: limit)
            }
            #expect(try await referrers() == (0..<5).map(GUID.sample))
            #expect(try await referrers(after: .sample(1), limit: 2) == [.sample(2), .sample(3)])
            #expect(try await store.referrers(to: account, from: .connection, after: nil, limit: 5) == [])
            #expect(
                try await store.records(of: .opportunity, after: .sample(2), limit: 5).map(\.key.id)
                    == [.sample(3), .sample(4)]
            )
            try await store.apply { $0.records = [(records[1], [Reference("customerid", to: unknown)])] }
            #expect(try await referrers() == [0, 2, 3, 4].map(GUID.sample))
            #expect(try await store.referrers(to: unknown, from: .opportunity, after: nil, limit: 5) == [.sample(1)])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func whatIsAppliedWaitsNoMore(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            var ids: [InboxID] = []
            for number in 0..<4 { ids.append(try await store.store(.sample(number, opportunity: .sample(1)))) }
            try await store.apply { application in
                application.applied = [ids[0], ids[2]]
                application.revised = [
                    InboxRevision(
                        ids[1],
                        InboxLabels(
                            .quarantined,
                            code: "unusable",
                            reasons: [Reason(says: "a value is no number")]
                        )
                    )
                ]
            }
            #expect(try await store.unapplied(limit: 9, bytesMax: 999).map(\.id) == [ids[3]])
            let aside = try #require(try await store.inboxItem(ids[1]))
            #expect((aside.outcome, aside.code) == (.quarantined, "unusable"))
            #expect(aside.reasons == [Reason(says: "a value is no number")])
            let listed = try await store.inbox(InboxFilter(opportunity: .sample(1)), before: nil, limit: 9)
            #expect(listed.map(\.id) == [ids[3], ids[2], ids[0]])
            #expect(try await store.status().inbox[.quarantined] == 1)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func applyingTwiceChangesNothing(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let id = try await store.store(.sample(1))
            var application = Application(basis: try await store.mirrorVersion())
            application.records = [(.sample(.opportunity, 1, name: "a"), [])]
            application.desired = [.sample(1, "x")]
            application.applied = [id]
            try await store.leader.apply(application, now: 5)
            let before = try await store.outbox(OutboxFilter(), after: nil, limit: 9)
            await #expect(throws: StoreError(.outdated, "the mirror has changed since")) {
                try await store.leader.apply(application, now: 6)
            }
            application.basis = try await store.mirrorVersion()
            try await store.leader.apply(application, now: 7)
            #expect(try await store.outbox(OutboxFilter(), after: nil, limit: 9) == before)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func ofTwoAppliersOnTheSameMirrorOneComputesAgain(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let basis = try await store.mirrorVersion()
            let wins = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        var application = Application(basis: basis)
                        application.desired = [.sample(number, "x")]
                        do throws(StoreError) {
                            try await store.leader.apply(application, now: 5)
                            return true
                        } catch {
                            #expect(error.kind == .outdated)
                            return false
                        }
                    }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(wins == 1)
            #expect(try await store.outbox(OutboxFilter(), after: nil, limit: 9).count == 1)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aFarReachingChangeIsRememberedUntilItHasReachedEverything(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let (contact, opportunity) = (RecordKey(.contact, .sample(1)), RecordKey(.opportunity, .sample(2)))
            try await store.apply { $0.stale = [StaleRecord(contact), StaleRecord(opportunity), StaleRecord(contact)] }
            #expect(try await store.stale(limit: 9) == [StaleRecord(opportunity), StaleRecord(contact)])
            #expect(try await store.status().stale == 2)
            try await store.apply {
                $0.stale = [StaleRecord(contact, after: .sample(7))]
                $0.fresh = [opportunity, RecordKey(.account, .sample(3))]
            }
            #expect(try await store.stale(limit: 9) == [StaleRecord(contact, after: .sample(7))])
            try await store.apply {
                $0.stale = [StaleRecord(contact)]
                $0.fresh = [contact]
            }
            #expect(
                try await store.stale(limit: 9) == [StaleRecord(contact)],
                "a record that changes again starts over"
            )
            try await store.apply { $0.fresh = [contact] }
            #expect(try await store.stale(limit: 9).isEmpty)
            #expect(try await store.status().stale == 0)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func theFasterLaneOfWhatIsStaleWins(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let contact = RecordKey(.contact, .sample(1))
            let steps: [(DeliveryLane, DeliveryLane)] = [(.slow, .slow), (.live, .live), (.slow, .live)]
            for (lane, kept) in steps {
                try await store.apply { $0.stale = [StaleRecord(contact, lane: lane)] }
                #expect(try await store.stale(limit: 9).map(\.lane) == [kept])
            }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func whatIsReplayedWaitsAgainAndWhatHasNoBodyDoesNot(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let applied = try await store.store(.sample(1))
            let quarantined = try await store.store(.sample(2, .quarantined))
            let ignored = try await store.store(.sample(3, .ignored))
            try await store.apply { $0.applied = [applied] }
            let all = [applied, quarantined, ignored, InboxID(number: 12)]
            #expect(try await store.replay(all, now: 70_000) == [applied, quarantined])
            #expect(try await store.unapplied(limit: 9, bytesMax: 999).map(\.id) == [applied, quarantined])
            #expect(try await store.status().unappliedSince == 70_000)
            #expect(try await store.replay([applied], now: 80_000) == [applied])
            #expect(try await store.status().unapplied == 2)
            try await store.apply {
                $0.applied = [applied]
                $0.revised = [
                    InboxRevision(quarantined, InboxLabels(.accepted, message: "Update", opportunity: .sample(4)))
                ]
            }
            #expect(try await store.status().unapplied == 0)
            #expect(
                try await store.inbox(InboxFilter(opportunity: .sample(4)), before: nil, limit: 9).map(\.id)
                    == [quarantined]
            )
        }
    }
}
