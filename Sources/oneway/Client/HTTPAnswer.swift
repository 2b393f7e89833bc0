/// What came back over a connection that was closed after it.
struct HTTPAnswer: Equatable, Sendable {
    let status: Int
    let body: [UInt8]

    /// Nil for what is no answer, or not all of one.
    init?(_ bytes: [UInt8]) {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
        guard let first = lines.first, first.hasPrefix("HTTP/1."), first.count >= 12,
            let status = Int(first.dropFirst(9).prefix(3))
        else { return nil }
        self.status = status
        var fields: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            fields[line[..<colon].lowercased()] = value.lowercased()
        }
        let rest = bytes[end.upperBound...]
        if fields["transfer-encoding"] == "chunked" {
            guard let body = Self.joined(rest) else { return nil }
            self.body = body
        } else if let text = fields["content-length"] {
            guard let length = Int(text), length >= 0, length <= rest.count else { return nil }
            body = Array(rest.prefix(length))
        } else {
            body = Array(rest)
        }
    }

    /// The chunks, up to the empty one.
    private static func joined(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
        var (rest, body) = (bytes, [UInt8]())
        while let end = rest.firstRange(of: Array("\r\n".utf8)) {
            let digits = String(decoding: rest[..<end.lowerBound].prefix { $0 != UInt8(ascii: ";") }, as: UTF8.self)
            guard let length = Int(digits, radix: 16), length >= 0 else { return nil }
            rest = rest[end.upperBound...]
            if length == 0 { return body }
            guard rest.count - 2 >= length else { return nil }
            body += rest.prefix(length)
            rest = rest.dropFirst(length + 2)
        }
        return nil
    }
}
