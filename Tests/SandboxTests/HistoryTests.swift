import OnewayCore
import Testing

@testable import Sandbox

@Suite struct HistoryTests {
    private func told(_ state: JSON?, _ status: String = "updated", key: String = "a", isHeard: Bool = true)
        -> HistoryEntry
    {
        HistoryEntry(at: anytime, call: 1, kind: .company, key: key, state: state, status: status, isHeard: isHeard)
    }

    @Test(
        arguments: [
            ([("x", "created", true), ("x", "updated", true)], 1),
            ([("x", "created", true), ("y", "updated", true), ("x", "updated", true)], 0),
            ([("x", "created", false), ("x", "updated", true)], 0),
            ([("x", "skipped", true), ("x", "created", true)], 0),
            ([("x", "created", true), ("x", "skipped", true), ("x", "updated", true)], 1),
        ] as [([(String, String, Bool)], Int)]
    )
    func aRepeatedIdenticalStateIsFound(states: [(String, String, Bool)], repeated: Int) {
        var history = History()
        for (state, status, isHeard) in states {
            history.add(told(.string(state), status, isHeard: isHeard))
            history.add(told(.string("other"), "updated", key: "b", isHeard: false))
        }
        #expect(history.repeated.count == repeated)
        #expect(history.of(.company, "a").count == states.count)
    }

    @Test func itIsBounded() {
        var history = History()
        for number in 0..<(History.toldMax + 6000) { history.add(told(.int(number))) }
        #expect(history.all.count <= History.toldMax + 5000)
        #expect(history.all.last?.state == .int(History.toldMax + 5999))
    }
}
