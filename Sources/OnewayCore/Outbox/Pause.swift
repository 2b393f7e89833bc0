/// The wait before the next attempt: doubled each time.
public struct Pause: Hashable, Sendable {
    public var firstMilliseconds: Int64
    public var mostMilliseconds: Int64

    public init(first: Int64, most: Int64) {
        (firstMilliseconds, mostMilliseconds) = (first, most)
    }

    /// The pause after this many failures in a row, 1 for the first.
    public func milliseconds(after failures: Int) -> Int64 {
        let doublings = min(max(failures, 1) - 1, 40)
        let (grown, isTooMuch) = firstMilliseconds.multipliedReportingOverflow(by: 1 << doublings)
        return isTooMuch ? mostMilliseconds : min(grown, mostMilliseconds)
    }

    /// The same, varied at random by up to a quarter.
    public func milliseconds(after failures: Int, using random: inout some RandomNumberGenerator) -> Int64 {
        let length = milliseconds(after: failures)
        return length - length / 4 + Int64.random(in: 0...(length / 2), using: &random)
    }
}
