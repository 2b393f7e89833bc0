public struct GUID: Hashable, Sendable, Comparable {
    public let high: UInt64
    public let low: UInt64
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
    public static func < (a: Self, b: Self) -> Bool { (a.high, a.low) < (b.high, b.low) }
}
public struct Reason: Hashable, Sendable {
    public var rule: String?
    public var says: String
    public init(rule: String? = nil, says: String) {
        self.rule = rule
        self.says = says
    }
}
public struct Timestamp: Hashable, Comparable, Sendable {
    public let milliseconds: Int64
    public init(milliseconds: Int64) { self.milliseconds = milliseconds }
    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }
}
