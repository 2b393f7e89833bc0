import Testing

@testable import OnewayCore

/// The state of an opportunity as a whole: that of the worst of its own records, or why nothing is desired.
@Suite struct StandingTests {
    private static let id = GUID(high: 1, low: 1)
    private static let account = GUID(high: 2, low: 2)
    private static let own = DeliveryKey(.opportunity, "o")

    private static func item(
        _ key: DeliveryKey,
        _ stage: DeliveryState.Stage,
        desired: String? = "{}",
        _ change: (inout DeliveryState) -> Void = { _ in }
    ) -> OutboxItem {
        var state = DeliveryState()
        state.stage = stage
        state.desired = desired.map { Array($0.utf8) }
        change(&state)
        return OutboxItem(key: key, opportunity: id, state: state)
    }

    private static func standing(_ items: OutboxItem..., absence: Absence? = nil) -> OpportunityStanding? {
        OpportunityStanding(id, items, absence, at: Timestamp(second: 9))
    }

    @Test(arguments: DeliveryState.Stage.allCases, DeliveryState.Stage.allCases)
    func itIsTheWorst(own: DeliveryState.Stage, role: DeliveryState.Stage) {
        let order: [DeliveryState.Stage] = [.parked, .waiting, .pending, .settled]
        let worst = order.first { $0 == own || $0 == role }
        let standing = Self.standing(Self.item(DeliveryKey(.role, "o/c/r"), role), Self.item(Self.own, own))
        #expect(standing?.state.rawValue == worst?.rawValue)
    }

    @Test(arguments: Absence.allCases) func whereNothingIsWantedItSaysWhy(absence: Absence) {
        let gone = Self.item(Self.own, .settled, desired: nil)
        #expect(Self.standing(gone, absence: absence)?.state.rawValue == absence.rawValue)
        #expect(Self.standing(absence: absence)?.state.rawValue == absence.rawValue)
        let leaving = Self.item(Self.own, .pending, desired: nil)
        #expect(Self.standing(leaving, absence: absence)?.state == .pending, "not yet gone")
        #expect(Self.standing(Self.item(Self.own, .settled), absence: absence)?.state == .settled, "kept as it was")
        #expect(Self.standing(gone)?.state == .settled)
        #expect(Self.standing() == nil)
    }

    @Test func whatItWaitsForIsItsOwnBeforeThatOfItsRoles() {
        let lead = Self.item(DeliveryKey(.role, "o/a/r"), .waiting) {
            ($0.waitingFor, $0.waitingSince) = (.lead, Timestamp(second: 1))
        }
        let name = Self.item(Self.own, .waiting) { ($0.waitingFor, $0.waitingSince) = (.name, Timestamp(second: 2)) }
        #expect(Self.standing(lead)?.waitingFor == .lead)
        let both = Self.standing(lead, name)
        #expect(both?.waitingFor == .name && both?.waitingSince == Timestamp(second: 2))
    }

    @Test func theCodeIsThatOfAParkedRecordBeforeThatOfOneToBeTriedAgain() {
        let again = Self.item(Self.own, .pending) { $0.trouble = DeliveryTrouble(code: "606", message: "") }
        let parked = Self.item(DeliveryKey(.role, "o/a/r"), .parked) {
            $0.trouble = DeliveryTrouble(code: "1003", message: "")
        }
        #expect(Self.standing(again)?.code == "606")
        #expect(Self.standing(again, parked)?.code == "1003")
    }

    @Test func theCompanyIsWantedOrElseConfirmed() {
        let record = #"{"externalCompanyId":"\#(Self.account)"}"#
        #expect(Self.standing(Self.item(Self.own, .settled, desired: record))?.account == Self.account)
        let gone = Self.item(Self.own, .pending, desired: nil) { $0.confirmed = Array(record.utf8) }
        #expect(Self.standing(gone)?.account == Self.account)
        #expect(Self.standing(Self.item(Self.own, .settled))?.account == nil)
    }

    // MARK: Over time

