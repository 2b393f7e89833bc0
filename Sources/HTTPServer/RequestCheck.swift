/// Refuses requests that could be read in two ways. libmicrohttpd 0.9.75 lets most of them through: a proxy in front of
/// us might read the same bytes as another request. Fed with the head piece by piece; keeps the first complaint.
struct RequestCheck {
    private(set) var complaint: String?
    private(set) var contentLength: Int?
    private var lengths = 0
    private var codings = 0
    private var hosts = 0
    private var headers = 0
    private let headersMax: Int

    init(headersMax: Int) { self.headersMax = headersMax }

    mutating func requestLine(method: some Collection<UInt8>, target: some Collection<UInt8>, version: String) {
        if method.isEmpty || !method.allSatisfy(isTokenByte) { complain("The method is not a valid token.") }
        if version != "HTTP/1.1", version != "HTTP/1.0" { complain("Only HTTP/1.1 and HTTP/1.0 are supported.") }
        if target.first != UInt8(ascii: "/") { complain("The target does not start with a slash.") }
        var previous: (UInt8, UInt8) = (0, 0)
        for byte in target {
            if byte <= 0x20 || byte == 0x7F { complain("The target contains a control character or a space.") }
            if previous == (UInt8(ascii: "%"), UInt8(ascii: "0")), byte == UInt8(ascii: "0") {
                complain("The target contains an encoded NUL.")
            }
            previous = (previous.1, byte)
        }
    }

    mutating func header(name: some Collection<UInt8>, value: some Collection<UInt8>) {
        headers += 1
        if headers > headersMax { complain("There are too many headers.") }
        if name.isEmpty || !name.allSatisfy(isTokenByte) { complain("A header's name is not a valid token.") }
        if value.contains(where: { $0 < 0x20 && $0 != UInt8(ascii: "\t") || $0 == 0x7F }) {
            complain("A header's value contains a control character.")
        }
        if equals(name, "content-length") {
            lengths += 1
            contentLength = decimal(value)
            if contentLength == nil { complain("Content-Length is not a number.") }
        } else if equals(name, "transfer-encoding") {
            codings += 1
            if !equals(value, "chunked") { complain("Transfer-Encoding is not exactly \"chunked\".") }
        } else if equals(name, "host") {
            hosts += 1
        }
    }

    /// Found in the memory of the head: a line folded into the next, or not ended by CR LF.
    mutating func brokenLine() { complain("A line of the head is folded, or does not end with CR LF.") }

    /// After the last header.
    mutating func end() {
        if lengths > 1 { complain("There is more than one Content-Length.") }
        if codings > 1 { complain("There is more than one Transfer-Encoding.") }
        if lengths > 0, codings > 0 { complain("There are both Content-Length and Transfer-Encoding.") }
        if hosts != 1 { complain(hosts == 0 ? "There is no Host." : "There is more than one Host.") }
        if complaint == nil, codings == 0, contentLength == nil { contentLength = 0 }
    }

    private mutating func complain(_ text: String) { complaint = complaint ?? text }
}

private func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
}

private func equals(_ bytes: some Collection<UInt8>, _ lowercase: StaticString) -> Bool {
    guard bytes.count == lowercase.utf8CodeUnitCount else { return false }
    return unsafe zip(bytes, UnsafeBufferPointer(start: lowercase.utf8Start, count: lowercase.utf8CodeUnitCount))
        .allSatisfy { lowercased($0) == $1 }
}

/// Accepts only digits, and few enough for an `Int`.
private func decimal(_ bytes: some Collection<UInt8>) -> Int? {
    guard !bytes.isEmpty, bytes.count <= 18 else { return nil }
    var number = 0
    for byte in bytes {
        guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
        number = number * 10 + Int(byte - UInt8(ascii: "0"))
    }
    return number
}
