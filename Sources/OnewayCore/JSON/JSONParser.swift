/// One pass over the bytes that checks everything RFC 8259 requires and writes the tape. A loop without recursion, so
/// that no document can exhaust the thread's stack: an open container's node holds the index of its parent until it
/// closes. Positions are passed as values: they stay in registers.
struct JSONParser {
    private static let none = UInt32.max

    private let depthMax: Int
    private var depth = 0
    /// The innermost container that is not closed yet.
    private var container = Self.none
    private var isInObject = false

    static func tape(_ bytes: Span<UInt8>, depthMax: Int) throws(JSONError) -> [JSONNode] {
        // A value takes at least a byte and a separator; only open containers take less. Memory that is reserved but
        // not needed is never touched.
        let nodesMax = bytes.count / 2 + min(depthMax, bytes.count) + 2
        return try [JSONNode](capacity: nodesMax) { (nodes) throws(JSONError) in
            var parser = JSONParser(depthMax: depthMax)
            try parser.parse(bytes, &nodes)
        }
    }

    private init(depthMax: Int) { self.depthMax = depthMax }

    private mutating func parse(_ bytes: Span<UInt8>, _ nodes: inout OutputSpan<JSONNode>) throws(JSONError) {
        let hasMark = bytes.count >= 3 && bytes[0] == 0xef && bytes[1] == 0xbb && bytes[2] == 0xbf
        var position = hasMark ? 3 : 0
        repeat {
            position = Self.afterSpace(bytes, position)
            let depthBefore = depth
            position = try value(bytes, position, &nodes)
            if depth == depthBefore { position = try closeWhatEnds(bytes, position, &nodes) }
        } while depth > 0
        position = Self.afterSpace(bytes, position)
        guard position == bytes.count else { throw Self.error(position, "there is more text after the document") }
    }

    /// If a container with content begins, the position is before its first value, and `depth` has grown.
    @inline(__always) private mutating func value(
        _ bytes: Span<UInt8>,
        _ position: Int,
        _ nodes: inout OutputSpan<JSONNode>
    ) throws(JSONError) -> Int {
        guard position < bytes.count else { throw Self.error(position, "the document ends where a value is expected") }
        switch bytes[position] {
        case UInt8(ascii: "\""):
            return try Self.string(bytes, position, &nodes)
        case UInt8(ascii: "{"):
            return try openContainer(bytes, position, .object, closing: UInt8(ascii: "}"), &nodes)
        case UInt8(ascii: "["):
            return try openContainer(bytes, position, .array, closing: UInt8(ascii: "]"), &nodes)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            return try Self.number(bytes, position, &nodes)
        case UInt8(ascii: "t"):
            return try Self.literal(bytes, position, "true", .true, &nodes)
        case UInt8(ascii: "f"):
            return try Self.literal(bytes, position, "false", .false, &nodes)
        case UInt8(ascii: "n"):
            return try Self.literal(bytes, position, "null", .null, &nodes)
        default:
            throw Self.error(position, "no valid value starts here")
        }
    }

    @inline(__always) private mutating func openContainer(
        _ bytes: Span<UInt8>,
        _ position: Int,
        _ kind: JSONNode.Kind,
        closing: UInt8,
        _ nodes: inout OutputSpan<JSONNode>
    ) throws(JSONError) -> Int {
        guard depth < depthMax else { throw Self.error(position, "arrays and objects are nested too deeply") }
        Self.append(&nodes, kind, start: position, length: 1)
        let inside = Self.afterSpace(bytes, position + 1)
        if inside < bytes.count, bytes[inside] == closing { return inside + 1 }
        let index = nodes.count - 1
        var span = nodes.mutableSpan
        span[index].end = container
        container = UInt32(truncatingIfNeeded: index)
        isInObject = kind == .object
        depth += 1
        return kind == .object ? try Self.name(bytes, inside, &nodes) : inside
    }

