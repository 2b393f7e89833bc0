import Testing

@testable import OnewayCore

@Suite struct OutboxLedgerTests {
    private let trouble = DeliveryTrouble(code: "1003", message: "no")

    @Test func whatComesIsCountedAndKeepsItsPlace() {
        var world = LedgerWorld()
        world.want(
            LedgerWorld.desired(.role, 7, "a"),
            LedgerWorld.desired(.role, 3, "a"),
            LedgerWorld.desired(.role, 7, "b")
        )
        world.want(LedgerWorld.desired(.role, 5, "a"), LedgerWorld.desired(.role, 3, nil))
        let items = world.outbox.values.sorted { $0.place < $1.place }
        #expect(items.map(\.key.text) == ["7", "3", "5"] && items.map(\.place) == [1, 2, 3])
        #expect(items.map { $0.state.desired.map { String(decoding: $0, as: UTF8.self) } } == ["b", nil, "a"])
        #expect(world.counters[.rolePending] == 2 && world.counters[.roleSettled] == 1)
    }

    @Test func anOpportunityIsLearntOnce() {
        var world = LedgerWorld()
        var desired = LedgerWorld.desired(.role, 1, "a")
        desired.opportunity = nil
        world.want(desired)
        #expect(world.outbox[desired.key]?.opportunity == nil)
        desired.opportunity = .zero
        world.want(desired)
        #expect(world.outbox[desired.key]?.opportunity == .zero)
        desired.opportunity = GUID(high: 9, low: 9)
        world.want(desired)
        #expect(world.outbox[desired.key]?.opportunity == .zero)
    }

    /// In any order within one settlement, the event it waits for has happened.
    @Test(arguments: [true, false])
    func whatIsConfirmedWakesWhatWaitsOnIt(isFirst: Bool) throws {
        var world = LedgerWorld()
        world.want(LedgerWorld.desired(.company, 1, "a"), LedgerWorld.desired(.opportunity, 1, "a"))
        let (company, opportunity) = (
            try #require(world.claim(.company, now: 2_000).first),
            try #require(world.claim(.opportunity, now: 2_000).first)
        )
        let next = Timestamp(milliseconds: 90_000)
        let settlements = [
            Settlement(company, .confirmed(requestID: nil)),
            Settlement(opportunity, .waits(for: .company, on: company.key, next: next)),
        ]
        world.settle(isFirst ? settlements : settlements.reversed(), now: 3_000)
        #expect(world.outbox[opportunity.key]?.state.stage == .pending)
        #expect(world.outbox[opportunity.key]?.state.isDue(Timestamp(milliseconds: 3_000)) == true)
        #expect(world.groups.isEmpty)
    }

    @Test func aLateAnswerSaysNothingAndConfirmsNothing() throws {
        var world = LedgerWorld()
        world.want(LedgerWorld.desired(.company, 1, "a"))
        let late = try #require(world.claim(.company, now: 2_000).first)
        #expect(world.claim(.company, now: 3_000).count == 1)
        var rows = RowSet(Array(world.outbox.values), by: \.key)
        let time = Timestamp(milliseconds: 3_500)
        #expect(Ledger.settle([Settlement(late, .confirmed(requestID: nil))], in: &rows, now: time) == [])
        #expect(rows.changes.isEmpty)
    }

    @Test func groupsFollowTheStages() throws {
        var world = LedgerWorld()
        world.want(LedgerWorld.desired(.company, 1, "a"), LedgerWorld.desired(.role, 1, "a", heldFor: .customer))
        let items = world.claim(.company, now: 2_000)
        world.settle(items.map { Settlement($0, .parked(trouble, requestID: nil)) }, now: 2_100)
        #expect(
            world.groups == [
                OutboxGroup.Key(stage: .parked, why: "1003", kind: .company): 1,
                OutboxGroup.Key(stage: .waiting, why: "customer", kind: .role): 1,
            ]
        )
        let retried = Ledger.retry(Array(world.outbox.values), now: Timestamp(milliseconds: 3_000))
        #expect(retried.compactMap(\.after).map(\.key) == items.map(\.key), "held records are not retried")
        world.save(retried)
        #expect(world.groups.values.map { $0 } == [1])
        #expect(world.counters[.companyPending] == 1 && world.counters[.companyParked] == 0)
    }

    @Test func onlyWhatIsGoneIsErased() {
        var world = LedgerWorld()
        world.want(LedgerWorld.desired(.role, 1, nil), LedgerWorld.desired(.role, 2, "a"))
        world.save(Ledger.erase(Array(world.outbox.values)))
        #expect(world.outbox.keys.map(\.text) == ["2"])
    }

    @Test func refusalsOfOneKindAreCountedTogetherAndTheOldestGo() {
        var world = LedgerWorld()
        world.record(
            [RefusedAttempts(.marketoUser, who: "a"), RefusedAttempts(.marketoUser, who: "a", count: 4)],
            now: 5
        )
        #expect(world.refusals.values.map(\.count) == [5])
        world.record((0..<5).map { RefusedAttempts(.marketoUser, who: "\($0)", opportunity: .zero) }, now: 6)
        #expect(world.refusals.values.map(\.number).sorted() == [4, 5, 6])
        world.save(Ledger.allow(Array(world.refusals.values)))
        #expect(world.refusals.values.allSatisfy { $0.isAllowed })
        #expect(Ledger.allow(Array(world.refusals.values)).isEmpty)
    }

    @Test func referencesThatStayCostNothing() throws {
        let (key, other) = (RecordKey(.opportunity, .zero), RecordKey(.account, .zero))
        let (stays, goes, comes) = (Reference("a", to: other), Reference("b", to: other), Reference("c", to: other))
        let records = [
            (record: MirrorRecord(key), references: [goes]), (record: MirrorRecord(key), references: [stays, comes]),
        ]
        let mirrored = Ledger.mirror(records, known: [key: [stays, goes]])
        #expect(mirrored.count == 1, "the last of equal ones counts")
        let first = try #require(mirrored.first)
        #expect(first.added == [comes] && first.removed == [goes])
    }
}

extension Counters {
    /// Sequences cannot be derived from rows.
    func keepingSequences(of other: Counters) -> Counters {
        var counters = self
        for name in Name.allCases where !name.countsRows { counters[name] = other[name] }
        return counters
    }
}
