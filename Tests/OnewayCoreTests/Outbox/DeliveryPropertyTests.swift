import TestSupport
import Testing

@testable import OnewayCore

/// One record, its state, and a Marketo that sometimes executes a call without answering.
private struct World {
    var random: Seeded
    var state = DeliveryState()
    var marketo: [UInt8]?
    var sent: [UInt8]?
    var clock: Int64 = 0

    var now: Timestamp { Timestamp(milliseconds: clock) }

    mutating func step() {
        clock += Int64.random(in: 0...50, using: &random)
        switch Int.random(in: 0..<8, using: &random) {
        case 0, 1:
            let held: WaitReason? = random.chance(8) ? .name : nil
            state.want(DesiredState(random.pick([nil, [1], [2]]), heldFor: held), now: now)
        case 2 where state.isDue(now): claim()
        case 3,
            4 where state.isClaimed:
            answer()
        case 5: state.retry(now: now)
        case 6 where !state.isClaimed && state.confirmed != nil:
            // On behalf of another record.
            state.doubt(now: now)
            if random.chance(2) { marketo = nil }
        case 7: state.sendAgain(now: now)
        default: state.wake(now: now)
        }
    }

    private mutating func claim() {
        state.claim(now: now, until: Timestamp(milliseconds: clock + 40))
        sent = state.desired
        // The answer may never arrive, and then it is unknown whether the call did.
        if random.chance(2) { marketo = sent }
    }

    private mutating func answer() {
        let (trouble, next) = (DeliveryTrouble(code: "1", message: "x"), Timestamp(milliseconds: clock + 30))
        let arrived = marketo == sent
        let verdict: DeliveryVerdict =
            arrived
            ? random.pick([.confirmed(requestID: "r"), .again(DeliveryRetry(trouble, next: next, isUnknown: true))])
            : random.pick([
                .again(DeliveryRetry(trouble, next: next, isCounted: random.chance(2), isUnknown: random.chance(2))),
                .postponed(next: next),
                .waits(for: .lead, on: nil, next: next), .parked(trouble, requestID: nil),
            ])
        state.answer(verdict, claim: state.claim, sent: sent, now: now)
    }

    /// From here on Marketo accepts everything.
    mutating func finish() {
        state.want(DesiredState(state.desired), now: now)
        for _ in 0..<4 {
            clock += 1_000
            state.retry(now: now)
            guard state.isDue(now) else { continue }
            state.claim(now: now, until: now)
            marketo = state.desired
            state.answer(.confirmed(requestID: nil), claim: state.claim, sent: marketo, now: now)
        }
    }

    var brokenPromise: String? {
        switch state.stage {
        case .settled where marketo != state.desired: "settled, but Marketo holds something else"
        case .settled where state.nextAttemptAt != nil || state.pendingSince != nil: "settled, but due"
        case .pending where state.nextAttemptAt == nil || state.pendingSince == nil: "pending, but never due"
        case .waiting where state.waitingFor == nil: "waiting for nothing"
        case .waiting where state.nextAttemptAt == nil && state.heldFor == nil: "waiting for ever"
        case .parked where state.nextAttemptAt != nil || state.trouble == nil: "parked without a cause"
        default: nil
        }
    }
}

@Suite struct DeliveryPropertyTests {
    @Test(arguments: UInt64(0)..<400)
    func whatAStagePromisesHoldsWhateverHappens(seed: UInt64) {
        var world = World(random: Seeded(seed))
        for number in 0..<80 {
            world.step()
            #expect(world.brokenPromise == nil, "seed \(seed), step \(number)")
        }
        world.finish()
        #expect(world.brokenPromise == nil, "seed \(seed)")
        #expect(world.state.stage == .settled, "seed \(seed)")
    }
}
