import OnewayCore
import Testing

@testable import Reconciling

@Suite struct PresenceTests {
    private static func at(_ second: Int64) -> Timestamp { Timestamp(second: second) }

    @Test func gapsAreKept() {
        var presence = Presence(nil)
        presence.begin(Self.at(0), lastReceivedAt: nil)
        for second in [0, 60, 120] { presence.sign(Self.at(Int64(second))) }
        #expect(presence.gaps.isEmpty)
        presence.begin(Self.at(1_000), lastReceivedAt: Self.at(150))
        presence.sign(Self.at(1_000))
        #expect(presence.gaps == [Presence.Gap(from: Self.at(150), to: Self.at(1_000))])
        presence.sign(Self.at(2_000))
        #expect(presence.wasAway(from: Self.at(1_500), to: Self.at(1_600)), "the machine slept")
        #expect(!presence.wasAway(from: Self.at(100), to: Self.at(140)))
        #expect(presence.wasAway(from: Self.at(100), to: Self.at(150)))
        #expect(Presence(presence.bytes) == presence)
    }

    /// Another replica led, and went on receiving.
    @Test func aHandOverIsNoGap() {
        var presence = Presence(nil)
        presence.sign(Self.at(100))
        presence.begin(Self.at(150), lastReceivedAt: Self.at(149))
        #expect(presence.gaps.isEmpty)
    }

    @Test func theirNumberIsBounded() {
        var presence = Presence(nil)
        for hour in 0..<100 { presence.sign(Self.at(Int64(hour) * 3_600)) }
        #expect(presence.gaps.count == 20)
    }

    @Test func notesAreReadAsTheyWereWritten() throws {
        var cursor = ReconcileCursor(.contact)
        (cursor.phase, cursor.link, cursor.isTracked, cursor.rows) = (.missing, "l", true, 7)
        (cursor.since, cursor.beganAt, cursor.phaseBeganAt, cursor.later) = (1, 2, 3, "x")
        cursor.walked = GUID(high: 1, low: 2)
        #expect(ReconcileCursor(cursor.text) == cursor)
        #expect(ReconcileCursor("nonsense") == nil && ReconcileCursor(nil)?.entity == .opportunity)
        let state = TableState(link: nil, columns: "a,b", readAt: 1, allReadAt: 2)
        #expect(TableState(state.bytes) == state && TableState([]) == nil)
        #expect(Set(ReconcileCursor.order) == Set(Entity.reported))
    }
}
