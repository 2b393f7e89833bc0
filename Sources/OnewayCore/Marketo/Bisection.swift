/// Finds the few values for which Marketo refuses a whole question, by halves, with a bound on the calls that it costs.
///
/// A value alone is about that value. Where several alone are refused and nothing was ever answered, it is the question
/// that Marketo does not take, and asking on would cost two calls for each value.
public struct Bisection: Sendable {
    /// So many values alone, and no answer yet: the question is at fault.
    public static let probesMax = 3
    /// The rest is left for another time.
    public static let callsMax = 100

    /// What is still to be asked for; left over where `next` gave up.
    private(set) var waiting: [Range<Int>]
    public private(set) var calls = 0
    private var refusedAlone = 0
    private var isAnswered = false

    public init(count: Int) { waiting = count == 0 ? [] : [0..<count] }

    public var isQuestionAtFault: Bool { !isAnswered && refusedAlone >= Self.probesMax }

    /// The values to ask for next; nil: all is known, or it is given up.
    public mutating func next() -> Range<Int>? {
        guard !isQuestionAtFault, calls < Self.callsMax else { return nil }
        guard let range = waiting.popLast() else { return nil }
        calls += 1
        return range
    }

    public mutating func answered() { isAnswered = true }

    /// True: it is about this one value. Else its halves wait.
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
