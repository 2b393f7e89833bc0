/// Finds the few values for which Marketo refuses a whole query, by bisection, with a limit on the calls that it costs.
///
/// If a single value is refused, the fault is that value. If several single values are refused and nothing was ever
/// answered, Marketo does not accept the query itself, and continuing would cost two calls for each value.
public struct Bisection: Sendable {
    /// After this many refused single values, and no answer yet, the query is at fault.
    public static let probesMax = 3
    /// The rest is left for later.
    public static let callsMax = 100

    /// The ranges still to be queried; left over if `next` gave up.
    private(set) var waiting: [Range<Int>]
    public private(set) var calls = 0
    private var refusedAlone = 0
    private var isAnswered = false

    public init(count: Int) { waiting = count == 0 ? [] : [0..<count] }

    public var isQuestionAtFault: Bool { !isAnswered && refusedAlone >= Self.probesMax }

    /// The values to query next; nil: all are known, or it gave up.
    public mutating func next() -> Range<Int>? {
        guard !isQuestionAtFault, calls < Self.callsMax else { return nil }
        guard let range = waiting.popLast() else { return nil }
        calls += 1
        return range
    }

    public mutating func answered() { isAnswered = true }

    /// Returns true if the refusal concerns this one value. Otherwise, its halves are queued.
    public mutating func refused(_ range: Range<Int>) -> Bool {
        guard range.count > 1 else {
            refusedAlone += 1
            return true
        }
        let middle = range.lowerBound + range.count / 2
        waiting += [middle..<range.upperBound, range.lowerBound..<middle]
        return false
    }
}
