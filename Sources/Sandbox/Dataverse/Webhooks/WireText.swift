/// The encoding of bodies: the serializer's escapes, and text that is encoded twice.
enum WireText {
    /// Escapes slashes with a backslash, and control characters as `\u` with four digits.
    static func escaped(_ json: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(json.count + 64)
        var index = 0
        while index < json.count {
            let byte = json[index]
            if byte == UInt8(ascii: "/") {
                bytes += [UInt8(ascii: "\\"), byte]
            } else if byte == UInt8(ascii: "\\"), index + 1 < json.count {
                index += 1
                switch json[index] {
                case UInt8(ascii: "n"): bytes += #"\u000a"#.utf8
                case UInt8(ascii: "r"): bytes += #"\u000d"#.utf8
                case UInt8(ascii: "t"): bytes += #"\u0009"#.utf8
                default: bytes += [byte, json[index]]
                }
            } else {
                bytes.append(byte)
            }
            index += 1
        }
        return bytes
    }

    /// Interprets UTF-8 bytes as Windows-1252 text, and encodes that as UTF-8 again.
    static func encodedTwice(_ body: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(body.count)
        for byte in body {
            if byte < 0x80 {
                bytes.append(byte)
            } else {
                let code = (0x80..<0xa0).contains(byte) ? windows1252[Int(byte - 0x80)] : UInt32(byte)
                bytes += Unicode.Scalar(code).map { String(Character($0)).utf8 } ?? "".utf8
            }
        }
        return bytes
    }

    /// The characters for 0x80 to 0x9f. Five bytes have none and map to themselves.
    private static let windows1252: [UInt32] = [
        0x20ac, 0x81, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8d,
        0x017d,
        0x8f, 0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153,
        0x9d,
        0x017e, 0x0178,
    ]
}
