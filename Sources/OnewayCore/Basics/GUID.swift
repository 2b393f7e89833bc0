/// The id of a Dynamics record: 128 bits, written in lower case with dashes and without braces.
public struct GUID: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let high: UInt64
    public let low: UInt64

    public static let zero = GUID(high: 0, low: 0)

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Accepts either case, with or without braces, with all four dashes or none.
    public init?(_ text: String) {
        self.init(utf8: text.utf8Span.span)
    }

    public init?(utf8: Span<UInt8>) {
        var first = 0
        var end = utf8.count
        if end > 2, utf8[0] == UInt8(ascii: "{"), utf8[end - 1] == UInt8(ascii: "}") {
            first += 1
            end -= 1
        }
        var halves: (UInt64, UInt64) = (0, 0)
        switch end - first {
        case 32:
            guard Self.read(utf8, first, 16, into: &halves.0), Self.read(utf8, first + 16, 16, into: &halves.1) else {
                return nil
            }
        case 36:
            let dash = UInt8(ascii: "-")
            guard utf8[first + 8] == dash, utf8[first + 13] == dash, utf8[first + 18] == dash,
                utf8[first + 23] == dash, Self.read(utf8, first, 8, into: &halves.0),
                Self.read(utf8, first + 9, 4, into: &halves.0),
                Self.read(utf8, first + 14, 4, into: &halves.0), Self.read(utf8, first + 19, 4, into: &halves.1),
                Self.read(utf8, first + 24, 12, into: &halves.1)
            else {
                return nil
            }
        default: return nil
        }
        self.init(high: halves.0, low: halves.1)
    }

    /// Dynamics writes the zero GUID for a missing id.
    public var isZero: Bool { high == 0 && low == 0 }

    public var description: String {
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for digit in 0..<32 {
            if Self.isDashed(text.count) { text.append(UInt8(ascii: "-")) }
            let half = digit < 16 ? high : low
            text.append(hexadecimal(UInt8(truncatingIfNeeded: half >> UInt64(60 - 4 * (digit % 16)) & 15)))
        }
        return String(decoding: text, as: UTF8.self)
    }

    public static func < (left: GUID, right: GUID) -> Bool { (left.high, left.low) < (right.high, right.low) }

    /// No branch per digit: digits and letters follow each other at random.
    @inline(__always) private static func read(
        _ utf8: Span<UInt8>,
        _ start: Int,
        _ count: Int,
        into value: inout UInt64
    ) -> Bool {
        var all: UInt8 = 0
        for index in start..<start + count {
            let digit = hexadecimalDigit(utf8[index])
            all |= digit
            value = value << 4 | UInt64(digit & 15)
        }
        return all < 16
    }

    private static func isDashed(_ position: Int) -> Bool {
        position == 8 || position == 13 || position == 18 || position == 23
    }
}
