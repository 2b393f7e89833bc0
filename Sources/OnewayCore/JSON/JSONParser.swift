/// One pass over the bytes that checks everything RFC 8259 says and lays the tape. A loop with a stack of its own, so
/// that no document can exhaust the thread's.
struct JSONParser {
    private(set) var nodes: [JSONNode] = []
    /// The containers that are not closed yet, as tape indexes.
    private var open: [Int] = []
    private var position = 0
    private let depthMax: Int

    init(bytesCount: Int, depthMax: Int) {
        self.depthMax = depthMax
        nodes.reserveCapacity(bytesCount / 10 + 8)
        open.reserveCapacity(min(depthMax, 64))
    }

    mutating func parse(_ bytes: Span<UInt8>) throws(JSONError) {
        if bytes.count >= 3, bytes[0] == 0xef, bytes[1] == 0xbb, bytes[2] == 0xbf { position = 3 }
        repeat {
            skipSpace(bytes)
            let opened = try value(bytes)
            if !opened { try closeWhatEnds(bytes) }
        } while !open.isEmpty
        skipSpace(bytes)
        guard position == bytes.count else { throw error("something follows the document") }
    }

    /// Whether it opened a container that holds something: then its first value comes next.
    @inline(__always) private mutating func value(_ bytes: Span<UInt8>) throws(JSONError) -> Bool {
        guard position < bytes.count else { throw error("the document ends where a value should be") }
        switch bytes[position] {
        case UInt8(ascii: "\""):
            try string(bytes)
        case UInt8(ascii: "{"):
            return try openContainer(bytes, .object, closing: UInt8(ascii: "}"))
        case UInt8(ascii: "["):
            return try openContainer(bytes, .array, closing: UInt8(ascii: "]"))
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            try number(bytes)
        case UInt8(ascii: "t"):
            try literal(bytes, "true", .true)
        case UInt8(ascii: "f"):
            try literal(bytes, "false", .false)
        case UInt8(ascii: "n"):
            try literal(bytes, "null", .null)
        default:
            throw error("no value begins like this")
        }
        return false
    }

    private mutating func openContainer(
        _ bytes: Span<UInt8>,
        _ kind: JSONNode.Kind,
        closing: UInt8
    ) throws(JSONError) -> Bool {
        guard open.count < depthMax else { throw error("arrays and objects lie too deep in each other") }
        append(kind, start: position, length: 1)
        position += 1
        skipSpace(bytes)
        if position < bytes.count, bytes[position] == closing {
            position += 1
            return false
        }
        open.append(nodes.count - 1)
        if kind == .object { try name(bytes) }
        return true
    }

