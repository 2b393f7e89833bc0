import Testing

@testable import OnewayCore

/// Sequences of events, and the resulting states.
@Suite struct DeliveryStateTests {
    static let one = Array(#"{"name":"one"}"#.utf8)
    static let two = Array(#"{"name":"two"}"#.utf8)
    static let trouble = DeliveryTrouble(code: "1003", message: "no")
    let later = Timestamp(milliseconds: 9_000)

    func at(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }

    /// Desired at 0 and claimed at 10 until 1000.
    func sent(_ record: [UInt8]? = one) -> DeliveryState {
        var state = DeliveryState()
        state.want(DesiredState(record), now: at(0))
        state.claim(now: at(10), until: at(1_000))
        return state
    }

    func confirmed(_ record: [UInt8]? = one) -> DeliveryState {
        var state = sent(record)
        state.answer(.confirmed(requestID: "r"), claim: 1, sent: record, now: at(20))
        return state
    }

    @Test func aDesiredRecordIsPendingAtOnce() {
        var state = DeliveryState()
        state.want(DesiredState(Self.one, reasons: [Reason(rule: "R4", says: "so")]), now: at(5))
        #expect(state.stage == .pending)
        #expect((state.nextAttemptAt, state.pendingSince, state.version) == (at(5), at(5), 1))
        #expect(state.reasons == [Reason(rule: "R4", says: "so")])
        #expect(state.isDue(at(5)) && !state.isDue(at(4)))
    }

    @Test func nothingWantedOfNothingIsSettled() {
        var state = DeliveryState()
        state.want(DesiredState(nil, reasons: [Reason(rule: "R2", says: "never")]), now: at(5))
        #expect(state.stage == .settled)
        #expect(state.nextAttemptAt == nil)
    }

    @Test func theSameDesiredStateAgainChangesNothing() {
        for before in [confirmed(), sent(), parked(), waiting()] {
            var state = before
            state.want(DesiredState(Self.one), now: later)
            #expect(state == before)
        }
    }

    @Test func aConfirmationSettles() {
        let state = confirmed()
        #expect(state.stage == .settled)
        #expect((state.confirmed, state.requestID, state.nextAttemptAt) == (Self.one, "r", nil))
        #expect(state.pendingSince == nil)
    }

    @Test func aConfirmationOfSomethingOlderLeavesTheNewerPending() {
        var state = sent()
        state.want(DesiredState(Self.two), now: at(15))
        #expect(state.nextAttemptAt == at(1_000), "the claim is in flight")
        state.answer(.confirmed(requestID: nil), claim: 1, sent: Self.one, now: at(20))
        #expect((state.stage, state.confirmed, state.desired) == (.pending, Self.one, Self.two))
        #expect(state.nextAttemptAt == at(20))
    }

    @Test func aStateDesiredAgainWhileAnotherIsInFlightIsSentAgain() {
        var state = confirmed()
        state.want(DesiredState(Self.two), now: at(30))
        state.claim(now: at(10), until: at(1_000))
        state.want(DesiredState(Self.one), now: at(40))
        #expect(state.stage == .pending, "equal sides, but two is in flight")
        state.answer(.confirmed(requestID: nil), claim: 2, sent: Self.two, now: at(50))
        #expect((state.stage, state.confirmed) == (.pending, Self.two))
    }

    @Test func anUnknownOutcomeIsNeverSettledByEqualSides() {
        var state = sent()
        state.answer(
            .again(DeliveryRetry(Self.trouble, next: at(500), isUnknown: true)),
            claim: 1,
            sent: Self.one,
            now: at(20)
        )
        state.want(DesiredState(nil), now: at(30))
        #expect((state.stage, state.desired, state.confirmed) == (.pending, nil, nil))
        #expect(state.nextAttemptAt == at(500), "Marketo may still be at work")
        state.claim(now: at(10), until: at(2_000))
        state.answer(.confirmed(requestID: nil), claim: 2, sent: nil, now: at(600))
        #expect(state.stage == .settled)
    }

    @Test func aClaimNobodyAnsweredLeavesDoubt() {
        var state = sent()
        state.want(DesiredState(nil), now: at(100))
        state.claim(now: at(10), until: at(3_000))
        state.answer(.postponed(next: at(1_500)), claim: 2, sent: nil, now: at(1_100))
        #expect((state.stage, state.isInDoubt, state.nextAttemptAt) == (.pending, true, at(1_500)))
    }

    @Test func anAnswerToAnOlderClaimIsPassedOver() {
        var state = sent()
        state.claim(now: at(10), until: at(2_000))
        let before = state
        state.answer(.confirmed(requestID: "late"), claim: 1, sent: Self.one, now: at(1_100))
        #expect(state == before)
    }

    @Test func failingCountsAndWaitingDoesNot() {
        var state = sent()
        state.answer(
            .again(DeliveryRetry(Self.trouble, requestID: "r1", next: at(80))),
            claim: 1,
            sent: Self.one,
            now: at(20)
        )
        #expect((state.stage, state.attempts, state.nextAttemptAt) == (.pending, 1, at(80)))
        #expect((state.trouble, state.requestID) == (Self.trouble, "r1"))
        state.claim(now: at(10), until: at(1_000))
        state.answer(.postponed(next: at(120)), claim: 2, sent: Self.one, now: at(90))
        #expect((state.stage, state.attempts, state.nextAttemptAt) == (.pending, 1, at(120)))
        state.claim(now: at(10), until: at(1_000))
        state.answer(.waits(for: .lead, on: nil, next: later), claim: 3, sent: Self.one, now: at(130))
        #expect((state.stage, state.attempts, state.waitingFor) == (.waiting, 1, .lead))
        #expect(state.isDue(later))
    }

    @Test func whatAnotherMayTakeAwayIsSentOnceMore() {
        var state = DeliveryState()
        state.doubt(now: at(0))
        #expect(state == DeliveryState(), "there was nothing")
        state.want(DesiredState(Self.one), now: at(0))
        state.claim(now: at(0), until: at(9))
        state.answer(.confirmed(requestID: nil), claim: 1, sent: Self.one, now: at(1))
        state.want(DesiredState(nil), now: at(2))
        state.doubt(now: at(3))
        state.want(DesiredState(Self.one), now: at(4))
        #expect((state.stage, state.nextAttemptAt) == (.pending, at(4)))
        state.claim(now: at(4), until: at(9))
        state.answer(.confirmed(requestID: nil), claim: 2, sent: Self.one, now: at(5))
        #expect(state.stage == .settled)
        state.doubt(now: at(6))
        #expect((state.stage, state.nextAttemptAt) == (.pending, at(6)))
    }

    @Test func aLeadThatIsGoneIsForgottenAndCounted() {
        var state = sent()
        state.answer(.confirmed(requestID: "r", lead: 7), claim: 1, sent: Self.one, now: at(20))
        state.want(DesiredState(Self.two), now: at(30))
        state.claim(now: at(40), until: at(1_000))
        state.answer(.waits(for: .lead, on: nil, next: later), claim: 2, sent: Self.two, now: at(50))
        #expect((state.lead, state.attempts) == (7, 0), "no lead was found, and this one has the role")
        state.claim(now: later, until: later)
        let verdict = DeliveryVerdict.waits(for: .lead, on: nil, next: later, leadGone: Self.trouble)
        state.answer(verdict, claim: 3, sent: Self.two, now: later)
        #expect((state.lead, state.attempts, state.trouble) == (nil, 1, Self.trouble))
        #expect((state.stage, state.waitingFor) == (.waiting, .lead))
    }

    @Test func itIsWokenByTheRecordItWaitsFor() {
        var state = waiting()
        #expect((state.waitsOn, state.pendingSince) == (DeliveryKey(.company, "a"), nil))
        state.wake(now: at(60))
        #expect((state.stage, state.nextAttemptAt, state.waitsOn) == (.pending, at(60), nil))
        var doubtful = waiting()
        doubtful.confirmed = Self.one
        doubtful.doubt(now: at(59))
        doubtful.wake(now: at(60))
        #expect((doubtful.stage, doubtful.nextAttemptAt) == (.pending, at(60)))
        var parkedState = parked()
        parkedState.wake(now: at(60))
        #expect(parkedState == parked())
    }

    @Test func theRulesHoldWhatTheyCannotCompleteYet() {
        var state = DeliveryState()
        state.want(DesiredState(Self.one, heldFor: .name), now: at(0))
        #expect((state.stage, state.waitingFor, state.nextAttemptAt) == (.waiting, .name, nil))
        state.retry(now: at(5))
        #expect(state.stage == .waiting, "an operator cannot know the name either")
        state.want(DesiredState(Self.two), now: at(10))
        #expect((state.stage, state.waitingFor, state.nextAttemptAt) == (.pending, nil, at(10)))
    }

    @Test func parkedIsReopenedByANewerStateOrAnOperator() {
        let state = parked()
        #expect((state.stage, state.trouble, state.nextAttemptAt) == (.parked, Self.trouble, nil))
        var outboxChanged = state
        outboxChanged.want(DesiredState(Self.two), now: at(50))
        #expect(
            (outboxChanged.stage, outboxChanged.trouble, outboxChanged.attempts, outboxChanged.nextAttemptAt) == (
                .pending, nil, 0, at(50)
            )
        )
        var retried = state
        retried.retry(now: at(50))
        #expect((retried.stage, retried.trouble, retried.nextAttemptAt) == (.pending, nil, at(50)))
    }

    @Test(arguments: [false, true]) func aRefusalOfSomethingOlderParksNothing(isInDoubt: Bool) {
        for verdict in [
            DeliveryVerdict.parked(Self.trouble, requestID: nil), .waits(for: .lead, on: nil, next: later),
        ] {
            var state = sent()
            if isInDoubt {
                state.release(next: at(11))
                state.claim(now: at(12), until: at(1_000))
            }
            state.want(DesiredState(Self.two), now: at(15))
            state.answer(verdict, claim: state.claim, sent: Self.one, now: at(20))
            #expect((state.stage, state.nextAttemptAt) == (.pending, at(20)))
        }
    }

    @Test func anOperatorsRetryLeavesSettledRecordsAlone() {
        for before in [confirmed(), sent()] {
            var state = before
            state.retry(now: later)
            #expect(state == before)
        }
    }

    /// Marketo may have lost it, or hold something else by now.
    @Test func whatIsSettledIsSentAgainWhenAnOperatorNamesIt() {
        var state = confirmed()
        state.sendAgain(now: later)
        #expect((state.stage, state.nextAttemptAt, state.isInDoubt) == (.pending, later, true))
        state.claim(now: later, until: later)
        state.answer(.confirmed(requestID: "r"), claim: state.claim, sent: Self.one, now: later)
        #expect((state.stage, state.isInDoubt) == (.settled, false))

        var underWay = sent()
        underWay.sendAgain(now: later)
        #expect(underWay == sent())
        var nothing = DeliveryState()
        nothing.sendAgain(now: later)
        #expect(nothing == DeliveryState())
        var refused = parked()
        refused.sendAgain(now: at(50))
        #expect((refused.stage, refused.nextAttemptAt) == (.pending, at(50)))
    }

    @Test func theFasterLaneWins() {
        var state = DeliveryState()
        state.want(DesiredState(Self.one, lane: .slow), now: at(0))
        #expect(state.lane == .slow)
        state.want(DesiredState(Self.one, lane: .live), now: at(1))
        #expect(state.lane == .live)
        state.want(DesiredState(Self.two, lane: .slow), now: at(2))
        #expect(state.lane == .live, "a live record does not move to the slow lane")
        var settled = confirmed()
        settled.want(DesiredState(Self.two, lane: .slow), now: at(30))
        #expect(settled.lane == .slow)
    }

    func parked() -> DeliveryState {
        var state = sent()
        state.answer(.parked(Self.trouble, requestID: "r"), claim: 1, sent: Self.one, now: at(20))
        return state
    }

    func waiting() -> DeliveryState {
        var state = sent()
        let company = DeliveryKey(.company, "a")
        state.answer(.waits(for: .company, on: company, next: later), claim: 1, sent: Self.one, now: at(20))
        return state
    }
}
