import Testing

@testable import OnewayCore

/// Which events the ledger keeps of deciding and sending.
@Suite struct DeliveryEventTests {
    private static let key = DeliveryKey(.opportunity, "o")
    private static let subject = GUID(high: 1, low: 2)

    private static func at(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }

    private static func item(_ desired: String?, _ change: (inout DeliveryState) -> Void = { _ in }) -> OutboxItem {
        var state = DeliveryState()
        state.want(DesiredState(desired.map { Array($0.utf8) }), now: at(1))
        change(&state)
        return OutboxItem(key: key, opportunity: subject, state: state)
    }

    private static func change(_ before: String?, _ after: String?) -> String? {
        String(
            decoding: RecordDifference.encoded(before.map { Array($0.utf8) }, after.map { Array($0.utf8) }),
            as: UTF8.self
        )
    }

    @Test func aDifferenceHasOnlyTheMembersThatChanged() {
        #expect(Self.change(nil, #"{"a":1}"#) == #"{"before":null,"after":{"a":1}}"#)
        #expect(Self.change(#"{"a":1}"#, nil) == #"{"before":{"a":1},"after":null}"#)
        #expect(
            Self.change(#"{"a":1,"b":"x","c":true}"#, #"{"a":1,"b":null,"d":2}"#)
                == #"{"before":{"b":"x","c":true},"after":{"b":null,"d":2}}"#
        )
        #expect(Self.change(#"{"a":1}"#, #"{"a":1}"#) == #"{"before":{},"after":{}}"#)
    }

    @Test func onlyAnotherResultIsADecision() {
        let (one, two) = (Self.item(#"{"a":1}"#), Self.item(#"{"a":2}"#))
        let now = Self.at(9)
        let events = Ledger.decided(
            [
                RowChange(before: nil, after: one), RowChange(before: one, after: one),
                RowChange(before: one, after: two),
            ],
            now: now
        )
        #expect(events.map(\.kind) == [.decided, .decided] && events.map(\.at) == [now, now])
        #expect(events.last?.change == Array(#"{"before":{"a":1},"after":{"a":2}}"#.utf8))
        #expect(events.last?.subject == Self.subject)
    }

    private static func claimed(_ change: (inout DeliveryState) -> Void = { _ in }) -> OutboxItem {
        item(#"{"a":1}"#) { state in
            change(&state)
            state.claim(now: at(2), until: at(3))
        }
    }

    private static func events(_ item: OutboxItem, _ verdict: DeliveryVerdict, sentAt: Timestamp? = at(5))
        -> [DeliveryEvent]
    {
        var rows = RowSet([item], by: \.key)
        var settlement = Settlement(item, verdict)
        settlement.sentAt = sentAt
        _ = Ledger.settle([settlement], in: &rows, now: at(9))
        return Ledger.answered([settlement], rows.changes, now: at(9))
    }

    @Test func anAnswerIsAnEventWithItsRequest() {
        let trouble = DeliveryTrouble(code: "1003", message: "no")
        let confirmed = Self.events(Self.claimed(), .confirmed(requestID: "r"))
        #expect(confirmed.map(\.kind) == [.confirmed] && confirmed.map(\.requestID) == ["r"])
        #expect(
            confirmed.map(\.sentAt) == [Self.at(5)] && confirmed.map(\.at) == [Self.at(9)]
                && confirmed.map(\.version) == [1]
        )
        let parked = Self.events(Self.claimed(), .parked(trouble, requestID: "p"))
        #expect(parked.map(\.kind) == [.failed] && parked.map(\.trouble) == [trouble])
        #expect(Self.events(Self.claimed(), .postponed(next: Self.at(7)), sentAt: nil).isEmpty)
        #expect(Self.events(Self.claimed(), .waits(for: .lead, on: nil, next: Self.at(7)), sentAt: nil).isEmpty)
    }

    @Test func theSameFailureIsToldOnce() {
        let trouble = DeliveryTrouble(code: "timeout", message: "no answer")
        let again = DeliveryVerdict.again(DeliveryRetry(trouble, next: Self.at(7)))
        #expect(Self.events(Self.claimed(), again).count == 1)
        #expect(Self.events(Self.claimed { $0.trouble = trouble }, again).isEmpty)
        #expect(Self.events(Self.claimed { $0.trouble = DeliveryTrouble(code: "606", message: "") }, again).count == 1)
    }

    @Test func aLateAnswerIsNoEvent() {
        let item = Self.claimed()
        var settlement = Settlement(item, .confirmed(requestID: "r"))
        settlement.claim -= 1
        var rows = RowSet([item], by: \.key)
        _ = Ledger.settle([settlement], in: &rows, now: Self.at(9))
        #expect(Ledger.answered([settlement], rows.changes, now: Self.at(9)).isEmpty)
    }

    @Test func whatNeverWasInMarketoIsNotCalledConfirmed() {
        #expect(Self.events(Self.claimed(), .confirmed(requestID: nil), sentAt: nil).isEmpty)
    }

    @Test func theOldestAreForgottenByAgeAndByNumber() {
        let events: [(number: Int64, at: Timestamp)] = [(1, Self.at(10)), (2, Self.at(20)), (3, Self.at(30))]
        #expect(Ledger.forget(events, olderThan: Self.at(5), came: 3) == nil)
        #expect(Ledger.forget(events, olderThan: Self.at(21), came: 3) == 2)
        #expect(Ledger.forget(events, olderThan: Self.at(0), came: Ledger.eventsMax + 1) == 1)
        #expect(Ledger.forget([], olderThan: Self.at(99), came: 3) == nil)
    }
}
