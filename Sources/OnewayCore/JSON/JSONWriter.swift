/// Writes compact JSON. Commas and colons come by themselves; names and values are given in their order.
public struct JSONWriter: Sendable {
    public private(set) var bytes: [UInt8] = []
    private var needsComma = false

    public init() {}

    public var text: String { String(decoding: bytes, as: UTF8.self) }

    public mutating func object(_ members: (inout JSONWriter) -> Void) {
        enclosed(UInt8(ascii: "{"), UInt8(ascii: "}"), members)
    }

    public mutating func array(_ elements: (inout JSONWriter) -> Void) {
        enclosed(UInt8(ascii: "["), UInt8(ascii: "]"), elements)
    }

    /// The name of the member whose value comes next.
    public mutating func name(_ name: String) {
        string(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    public mutating func string(_ text: String?) {
        guard let text else { return null() }
        comma()
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 { escaped(byte) }
        bytes.append(UInt8(ascii: "\""))
    }

    public mutating func int(_ number: Int?) { number.map { raw(String($0)) } ?? null() }

    public mutating func bool(_ truth: Bool?) { truth.map { raw($0 ? "true" : "false") } ?? null() }

    public mutating func null() { raw("null") }

    /// The digits as they are. They must be a number in JSON's sense, as `JSONValue.number` gives them.
    public mutating func number(_ digits: String) { raw(digits) }

    public mutating func member(_ name: String, _ text: String?) {
        self.name(name)
        string(text)
    }

    public mutating func member(_ name: String, _ number: Int?) {
        self.name(name)
        int(number)
    }

    public mutating func member(_ name: String, _ truth: Bool?) {
        self.name(name)
        bool(truth)
    }

    private mutating func enclosed(_ opening: UInt8, _ closing: UInt8, _ inside: (inout JSONWriter) -> Void) {
        comma()
        bytes.append(opening)
        needsComma = false
        inside(&self)
        bytes.append(closing)
        needsComma = true
    }

    private mutating func raw(_ text: String) {
        comma()
        bytes.append(contentsOf: text.utf8)
    }

    private mutating func comma() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    private mutating func escaped(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            bytes.append(UInt8(ascii: "\\"))
            bytes.append(byte)
        case 0x0a: bytes.append(contentsOf: "\\n".utf8)
        case 0x0d: bytes.append(contentsOf: "\\r".utf8)
        case 0x09: bytes.append(contentsOf: "\\t".utf8)
        case 0..<0x20:
            bytes.append(contentsOf: "\\u00".utf8)
            bytes.append(hexadecimal(byte >> 4))
            bytes.append(hexadecimal(byte & 15))
        default: bytes.append(byte)
        }
    }
}
