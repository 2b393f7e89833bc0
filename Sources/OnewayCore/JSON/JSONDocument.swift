/// One valid JSON document: its bytes, and a tape with the position of each value in them.
///
/// The whole document is checked once (RFC 8259, including UTF-8); nothing is copied until it is needed. Numbers are
/// kept as text, so nothing is rounded. Duplicate member names stay visible: the reader decides what they mean.
public struct JSONDocument: Sendable {
    /// The maximum nesting depth of arrays and objects.
    public static let depthMaxByDefault = 64

    let bytes: [UInt8]
    let nodes: [JSONNode]

    /// A single byte order mark before the document is skipped.
    public init(_ bytes: [UInt8], depthMax: Int = JSONDocument.depthMaxByDefault) throws(JSONError) {
        guard bytes.count < Int(UInt32.max) else { throw JSONError(offset: 0, says: "the document is too long") }
        nodes = try JSONParser.tape(bytes.span, depthMax: depthMax)
        self.bytes = bytes
    }

    public var root: JSONValue { JSONValue(document: self, index: 0) }
}

/// One value on the tape, 16 bytes. A container is followed by its content; in an object each value follows its name.
struct JSONNode: Sendable {
    enum Kind: UInt8 { case null, `true`, `false`, number, string, array, object }

    /// The first byte of the text; for a string, the one after the quote.
    var start: UInt32
    /// In bytes; for a string, without its quotes.
    var length: UInt32
    /// The index of the first node that is not part of this one, so that it can be skipped in one step.
    var end: UInt32
    var kind: Kind
    var hasEscapes = false
}

/// Reading by index, without copying: for the hot path.
extension JSONDocument {
    func kind(_ index: Int) -> JSONNode.Kind { nodes[index].kind }

    /// The index after this value and everything in it.
    func next(_ index: Int) -> Int { Int(nodes[index].end) }

    /// Whether a string is this text. The text must be ASCII.
    @inline(__always) func matches(_ index: Int, _ text: StaticString) -> Bool {
        let node = nodes[index]
        guard !node.hasEscapes else {
            // Escapes only ever make text longer.
            return Int(node.length) > text.utf8CodeUnitCount && string(index) == text.description
        }
        return Int(node.length) == text.utf8CodeUnitCount && node.kind == .string && begins(Int(node.start), text)
    }

    /// Whether this text is at a position; compares eight bytes at once where possible.
    @inline(__always) func begins(_ position: Int, _ text: StaticString) -> Bool {
        let (bytes, length) = (bytes.span, text.utf8CodeUnitCount)
        guard position + length <= bytes.count else { return false }
        var offset = 0
        while offset + 8 <= length {
            let word = unsafe bytes.bytes.unsafeLoadUnaligned(fromByteOffset: position + offset, as: UInt64.self)
            let expected = unsafe UnsafeRawPointer(text.utf8Start).loadUnaligned(
                fromByteOffset: offset,
                as: UInt64.self
            )
            if word != expected { return false }
            offset += 8
        }
        while offset < length {
            if unsafe bytes[position + offset] != text.utf8Start[offset] { return false }
            offset += 1
        }
        return true
    }

    /// The value of an object's member, nil if there is none (or no object). If there are several, the first.
    @inline(__always) func member(_ index: Int, _ name: StaticString) -> Int? {
        guard nodes[index].kind == .object else { return nil }
        var child = index + 1
        while child < next(index) {
            if matches(child, name) { return child + 1 }
            child = next(child + 1)
        }
        return nil
    }

    /// The bytes of a number, or of a string as written.
    func range(_ index: Int) -> Range<Int> {
        let node = nodes[index]
        return Int(node.start)..<Int(node.start) + Int(node.length)
    }

    /// The text of a string with its escapes resolved, or of a number, digit by digit.
    func string(_ index: Int) -> String {
        guard nodes[index].hasEscapes else { return String(decoding: bytes[range(index)], as: UTF8.self) }
        return String(decoding: JSONText.unescaped(bytes[range(index)]), as: UTF8.self)
    }

    /// A whole number that fits into `Int`, else nil.
    func int(_ index: Int) -> Int? {
        guard nodes[index].kind == .number else { return nil }
        let digits = range(index)
        guard digits.count <= 20 else { return nil }
        return Int(String(decoding: bytes[digits], as: UTF8.self))
    }

    /// The JSON pointer (RFC 6901) of a value.
    func pointer(_ target: Int) -> String {
        var text = ""
        var index = 0
        while index != target, nodes[index].kind == .object || nodes[index].kind == .array {
            let isObject = nodes[index].kind == .object
            var child = index + 1
            var position = 0
            while child < target {
                let value = isObject ? child + 1 : child
                if target < next(value) { break }
                child = next(value)
                position += 1
            }
            text += "/" + (isObject ? JSONText.pointerPart(string(child)) : String(position))
            index = isObject ? child + 1 : child
            if isObject, target == child { break }
        }
        return text
    }
}
