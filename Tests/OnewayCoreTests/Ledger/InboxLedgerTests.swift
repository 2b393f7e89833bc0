import Testing

@testable import OnewayCore

@Suite struct InboxLedgerTests {
    @Test func whatIsNewIsNamedInTheOrderOfItsComing() {
        var world = LedgerWorld()
        let arrived = world.append(Outcome.allCases.enumerated().map { LedgerWorld.row($0, $1) })
        let rows = world.inbox.values.sorted { $0.id < $1.id }
        #expect(rows.map { .stored($0.id) } == arrived.map(\.answer))
        #expect(rows.map(\.item.outcome) == Outcome.allCases)
        #expect(rows.map { $0.waitsSince != nil } == Outcome.allCases.map(\.isApplied))
        #expect(rows.map(\.givesWay) == Outcome.allCases.map(\.givesWay))
        #expect(arrived.map { $0.bodyOf != nil } == Outcome.allCases.map(\.keepsBody))
    }

    @Test func ofEqualOnesThatComeTogetherOneIsStored() {
        var world = LedgerWorld()
        let arrived = world.append([LedgerWorld.row(1, .accepted), LedgerWorld.row(1, .accepted)])
        #expect(arrived.map(\.answer) == [.stored(world.latest), .duplicate(of: world.latest, outcome: .accepted)])
        #expect(arrived.compactMap(\.bodyOf) == [world.latest] && world.inbox.count == 1)
    }

    /// For each first outcome and each repetition: whether it replaces the first, and whose body is kept.
    @Test(arguments: Outcome.allCases, Outcome.allCases)
    func whatCanBeUsedByNowIsTakenUp(first: Outcome, second: Outcome) throws {
        var world = LedgerWorld()
        world.append([LedgerWorld.row(1, first)])
        let again = try #require(world.append([LedgerWorld.row(1, second, bodyBytes: 7, at: 5_000)]).first)
        let row = try #require(world.inbox[world.latest])
        #expect(again.answer == .duplicate(of: world.latest, outcome: first))
        let isTakenUp = second.isApplied && first.givesWay
        #expect(row.item.outcome == (isTakenUp ? second : first))
        #expect((row.waitsSince != nil) == (isTakenUp || first.isApplied))
        #expect((again.bodyOf != nil) == (isTakenUp && first == .ignored))
        #expect(row.item.receivedAt == Timestamp(milliseconds: 1_000), "it keeps its time of arrival")
        #expect(
            row.item.bodyBytes == (again.bodyOf != nil ? 7 : first == .ignored ? 0 : 10),
            "of the body that is kept"
        )
        #expect(row.givesWay == (!isTakenUp && first.givesWay))
    }

    @Test func whatIsRevisedIsDoneWithAndGivesWayToNothing() {
        var world = LedgerWorld()
        world.append([LedgerWorld.row(1, .accepted), LedgerWorld.row(2, .accepted)])
        let (id, gone) = (world.latest, InboxID(number: 5))
        world.change { rows in
            Ledger.revise(
                [
                    InboxRevision(id, InboxLabels(.quarantined, code: "unusable")),
                    InboxRevision(gone, InboxLabels(.accepted)),
                ],
                in: &rows
            )
        }
        #expect(world.inbox[id]?.item.code == "unusable" && world.inbox[id]?.waitsSince == nil)
        #expect(world.inbox[id]?.givesWay == false && world.inbox.count == 2)
        world.change { rows in Ledger.markApplied([id, gone], in: &rows) }
        #expect(world.counters[.unapplied] == 1)
    }

    @Test func onlyWhatHasABodyIsReplayed() {
        var world = LedgerWorld()
        world.append(Outcome.allCases.enumerated().map { LedgerWorld.row($0, $1) })
        let ids = world.inbox.keys.sorted()
        world.change { rows in Ledger.markApplied(ids, in: &rows) }
        var replayed: [InboxID] = []
        world.change { rows in
            replayed = Ledger.replay(ids + [InboxID(number: 5)], in: &rows, now: Timestamp(milliseconds: 9))
        }
        #expect(replayed == [ids[0], ids[2], ids[3]])
        #expect(world.counters[.unapplied] == 3 && world.counters[.briefQuarantined] == 0)
        var erased = 0
        world.change { rows in erased = Ledger.erase(ids, in: &rows) }
        #expect(erased == 1 && world.inbox.count == 3, "unapplied ones stay")
    }

    @Test func theOldestGiveWayAndForBytesAloneTheNewestStays() {
        var world = LedgerWorld()
        world.append((0..<5).map { LedgerWorld.row($0, .ignored) })
        #expect(world.inbox.keys.count == 3 && world.inbox.keys.max() == world.latest)
        world.append((10..<16).map { LedgerWorld.row($0, .quarantined, bodyBytes: 20) })
        #expect(world.counters[.briefQuarantined] == 3, "three of 20 bytes fill 60")
        world.append([LedgerWorld.row(20, .quarantined, bodyBytes: 500)])
        #expect(world.counters[.briefQuarantined] == 1 && world.counters[.briefQuarantinedBytes] == 500)
        #expect(world.counters == world.counted.keepingSequences(of: world.counters))
    }

    /// Applied ones are removed by age, or while there are too many bytes; unapplied ones stay.
    @Test(arguments: [
        (oldest: Int64(0), bytesMax: Int64(1_000), removed: 0, isDone: true),
        (oldest: 1_002, bytesMax: 1_000, removed: 1, isDone: true),
        (oldest: 9_999, bytesMax: 1_000, removed: 2, isDone: false),
        (oldest: 0, bytesMax: 25, removed: 2, isDone: false),
        (oldest: 0, bytesMax: 35, removed: 1, isDone: true),
    ])
    func pruningTakesWhatIsOldOrTooMuch(oldest: Int64, bytesMax: Int64, removed: Int, isDone: Bool) {
        var world = LedgerWorld()
        world.limits.inboxBytesMax = bytesMax
        world.append((0..<4).map { LedgerWorld.row($0, .accepted, at: 1_000 + Int64($0)) })
        let ids = world.inbox.keys.sorted()
        world.change { rows in Ledger.markApplied([ids[0], ids[2], ids[3]], in: &rows) }
        let pruning = world.prune(olderThan: oldest, rowsMax: 3)
        #expect(pruning.removed.count == removed && (pruning.last == nil) == isDone)
        #expect(world.inbox[ids[1]] != nil)
    }
}
