import TestSupport
import Testing

@testable import OnewayCore

/// Random histories: the counters and groups agree with the rows, and nothing is lost.
@Suite struct LedgerPropertyTests {
    @Test(arguments: UInt64(0)..<100)
    func countersAreWhatTheRowsSayAndNothingIsLost(seed: UInt64) {
        var history = History(random: Seeded(seed))
        for number in 0..<120 {
            history.step()
            #expect(history.brokenPromise == nil, "seed \(seed), step \(number)")
            if history.brokenPromise != nil { return }
        }
        #expect(history.world.counters[.outboxCame] >= Int64(history.world.outbox.count))
    }
}

private struct History {
    var random: Seeded
    var world = LedgerWorld()
    var now: Int64 = 1_000
    /// Accepted, unapplied notifications must be present.
    var owed: Set<InboxID> = []
    /// Each record must hold its last desired state.
    var wanted: [DeliveryKey: [UInt8]?] = [:]
    var claims: [OutboxItem] = []

    init(random: Seeded) {
        self.random = random
        world.limits.inboxBytesMax = 400
    }

    mutating func step() {
        now += Int64.random(in: 0...30, using: &random)
        switch Int.random(in: 0..<11, using: &random) {
        case 0, 1, 2: append()
        case 3: apply()
        case 4: replayOrErase()
        case 5:
            world.prune(
                olderThan: now - Int64.random(in: 0...300, using: &random),
                rowsMax: 1 + random.pick([0, 3, 9])
            )
        case 6, 7: want()
        case 8: claims += world.claim(random.pick(RecordKind.allCases), limit: 3, now: now)
        case 9: settle()
        default: disturb()
        }
    }

    private mutating func append() {
        let arrivals = (0..<random.pick([1, 1, 2, 8])).map { _ in
            LedgerWorld.row(random.pick(Array(0..<50)), random.pick(Outcome.allCases), at: now)
        }
        for (arrival, arrived) in zip(arrivals, world.append(arrivals)) {
            switch arrived.answer {
            case .stored(let id): if arrival.item.outcome.isApplied { owed.insert(id) }
            case .duplicate(let id, _):
                if world.inbox[id]?.waitsSince != nil { owed.insert(id) }
            }
        }
    }

    private mutating func apply() {
        let ids = Array(
            world.inbox.values.filter { $0.waitsSince != nil }.map(\.id).sorted().prefix(random.pick([1, 5]))
        )
        world.change { rows in Ledger.markApplied(ids, in: &rows) }
        if let first = ids.first, random.chance(3) {
            world.change { rows in Ledger.revise([InboxRevision(first, InboxLabels(.quarantined))], in: &rows) }
        }
        owed.subtract(ids)
    }

    private mutating func replayOrErase() {
        let ids = Array(world.inbox.keys.sorted().suffix(random.pick([1, 4])))
        if random.chance(2) {
            world.change { [now] rows in _ = Ledger.replay(ids, in: &rows, now: Timestamp(milliseconds: now)) }
            owed.formUnion(ids.filter { world.inbox[$0]?.item.outcome.keepsBody ?? false })
        } else {
            world.change { rows in _ = Ledger.erase(ids, in: &rows) }
        }
    }

    private mutating func want() {
        let text: String? = random.pick([nil, "a", "b"])
        let held: WaitReason? = random.chance(6) ? .customer : nil
        let desired = LedgerWorld.desired(
            random.pick(RecordKind.allCases),
            random.pick([1, 2, 3, 4]),
            text,
            heldFor: held
        )
        world.want(desired, now: now)
        wanted[desired.key] = desired.desired.record
    }

    private mutating func settle() {
        let (next, trouble) = (Timestamp(milliseconds: now + 40), DeliveryTrouble(code: "c", message: "m"))
        let settlements = claims.map { item in
            Settlement(
                item,
                random.pick([
                    .confirmed(requestID: nil), .parked(trouble, requestID: nil), .postponed(next: next),
                    .waits(for: .company, on: DeliveryKey(.company, random.pick(["1", "2"])), next: next),
                    .again(DeliveryRetry(trouble, next: next, isUnknown: random.chance(2))),
                ])
            )
        }
        world.settle(settlements, now: now)
        claims = []
    }

    private mutating func disturb() {
        let (all, time) = (Array(world.outbox.values), Timestamp(milliseconds: now))
        switch Int.random(in: 0..<6, using: &random) {
        case 0: world.save(Ledger.retry(all, now: time))
        case 1: world.save(Ledger.doubt(all, now: time))
        case 2: world.save(Ledger.release(all.filter(\.state.isClaimed), next: time))
        case 3: world.save(Ledger.erase(all))
        case 4: world.record([RefusedAttempts(.marketoUser, who: random.pick(["a", "b", "c", "d", "e"]))], now: now)
        default:
            var rows = RowSet(Array(world.stale.values), by: \.key)
            let keys = (0..<3).map { RecordKey(.contact, GUID(high: 1, low: $0)) }
            Ledger.mark(stale: [StaleRecord(random.pick(keys))], fresh: [random.pick(keys)], in: &rows)
            world.save(rows.changes)
        }
        wanted = wanted.filter { world.outbox[$0.key] != nil }
    }

    var brokenPromise: String? {
        if world.counters != world.counted.keepingSequences(of: world.counters) { return "the counters are wrong" }
        let items = world.outbox.values.map { RowChange(before: nil, after: $0) }
        if world.groups != OutboxGroup.deltas(of: items) { return "the groups are wrong" }
        if owed.contains(where: { world.inbox[$0]?.waitsSince == nil }) { return "something accepted waits no more" }
        for (key, record) in wanted where world.outbox[key]?.state.desired != record { return "a wish is lost" }
        if Set(world.outbox.values.map(\.place)).count != world.outbox.count { return "two share a place" }
        let tooMany = world.counters[.briefIgnored] > world.limits.ignoredRowsMax
        if tooMany || world.counters[.briefQuarantined] > world.limits.quarantinedRowsMax { return "too many are kept" }
        if world.counters[.refusals] > world.limits.refusalRowsMax { return "too many refusals are kept" }
        return nil
    }
}
