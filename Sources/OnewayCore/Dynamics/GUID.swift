/// The name of a Dynamics record: 128 bits, written lower case with dashes and without braces.
public struct GUID: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let high: UInt64
    public let low: UInt64

    public static let zero = GUID(high: 0, low: 0)

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Takes either case, with or without braces, with all four dashes or none.
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
        let dashed = end - first == 36
        guard dashed || end - first == 32 else { return nil }
        var halves: (UInt64, UInt64) = (0, 0)
        var digits = 0
        for index in first..<end {
            let byte = utf8[index]
            if dashed, Self.isDashed(index - first) {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard let digit = hexadecimalDigit(byte) else { return nil }
            if digits < 16 {
                halves.0 = halves.0 << 4 | UInt64(digit)
            } else {
                halves.1 = halves.1 << 4 | UInt64(digit)
            }
            digits += 1
        }
        self.init(high: halves.0, low: halves.1)
    }

    /// Dynamics writes the zero GUID where there is none.
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

    private static func isDashed(_ position: Int) -> Bool {
        position == 8 || position == 13 || position == 18 || position == 23
    }
}