    private static func stand(
        _ before: OpportunityStanding?,
        _ change: RowChange<OutboxItem>,
        at second: Int64
    ) -> OpportunityStanding? {
        var rows = RowSet([before].compactMap(\.self), by: \.opportunity)
        let concerned = Ledger.restanding([change])
        let items = [change.before].compactMap(\.self)
        Ledger.stand(concerned, [], items, [change], in: &rows, now: Timestamp(second: second))
        return rows[id]
    }

    /// Looking again for a person who is not there is no change that anybody wants to hear of.
    @Test func onlyWhatLastsIsAChange() throws {
        var state = DeliveryState()
        func step(_ before: OpportunityStanding?, at second: Int64, _ event: (inout DeliveryState) -> Void)
            -> OpportunityStanding?
        {
            let item = OutboxItem(key: Self.own, opportunity: Self.id, state: state)
            let earlier = before == nil ? nil : item
            event(&state)
            let later = OutboxItem(key: Self.own, opportunity: Self.id, state: state)
            return Self.stand(before, RowChange(before: earlier, after: later), at: second)
        }
        func time(_ second: Int64) -> Timestamp { Timestamp(second: second) }
        var standing = step(nil, at: 1) { $0.want(DesiredState([1]), now: time(1)) }
        #expect(standing?.state == .pending && standing?.changedAt == time(1))
        for second in [Int64(2), 10, 20] {
            standing = step(standing, at: second) { $0.claim(now: time(second), until: time(second + 5)) }
            #expect(standing?.state == .pending)
            standing = step(standing, at: second) { state in
                let waits = DeliveryVerdict.waits(for: .lead, on: nil, next: time(second + 5))
                state.answer(waits, claim: state.claim, sent: state.desired, now: time(second))
            }
            #expect(standing?.state == .waiting && standing?.waitingSince == time(2))
            #expect(standing?.changedAt == time(1))
        }
        standing = step(standing, at: 30) { $0.want(DesiredState([2]), now: time(30)) }
        #expect(standing?.changedAt == time(30), "something else is wanted")
        standing = step(standing, at: 31) { $0.claim(now: time(31), until: time(35)) }
        standing = step(standing, at: 32) { state in
            state.answer(.confirmed(requestID: nil), claim: state.claim, sent: state.desired, now: time(32))
        }
        #expect(standing?.state == .settled && standing?.changedAt == time(32))
        #expect(standing?.waitingSince == nil && standing?.confirmedAt == time(32))
    }

    /// What the rules say of it holds until they say something else, whatever Marketo answers in between.
    @Test func anAbsenceLastsUntilTheRulesWantItAgain() {
        let gone = Self.item(Self.own, .settled, desired: nil)
        var rows = RowSet([OpportunityStanding](), by: \.opportunity)
        func stand(_ judgements: [Judgement], at second: Int64) -> OpportunityStanding? {
            Ledger.stand([Self.id], judgements, [gone], [], in: &rows, now: Timestamp(second: second))
            return rows[Self.id]
        }
        #expect(stand([Judgement(Self.id, .refused)], at: 1)?.state == .refused)
        #expect(stand([], at: 2)?.state == .refused)
        #expect(stand([], at: 2)?.changedAt == Timestamp(second: 1))
        let allowed = stand([Judgement(Self.id, nil)], at: 3)
        #expect(allowed?.state == .settled && allowed?.changedAt == Timestamp(second: 3))
    }

    @Test func aClaimAloneConcernsNoOpportunity() {
        var state = DeliveryState()
        state.want(DesiredState([1]), now: Timestamp(second: 1))
        let before = OutboxItem(key: Self.own, opportunity: Self.id, state: state)
        state.claim(now: Timestamp(second: 2), until: Timestamp(second: 3))
        let after = OutboxItem(key: Self.own, opportunity: Self.id, state: state)
        #expect(Ledger.restanding([RowChange(before: before, after: after)]).isEmpty)
        #expect(Ledger.restanding([RowChange(before: nil, after: after)]) == [Self.id])
    }
}