    /// After a value: closes all containers that end here, and stops where the next value begins.
    @inline(__always) private mutating func closeWhatEnds(
        _ bytes: Span<UInt8>,
        _ start: Int,
        _ nodes: inout OutputSpan<JSONNode>
    ) throws(JSONError) -> Int {
        var position = start
        while depth > 0 {
            position = Self.afterSpace(bytes, position)
            guard position < bytes.count else {
                throw Self.error(position, "the document ends inside an array or object")
            }
            let byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: ",") {
                return isInObject ? try Self.name(bytes, Self.afterSpace(bytes, position), &nodes) : position
            }
            guard byte == (isInObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
                throw Self.error(position - 1, "expected a comma or the end of the array or object")
            }
            close(position, &nodes)
        }
        return position
    }

    @inline(__always) private mutating func close(_ position: Int, _ nodes: inout OutputSpan<JSONNode>) {
        let (index, count) = (Int(container), nodes.count)
        var span = nodes.mutableSpan
        container = span[index].end
        span[index].end = UInt32(truncatingIfNeeded: count)
        span[index].length = UInt32(truncatingIfNeeded: position) - span[index].start
        depth -= 1
        isInObject = depth > 0 && span[Int(container)].kind == .object
    }

    @inline(__always) private static func name(
        _ bytes: Span<UInt8>,
        _ position: Int,
        _ nodes: inout OutputSpan<JSONNode>
    ) throws(JSONError) -> Int {
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
            throw Self.error(position, "expected a member's name")
        }
        let colon = Self.afterSpace(bytes, try string(bytes, position, &nodes))
        guard colon < bytes.count, bytes[colon] == UInt8(ascii: ":") else {
            throw Self.error(colon, "expected a colon")
        }
        return colon + 1
    }

    @inline(__always) private static func string(
        _ bytes: Span<UInt8>,
        _ quote: Int,
        _ nodes: inout OutputSpan<JSONNode>
    )
        throws(JSONError) -> Int
    {
        var position = quote + 1
        var hasEscapes = false
        while true {
            position = Self.afterPlainText(bytes, position)
            guard position < bytes.count else { throw Self.error(position, "the document ends inside a string") }
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") { break }
            if byte == UInt8(ascii: "\\") {
                hasEscapes = true
                position = try Self.escape(bytes, position)
            } else if byte < 0x20 {
                throw Self.error(position, "a control character is not escaped")
            } else {
                guard let length = JSONText.sequenceLength(bytes, position) else {
                    throw Self.error(position, "this is not UTF-8")
                }
                position += length
            }
        }
        append(&nodes, .string, start: quote + 1, length: position - quote - 1, hasEscapes: hasEscapes)
        return position + 1
    }

    /// Returns the position of the next byte that is not plain ASCII text, or the end.
    @inline(__always) private static func afterPlainText(_ bytes: Span<UInt8>, _ start: Int) -> Int {
        var position = start
        while position + 8 <= bytes.count {
            let word = unsafe bytes.bytes.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self)
            let stops = JSONText.stops(in: UInt64(littleEndian: word))
            guard stops == 0 else { return position + stops.trailingZeroBitCount >> 3 }
            position += 8
        }
        while position < bytes.count, JSONText.stops(in: UInt64(bytes[position]) | 0x6161_6161_6161_6100) == 0 {
            position += 1
        }
        return position
    }

    @inline(__always) private static func escape(_ bytes: Span<UInt8>, _ position: Int) throws(JSONError) -> Int {
        guard position + 1 < bytes.count else { throw Self.error(position, "the document ends inside a string") }
        if JSONText.meaning(ofEscape: bytes[position + 1]) != nil { return position + 2 }
        return try Self.codePoint(bytes, position)
    }

    /// One `\u` escape, or the two of a surrogate pair.
    private static func codePoint(_ bytes: Span<UInt8>, _ position: Int) throws(JSONError) -> Int {
        let first = try Self.codeUnit(bytes, position)
        if 0xdc00...0xdfff ~= first { throw Self.error(position, "half a surrogate pair") }
        guard 0xd800...0xdbff ~= first else { return position + 6 }
        guard 0xdc00...0xdfff ~= (try Self.codeUnit(bytes, position + 6)) else {
            throw Self.error(position, "half a surrogate pair")
        }
        return position + 12
    }

    private static func codeUnit(_ bytes: Span<UInt8>, _ position: Int) throws(JSONError) -> UInt32 {
        guard position + 6 <= bytes.count, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u")
        else {
            throw Self.error(position, "this is not a valid escape")
        }
        var code: UInt32 = 0
        for index in position + 2..<position + 6 {
            let digit = hexadecimalDigit(bytes[index])
            guard digit < 16 else { throw Self.error(position, "an escape lacks digits") }
            code = code << 4 | UInt32(digit)
        }
        return code
    }

    private static func number(_ bytes: Span<UInt8>, _ start: Int, _ nodes: inout OutputSpan<JSONNode>)
        throws(JSONError) -> Int
    {
        var position = bytes[start] == UInt8(ascii: "-") ? start + 1 : start
        if position < bytes.count, bytes[position] == UInt8(ascii: "0") {
            position += 1
        } else {
            position = try Self.digits(bytes, position)
        }
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            position = try Self.digits(bytes, position + 1)
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
                position += 1
            }
            position = try Self.digits(bytes, position)
        }
        append(&nodes, .number, start: start, length: position - start)
        return position
    }

    @inline(__always) private static func digits(_ bytes: Span<UInt8>, _ start: Int) throws(JSONError) -> Int {
        var position = start
        while position < bytes.count, 0x30...0x39 ~= bytes[position] { position += 1 }
        guard position > start else { throw Self.error(position, "a number lacks digits") }
        return position
    }

    @inline(__always) private static func literal(
        _ bytes: Span<UInt8>,
        _ position: Int,
        _ text: StaticString,
        _ kind: JSONNode.Kind,
        _ nodes: inout OutputSpan<JSONNode>
    ) throws(JSONError) -> Int {
        let length = text.utf8CodeUnitCount
        guard position + length <= bytes.count else { throw Self.error(position, "no valid value starts here") }
        for offset in 0..<length where unsafe bytes[position + offset] != text.utf8Start[offset] {
            throw Self.error(position, "no valid value starts here")
        }
        append(&nodes, kind, start: position, length: length)
        return position + length
    }

    @inline(__always) private static func append(
        _ nodes: inout OutputSpan<JSONNode>,
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

    @inline(__always) private static func afterSpace(_ bytes: Span<UInt8>, _ start: Int) -> Int {
        var position = start
        while position < bytes.count, bytes[position] <= 0x20 {
            let byte = bytes[position]
            guard byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 else { break }
            position += 1
        }
        return position
    }

    private static func error(_ position: Int, _ says: String) -> JSONError { JSONError(offset: position, says: says) }
}
