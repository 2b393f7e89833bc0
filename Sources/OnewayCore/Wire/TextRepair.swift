/// Dynamics treats its UTF-8 bytes as Windows-1252 text and encodes them again. This reverses that.
enum TextRepair {
    /// The intended body, or nil if there is nothing to repair. The whole body must be consistent: every character has
    /// to stand for one Windows-1252 byte, and these bytes have to be UTF-8. Nothing is lost, because no two characters
    /// stand for the same byte. A body that was encoded once fails the test at its first isolated non-ASCII character.
    static func repaired(_ body: [UInt8]) -> [UInt8]? {
        let bytes = body.span
        let start = body.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
        guard var position = firstBeyondASCII(bytes, from: start) else { return nil }
        var repaired: [UInt8] = []
        repaired.reserveCapacity(body.count)
        repaired.append(contentsOf: body[start..<position])
        while position < bytes.count {
            if bytes[position] < 0x80 {
                let end = firstBeyondASCII(bytes, from: position) ?? bytes.count
                repaired.append(contentsOf: body[position..<end])
                position = end
                continue
            }
            guard let length = JSONText.sequenceLength(bytes, position),
                let byte = windows1252(codePoint(bytes, position, length))
            else {
                return nil
            }
            repaired.append(byte)
            position += length
        }
        return isUTF8(repaired.span) ? repaired : nil
    }

    private static func firstBeyondASCII(_ bytes: Span<UInt8>, from start: Int) -> Int? {
        var position = start
        while position + 32 <= bytes.count {
            let words = unsafe bytes.bytes.unsafeLoadUnaligned(fromByteOffset: position, as: SIMD4<UInt64>.self)
            if (words.x | words.y | words.z | words.w) & 0x8080_8080_8080_8080 != 0 { break }
            position += 32
        }
        while position < bytes.count, bytes[position] < 0x80 { position += 1 }
        return position < bytes.count ? position : nil
    }

    private static func isUTF8(_ bytes: Span<UInt8>) -> Bool {
        var position = 0
        while let beyond = firstBeyondASCII(bytes, from: position) {
            guard let length = JSONText.sequenceLength(bytes, beyond) else { return false }
            position = beyond + length
        }
        return true
    }

    private static func codePoint(_ bytes: Span<UInt8>, _ position: Int, _ length: Int) -> UInt32 {
        var code = UInt32(bytes[position]) & (0xff >> UInt32(length + 1))
        for index in position + 1..<position + length { code = code << 6 | UInt32(bytes[index] & 0x3f) }
        return code
    }

    /// The byte of a character, nil if it has none. The five bytes undefined in Windows-1252 stand for themselves.
    private static func windows1252(_ code: UInt32) -> UInt8? {
        switch code {
        case 0xa0...0xff, 0x81, 0x8d, 0x8f, 0x90, 0x9d: UInt8(code)
        case 0x20ac: 0x80
        case 0x201a: 0x82
        case 0x0192: 0x83
        case 0x201e: 0x84
        case 0x2026: 0x85
        case 0x2020: 0x86
        case 0x2021: 0x87
        case 0x02c6: 0x88
        case 0x2030: 0x89
        case 0x0160: 0x8a
        case 0x2039: 0x8b
        case 0x0152: 0x8c
        case 0x017d: 0x8e
        case 0x2018: 0x91
        case 0x2019: 0x92
        case 0x201c: 0x93
        case 0x201d: 0x94
        case 0x2022: 0x95
        case 0x2013: 0x96
        case 0x2014: 0x97
        case 0x02dc: 0x98
        case 0x2122: 0x99
        case 0x0161: 0x9a
        case 0x203a: 0x9b
        case 0x0153: 0x9c
        case 0x017e: 0x9e
        case 0x0178: 0x9f
        default: nil
        }
    }
}
