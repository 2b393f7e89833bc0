/// `/Date(1506409448000-0700)/`: milliseconds, and sometimes an offset.
///
/// The offset is added: in every captured body that has one, the true time is the number plus the offset, contrary to
/// the serializer's documentation.
public struct WireDate: Hashable, Sendable {
    public let moment: Timestamp
    /// Such a time comes from a server that does not run in UTC, so nothing is ordered by it.
    public let hasOffset: Bool

    public init(_ moment: Timestamp, hasOffset: Bool = false) {
        self.moment = moment
        self.hasOffset = hasOffset
    }

    /// The years 1 to 9999, which is all that Dynamics can hold.
    private static let milliseconds: ClosedRange<Int64> = -62_135_596_800_000...253_402_300_799_999

    /// Nil for anything that is not exactly a date's text.
    init?(_ text: Span<UInt8>) {
        guard text.count > 2, text[0] == UInt8(ascii: "/"), text[text.count - 1] == UInt8(ascii: "/") else {
            return nil
        }
        self.init(inside: text.extracting(1..<text.count - 1))
    }

    /// Parses the text between the slashes.
    init?(inside text: Span<UInt8>) {
        let prefix: StaticString = "Date("
        let (start, end) = (prefix.utf8CodeUnitCount, text.count - 1)
        guard end > start, text[end] == UInt8(ascii: ")") else { return nil }
        for index in 0..<start where unsafe text[index] != prefix.utf8Start[index] { return nil }
        let isNegative = text[start] == UInt8(ascii: "-")
        var position = isNegative ? start + 1 : start
        guard let number = Self.digits(text, &position, end, atMost: 15) else { return nil }
        var offset: Int64 = 0
        if position < end {
            let sign = text[position]
            position += 1
            guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"), end - position == 4,
                let clock = Self.digits(text, &position, end, atMost: 4), clock < 2400, clock % 100 < 60
            else {
                return nil
            }
            offset = (clock / 100 * 60 + clock % 100) * 60_000 * (sign == UInt8(ascii: "-") ? -1 : 1)
        }
        let moment = (isNegative ? -number : number) + offset
        guard Self.milliseconds.contains(moment) else { return nil }
        self.init(Timestamp(milliseconds: moment), hasOffset: offset != 0)
    }

    private static func digits(_ text: Span<UInt8>, _ position: inout Int, _ end: Int, atMost: Int) -> Int64? {
        let start = position
        var number: Int64 = 0
        while position < end, position - start < atMost, 0x30...0x39 ~= text[position] {
            number = number * 10 + Int64(text[position] - 0x30)
            position += 1
        }
        return position > start ? number : nil
    }
}
