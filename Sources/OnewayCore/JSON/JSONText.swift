/// The content of JSON strings.
enum JSONText {
    /// Eight bytes at once: the high bit of the lowest marked byte is set where a byte ends the run of plain ASCII (a
    /// quote, a backslash, a control character, anything beyond ASCII). Marks above the lowest one mean nothing.
    @inline(__always) static func stops(in word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quotes = word ^ (ones &* 0x22)
        let backslashes = word ^ (ones &* 0x5c)
        let isQuote = (quotes &- ones) & ~quotes
        let isBackslash = (backslashes &- ones) & ~backslashes
        let isControl = (word &- (ones &* 0x20)) & ~word
        return (isQuote | isBackslash | isControl | word) & (ones &* 0x80)
    }

    /// The length of the well-formed UTF-8 sequence (two to four bytes) at a position. Nil if there is none, which
    /// includes overlong forms, surrogates, and anything beyond U+10FFFF.
    @inline(__always) static func sequenceLength(_ bytes: Span<UInt8>, _ position: Int) -> Int? {
        let first = bytes[position]
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xbf
        switch first {
        case 0xc2...0xdf: length = 2
        case 0xe0...0xef:
            length = 3
            if first == 0xe0 { second = 0xa0...0xbf }
            if first == 0xed { second = 0x80...0x9f }
        case 0xf0...0xf4:
            length = 4
            if first == 0xf0 { second = 0x90...0xbf }
            if first == 0xf4 { second = 0x80...0x8f }
        default: return nil
        }
        guard position + length <= bytes.count, second.contains(bytes[position + 1]) else { return nil }
        if length > 2, bytes[position + 2] & 0xc0 != 0x80 { return nil }
        if length > 3, bytes[position + 3] & 0xc0 != 0x80 { return nil }
        return length
    }

    /// The character that a one-letter escape stands for.
    @inline(__always) static func meaning(ofEscape letter: UInt8) -> UInt8? {
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): letter
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0c
        case UInt8(ascii: "n"): 0x0a
        case UInt8(ascii: "r"): 0x0d
        case UInt8(ascii: "t"): 0x09
        default: nil
        }
    }

    /// Resolves the escapes of a string that the parser has validated.
    static func unescaped(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var plain: [UInt8] = []
        plain.reserveCapacity(text.count)
        var position = text.startIndex
        while position < text.endIndex {
            let escape = text[position...].firstIndex(of: UInt8(ascii: "\\")) ?? text.endIndex
            plain.append(contentsOf: text[position..<escape])
            position = escape + 1
            guard position < text.endIndex else { break }
            if let meaning = meaning(ofEscape: text[position]) {
                plain.append(meaning)
                position += 1
            } else {
                appendCodePoint(of: text, &position, to: &plain)
            }
        }
        return plain
    }

    /// A part of a JSON pointer, with its two special characters escaped.
    static func pointerPart(_ name: String) -> String {
        guard name.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else { return name }
        return name.reduce(into: "") { $0 += $1 == "~" ? "~0" : $1 == "/" ? "~1" : String($1) }
    }

    /// `u` with its four digits, and the low surrogate's escape after a high one.
    private static func appendCodePoint(of text: ArraySlice<UInt8>, _ position: inout Int, to plain: inout [UInt8]) {
        var code = hexadecimal(text, position + 1)
        position += 5
        if 0xd800...0xdbff ~= code {
            code = 0x10000 + (code - 0xd800) << 10 + (hexadecimal(text, position + 2) - 0xdc00)
            position += 6
        }
        if let scalar = Unicode.Scalar(code) { plain.append(contentsOf: scalar.utf8) }
    }

    private static func hexadecimal(_ text: ArraySlice<UInt8>, _ position: Int) -> UInt32 {
        text[position..<position + 4].reduce(0) { $0 << 4 | UInt32(hexadecimalDigit($1)) }
    }
}