    /// After a value: closes all containers that end here, and stops where the next value begins.
    @inline(__always) private mutating func closeWhatEnds(_ bytes: Span<UInt8>) throws(JSONError) {
        while let container = open.last {
            skipSpace(bytes)
            guard position < bytes.count else { throw error("the document ends inside an array or object") }
            let isObject = nodes[container].kind == .object
            let byte = bytes[position]
            if byte == UInt8(ascii: ",") {
                position += 1
                if isObject {
                    skipSpace(bytes)
                    try name(bytes)
                }
                return
            }
            guard byte == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
                throw error("a comma or the end of the array or object should be here")
            }
            position += 1
            nodes[container].end = UInt32(truncatingIfNeeded: nodes.count)
            nodes[container].length = UInt32(truncatingIfNeeded: position) - nodes[container].start
            open.removeLast()
        }
    }

    @inline(__always) private mutating func name(_ bytes: Span<UInt8>) throws(JSONError) {
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
            throw error("a member's name should be here")
        }
        try string(bytes)
        skipSpace(bytes)
        guard position < bytes.count, bytes[position] == UInt8(ascii: ":") else {
            throw error("a colon should be here")
        }
        position += 1
    }

    private mutating func string(_ bytes: Span<UInt8>) throws(JSONError) {
        position += 1
        let start = position
        var hasEscapes = false
        while true {
            skipPlainText(bytes)
            guard position < bytes.count else { throw error("the document ends inside a string") }
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") { break }
            if byte == UInt8(ascii: "\\") {
                hasEscapes = true
                try escape(bytes)
            } else if byte < 0x20 {
                throw error("a control character is not escaped")
            } else {
                guard let length = JSONText.sequenceLength(bytes, position) else { throw error("this is not UTF-8") }
                position += length
            }
        }
        append(.string, start: start, length: position - start, hasEscapes: hasEscapes)
        position += 1
    }

    /// To the next byte that is not plain ASCII text, or close to the end.
    @inline(__always) private mutating func skipPlainText(_ bytes: Span<UInt8>) {
        while position + 8 <= bytes.count {
            let word = unsafe bytes.bytes.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self)
            let stops = JSONText.stops(in: UInt64(littleEndian: word))
            guard stops == 0 else {
                position += stops.trailingZeroBitCount >> 3
                return
            }
            position += 8
        }
        while position < bytes.count, JSONText.stops(in: UInt64(bytes[position]) | 0x6161_6161_6161_6100) == 0 {
            position += 1
        }
    }

    private mutating func escape(_ bytes: Span<UInt8>) throws(JSONError) {
        guard position + 1 < bytes.count else { throw error("the document ends inside a string") }
        if JSONText.meaning(ofEscape: bytes[position + 1]) != nil {
            position += 2
            return
        }
        guard bytes[position + 1] == UInt8(ascii: "u") else { throw error("there is no such escape") }
        let first = try codeUnit(bytes)
        if 0xdc00...0xdfff ~= first { throw error("half a surrogate pair") }
        guard 0xd800...0xdbff ~= first else { return }
        guard position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u"), 0xdc00...0xdfff ~= (try codeUnit(bytes))
        else {
            throw error("half a surrogate pair")
        }
    }

    /// The four digits after `\u`.
    private mutating func codeUnit(_ bytes: Span<UInt8>) throws(JSONError) -> UInt32 {
        guard position + 6 <= bytes.count else { throw error("an escape lacks digits") }
        var code: UInt32 = 0
        for index in position + 2..<position + 6 {
            guard let digit = hexadecimalDigit(bytes[index]) else { throw error("an escape lacks digits") }
            code = code << 4 | UInt32(digit)
        }
        position += 6
        return code
    }

    private mutating func number(_ bytes: Span<UInt8>) throws(JSONError) {
        let start = position
        if bytes[position] == UInt8(ascii: "-") { position += 1 }
        if position < bytes.count, bytes[position] == UInt8(ascii: "0") {
            position += 1
        } else {
            try digits(bytes)
        }
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            position += 1
            try digits(bytes)
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
                position += 1
            }
            try digits(bytes)
        }
        append(.number, start: start, length: position - start)
    }

    @inline(__always) private mutating func digits(_ bytes: Span<UInt8>) throws(JSONError) {
        let start = position
        while position < bytes.count, 0x30...0x39 ~= bytes[position] { position += 1 }
        guard position > start else { throw error("a number lacks digits") }
    }

    private mutating func literal(
        _ bytes: Span<UInt8>,
        _ text: StaticString,
        _ kind: JSONNode.Kind
    ) throws(JSONError) {
        let length = text.utf8CodeUnitCount
        guard position + length <= bytes.count else { throw error("no value begins like this") }
        for offset in 0..<length where unsafe bytes[position + offset] != text.utf8Start[offset] {
            throw error("no value begins like this")
        }
        append(kind, start: position, length: length)
        position += length
    }

    @inline(__always) private mutating func append(
        _ kind: JSONNode.Kind,
        start: Int,
        length: Int,
        hasEscapes: Bool = false
    ) {
        nodes.append(
            JSONNode(
                start: UInt32(truncatingIfNeeded: start),
                length: UInt32(truncatingIfNeeded: length),
                end: UInt32(truncatingIfNeeded: nodes.count + 1),
                kind: kind,
                hasEscapes: hasEscapes
            )
        )
    }

    @inline(__always) private mutating func skipSpace(_ bytes: Span<UInt8>) {
        while position < bytes.count {
            let byte = bytes[position]
            guard byte <= 0x20, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 else { return }
            position += 1
        }
    }

    private func error(_ says: String) -> JSONError { JSONError(offset: position, says: says) }
}
