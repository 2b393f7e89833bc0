import TestSupport
import Testing

@testable import OnewayCore

/// R12, R13 at random against a model of the rules that shares no code with them: for any facts in any order, and any
/// deliveries in between, Marketo ends up with these values.
extension OrderTests {
    @Test(arguments: UInt64(0)..<1_200) func r7MarketoEndsWithTheNewestValues(_ seed: UInt64) {
        var random = Seeded(seed)
        let told = (1...Int64.random(in: 2...6, using: &random)).map { Values($0, &random) }
        var marketo = HeldByMarketo()
        for values in Self.arrivals(told, &random) {
            marketo.learn([values.notice.fact])
            // Sometimes no delivery for a while, so that changes are delivered together too.
            if random.chance(3) { continue }
            marketo.deliver { random.chance(2) ? .confirmed : random.pick(HeldByMarketo.End.allCases) }
        }
        marketo.settle()
        check(marketo, told, "seed \(seed): \(told)")
    }

    /// In random order, or mostly in the original one; some of them twice.
    private static func arrivals(_ told: [Values], _ random: inout Seeded) -> [Values] {
        let again = told.filter { _ in random.chance(4) }
        if random.chance(2) { return (told + again).shuffled(using: &random) }
        var told = told + again
        for index in told.indices.dropLast() where random.chance(4) { told.swapAt(index, index + 1) }
        return told
    }

    private func check(_ marketo: HeldByMarketo, _ told: [Values], _ seed: Comment) {
        let name = Values.newest(\.name, told) ?? nil
        guard let held = marketo.opportunity else {
            #expect(name == nil && marketo.outbox[HeldByMarketo.key]?.stage == .waiting, seed)
            return
        }
        if let name { #expect(held["name"] == name, seed) }
        #expect(held["isClosed"] == Values.newest(\.state, told).map { "\($0 != 0)" }, seed)
        let amount = Values.shown(\.estimate, closed: \.actual, in: [1], told)
        #expect(held["amount"] == (amount ?? (marketo.put.contains("amount") ? "null" : nil)), seed)
        let day = Values.shown(\.estimatedDay, closed: \.actualDay, in: [1, 2], told)
        #expect(held["closeDate"] == (day ?? (marketo.put.contains("closeDate") ? "null" : nil)), seed)
        #expect(marketo.outbox[HeldByMarketo.key]?.stage == .settled, seed)
    }

    /// The content of one notification. Nil: not contained; `.some(nil)`: empty.
    private struct Values: Sendable {
        let second: Int64
        var state: Int?
        var estimate: String??
        var actual: String??
        var estimatedDay: String??
        var actualDay: String??
        var name: String??

        init(_ second: Int64, _ random: inout Seeded) {
            self.second = second
            if random.chance(3) { state = random.pick([0, 1, 2]) }
            if random.chance(6) { estimate = .some(random.pick([nil, "10", "20"])) }
            if random.chance(4) { actual = .some(random.pick([nil, "30", "40"])) }
            if random.chance(6) { estimatedDay = .some(random.pick([nil, "1970-01-01", "1970-01-02"])) }
            if random.chance(4) { actualDay = .some(random.pick([nil, "1970-01-03", "1970-01-04"])) }
            if !random.chance(4) { name = .some(random.chance(5) ? nil : "name \(second)") }
        }

        static func newest<Value>(_ value: (Values) -> Value?, _ told: [Values]) -> Value? {
            told.sorted { $0.second < $1.second }.compactMap(value).last
        }

        /// A closed opportunity shows the second value if received, else the first; an open one only the first, never
        /// what is left of the second.
        static func shown(
            _ open: (Values) -> String??,
            closed: (Values) -> String??,
            in states: Set<Int>,
            _ told: [Values]
        ) -> String? {
            let isClosed = newest(\.state, told).map(states.contains) ?? false
            let value = isClosed ? newest(closed, told) ?? newest(open, told) : newest(open, told)
            return value.map { $0 ?? "null" }
        }

        var notice: Notice {
            let money = { (digits: String?) in digits.map(Value.money) ?? .null }
            let day = { (text: String?) -> Value in
                guard let number = text?.last.flatMap({ Int64(String($0)) }) else { return .null }
                return .time(Timestamp(second: (number - 1) * 86_400))
            }
            var values: [String: Value] = [:]
            values["statecode"] = state.map(Value.choice)
            values["estimatedvalue"] = estimate.map(money)
            values["actualvalue"] = actual.map(money)
            values["estimatedclosedate"] = estimatedDay.map(day)
            values["actualclosedate"] = actualDay.map(day)
            values["name"] = name.map { $0.map(Value.text) ?? .null }
            return Notice(second, values)
        }
    }
}
