/// How many rows there are of what, and how many bytes. Kept, not counted: equal to the rows after every commit.
struct Counters: Equatable, Sendable {
    private var values = [Int64](repeating: 0, count: Counter.allCases.count)

    subscript(counter: Counter) -> Int64 {
        get { values[counter.rawValue] }
        set { values[counter.rawValue] = newValue }
    }

    /// Those that differ from an earlier state.
    func changes(since earlier: Counters) -> [Counter] {
        Counter.allCases.filter { self[$0] != earlier[$0] }
    }
}

enum Counter: Int, CaseIterable, Sendable {
    case accepted, ignored, refused, quarantined
    case bodyBytes, quarantinedBytes
    case unapplied, unappliedBytes
    case refusals

    static func rows(_ outcome: Outcome) -> Counter {
        switch outcome {
        case .accepted: .accepted
        case .ignored: .ignored
        case .refused: .refused
        case .quarantined: .quarantined
        }
    }

    var name: String { "\(self)" }
}
