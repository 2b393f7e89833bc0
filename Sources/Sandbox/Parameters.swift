/// Parameters of a target or of a form body: `%XX` decoded, a plus is a space. Of one name twice the last counts.
struct Parameters: Sendable {
    private var values: [String: String] = [:]

    init(_ encoded: String = "") { add(encoded) }

    mutating func add(_ encoded: String) {
        for item in encoded.split(separator: "&") {
            let equals = item.firstIndex(of: "=") ?? item.endIndex
            values[Self.decoded(item[..<equals])] = Self.decoded(item[equals...].dropFirst())
        }
    }

    subscript(name: String) -> String? { values[name] }

    var names: [String] { Array(values.keys) }

    /// What does not decode stays as it is.
    static func decoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let number = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16), rest.count >= 2
                else {
                    return String(text)
                }
                bytes.append(number)
                rest = rest.dropFirst(2)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self) ?? String(text)
    }
}
