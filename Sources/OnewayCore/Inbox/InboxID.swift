/// The id of one notification: stable, and sorted by arrival.
///
/// 44 bits of milliseconds, 12 bits that count within one, 7 bits for the writer, so that several writers need no
/// coordination.
public struct InboxID: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let number: Int64

    public init(number: Int64) { self.number = number }

    /// Sixteen hexadecimal digits, as `description` writes them.
    public init?(_ text: String) {
        guard text.utf8.count == 16, let number = UInt64(text, radix: 16), number <= Int64.max else { return nil }
        self.number = Int64(number)
    }

    public var description: String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }

    public static func < (left: Self, right: Self) -> Bool { left.number < right.number }

    /// The lowest id that any writer can have assigned at that time.
    public init(earliestAt time: Timestamp) {
        let milliseconds = min(max(time.milliseconds, 0), Self.millisecondsMax)
        number = milliseconds << (Self.countBits + Self.writerBits)
    }

    /// The latest that this writer may have assigned, where `newest` is the latest of all writers.
    public init(latest newest: Int64, writer: Int64) { number = newest / Self.writers * Self.writers + writer }

    /// The writer's next id: not earlier than `now`, and later than this one even if the clock was set back.
    public func next(now: Timestamp) -> InboxID {
        let later = max(InboxID(earliestAt: now).number, (number / Self.writers + 1) * Self.writers)
        return InboxID(number: later + number % Self.writers)
    }

    private static let writers: Int64 = 1 << writerBits
    private static let countBits: Int64 = 12
    private static let writerBits: Int64 = 7
    private static let millisecondsMax: Int64 = (1 << 44) - 1
}
