/// Writes the stored form of records: variable-length integers, and texts prefixed with their length.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    init() { bytes.reserveCapacity(512) }

    mutating func byte(_ byte: UInt8) { bytes.append(byte) }

    mutating func unsigned(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// Zigzag: the sign is in the lowest bit, so that small negative numbers stay short.
    mutating func signed(_ value: Int64) { unsigned(UInt64(bitPattern: (value << 1) ^ (value >> 63))) }

    mutating func count(_ count: Int) { unsigned(UInt64(count)) }

    mutating func text(_ text: String) {
        count(text.utf8.count)
        bytes.append(contentsOf: text.utf8)
    }

    mutating func guid(_ guid: GUID) {
        for half in [guid.high, guid.low] {
            for shift in stride(from: UInt64(56), through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: half >> shift))
            }
        }
    }

    mutating func optional<Part>(_ part: Part?, _ write: (inout ByteWriter, Part) -> Void) {
        byte(part == nil ? 0 : 1)
        if let part { write(&self, part) }
    }
}

/// Reads what `ByteWriter` wrote. On any input it throws rather than traps or allocates without bound.
struct ByteReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    func unreadable(_ says: String) -> MirrorRecordUnreadable { MirrorRecordUnreadable(offset: position, says: says) }

    mutating func byte() throws(MirrorRecordUnreadable) -> UInt8 {
        guard position < bytes.count else { throw unreadable("unexpected end of data") }
        position += 1
        return bytes[position - 1]
    }

    mutating func unsigned() throws(MirrorRecordUnreadable) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), through: 63, by: 7) {
            let part = try byte()
            guard shift < 63 || part <= 1 else { break }
            value |= UInt64(part & 0x7f) << shift
            if part < 0x80 { return value }
        }
        throw unreadable("a number is too large")
    }

    mutating func signed() throws(MirrorRecordUnreadable) -> Int64 {
        let value = try unsigned()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    mutating func int() throws(MirrorRecordUnreadable) -> Int { Int(try signed()) }

    /// A count of items of at least one byte each, so it never exceeds the number of bytes left.
    mutating func count() throws(MirrorRecordUnreadable) -> Int {
        let value = try unsigned()
        guard value <= UInt64(bytes.count - position) else { throw unreadable("a length extends past the end") }
        return Int(value)
    }

    mutating func text() throws(MirrorRecordUnreadable) -> String {
        let count = try count()
        defer { position += count }
        guard let text = String(validating: bytes[position..<position + count], as: UTF8.self) else {
            throw unreadable("a text is not UTF-8")
        }
        return text
    }

    mutating func guid() throws(MirrorRecordUnreadable) -> GUID {
        var halves: [UInt64] = [0, 0]
        for half in halves.indices {
            for _ in 0..<8 { halves[half] = halves[half] << 8 | UInt64(try byte()) }
        }
        return GUID(high: halves[0], low: halves[1])
    }

    mutating func optional<Part>(
        _ read: (inout ByteReader) throws(MirrorRecordUnreadable) -> Part
    ) throws(MirrorRecordUnreadable) -> Part? {
        switch try byte() {
        case 0: nil
        case 1: try read(&self)
        default: throw unreadable("an invalid presence byte")
        }
    }
}
