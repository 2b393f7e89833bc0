import OnewayCore

/// One line being built: `{"time":...}` or `time LEVEL message key=value`.
struct LogLine {
    /// Writes to a pipe of up to this size are atomic (PIPE_BUF), so lines of several processes never mix.
    static let bytesMax = 4096
    private static let textBytesMax = 1024
    private static let cutMark = (
        json: Array(#","cut":true}"#.utf8) + [newline], text: Array(" cut=true".utf8) + [newline]
    )
    private static let newline = UInt8(ascii: "\n")

    private let format: Log.Format
    private var bytes: [UInt8] = []
    private var isCut = false

    init(_ format: Log.Format, time: Int64, level: Log.Level, message: StaticString) {
        self.format = format
        bytes.reserveCapacity(256)
        switch format {
        case .json:
            bytes += #"{"time":""#.utf8
            bytes += Timestamp(milliseconds: time).text(withMilliseconds: true)
            bytes += #"","level":"\#(level.rawValue)","message":""#.utf8
            append("\(message)")
            bytes.append(UInt8(ascii: "\""))
        case .text:
            let name = level.rawValue.uppercased()
            bytes += Timestamp(milliseconds: time).text(withMilliseconds: true)
            bytes += " \(name)\(String(repeating: " ", count: 7 - name.utf8.count)) ".utf8
            append("\(message)")
        }
    }

    mutating func add(_ key: LogKey, _ value: LogValue) {
        let before = bytes.count
        bytes += (format == .json ? ",\"\(key.rawValue)\":" : " \(key.rawValue)=").utf8
        switch value {
        case .int(let number): bytes += number.description.utf8
        case .bool(let isTrue): bytes += isTrue.description.utf8
        case .double(let number) where number.isFinite: bytes += number.description.utf8
        case .double(let number): quote(number.description)
        case .text(let text): format == .text && Self.isWord(text) ? bytes.append(contentsOf: text.utf8) : quote(text)
        }
        if bytes.count > Self.bytesMax - Self.cutMark.json.count {
            bytes.removeSubrange(before...)
            isCut = true
        }
    }

    consuming func finished() -> [UInt8] {
        switch format {
        case .json: bytes += isCut ? Self.cutMark.json : [UInt8(ascii: "}"), Self.newline]
        case .text: bytes += isCut ? Self.cutMark.text : [Self.newline]
        }
        return bytes
    }

    private mutating func quote(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        append(text)
        bytes.append(UInt8(ascii: "\""))
    }

    /// Escapes anything that a JSON string, a terminal, or a line-based reader could misinterpret.
    private mutating func append(_ text: String) {
        if text.utf8.count <= Self.textBytesMax, text.utf8.allSatisfy(Self.isPlain) {
            bytes += text.utf8
            return
        }
        let start = bytes.count
        for scalar in text.unicodeScalars {
            if bytes.count - start > Self.textBytesMax { return bytes.append(contentsOf: "...".utf8) }
            switch scalar.value {
            case 0x22, 0x5c: bytes += [0x5c, UInt8(scalar.value)]
            case 0x0a: bytes += "\\n".utf8
            case 0x00...0x1f, 0x7f...0x9f, 0x2028...0x202e, 0x2066...0x2069: bytes += Self.escape(scalar.value)
            default: bytes += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
            }
        }
    }

    private static func escape(_ value: UInt32) -> [UInt8] {
        let hex = String(value, radix: 16)
        return Array("\\u\(String(repeating: "0", count: 4 - hex.utf8.count))\(hex)".utf8)
    }

    /// Readable without quotes.
    private static func isWord(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= textBytesMax
            && text.utf8.allSatisfy { isPlain($0) && $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "=") }
    }

    /// Written the same way in every format.
    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte < 0x7f && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }
}
