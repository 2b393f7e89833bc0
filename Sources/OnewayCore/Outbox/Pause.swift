/// How long to wait before the next try: twice as long each time.
public struct Pause: Hashable, Sendable {
    public var firstMilliseconds: Int64
    public var mostMilliseconds: Int64

    public init(first: Int64, most: Int64) {
        (firstMilliseconds, mostMilliseconds) = (first, most)
    }

    /// After so many failures in a row, 1 for the first.
    public func milliseconds(after failures: Int) -> Int64 {
        let doublings = min(max(failures, 1) - 1, 40)
        let (grown, isTooMuch) = firstMilliseconds.multipliedReportingOverflow(by: 1 << doublings)
        return isTooMuch ? mostMilliseconds : min(grown, mostMilliseconds)
    }

    /// A quarter more or less.
    public func milliseconds(after failures: Int, using random: inout some RandomNumberGenerator) -> Int64 {
        let length = milliseconds(after: failures)
        return length - length / 4 + Int64.random(in: 0...(length / 2), using: &random)
    }
}
