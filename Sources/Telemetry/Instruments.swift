import Synchronization

/// Only ever grows.
public final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    public func increment(by amount: Int = 1) { count.add(max(0, amount), ordering: .relaxed) }

    public var value: Int { count.load(ordering: .relaxed) }
}

/// Goes up and down.
public final class Gauge: Sendable {
    private let level = Atomic<Int>(0)

    public func set(_ value: Int) { level.store(value, ordering: .relaxed) }
    public func add(_ amount: Int) { level.add(amount, ordering: .relaxed) }

    public var value: Int { level.load(ordering: .relaxed) }
}

/// Counts how often a value fell below each of several bounds.
public final class Histogram: Sendable {
    /// In seconds, from a durable answer on a fast disk to a request's deadline.
    public static let secondsBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

    let bounds: [Double]
    /// One more than bounds: the last is for values that exceed them all.
    private let counts: [Counter]
    private let sumBits = Atomic<UInt64>(0)

    init(bounds: [Double]) {
        precondition(zip(bounds, bounds.dropFirst()).allSatisfy(<), "bounds grow")
        self.bounds = bounds
        counts = (0...bounds.count).map { _ in Counter() }
    }

    public func observe(_ value: Double) {
        counts[bounds.firstIndex { value <= $0 } ?? bounds.count].increment()
        var old = sumBits.load(ordering: .relaxed)
        while true {
            let new = (Double(bitPattern: old) + value).bitPattern
            let (exchanged, seen) = sumBits.weakCompareExchange(expected: old, desired: new, ordering: .relaxed)
            if exchanged { return }
            old = seen
        }
    }

    public func observe(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        observe(Double(seconds) + Double(attoseconds) * 1e-18)
    }

    public var count: Int { cumulated.last ?? 0 }

    /// How many exceeded a bound, which must be one of `bounds`.
    public func count(over bound: Double) -> Int {
        guard let place = bounds.firstIndex(of: bound) else { preconditionFailure("\(bound) is no bound") }
        return counts[(place + 1)...].reduce(0) { $0 + $1.value }
    }

    var sum: Double { Double(bitPattern: sumBits.load(ordering: .relaxed)) }

    /// The number of values up to each bound, and last the total number.
    var cumulated: [Int] {
        var total = 0
        return counts.map { count in
            total += count.value
            return total
        }
    }
}
