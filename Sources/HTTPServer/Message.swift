/// A request's head as received: nothing decoded, nothing trusted beyond its framing.
public struct RequestHead: Sendable {
    /// The sender's `x-request-id` if it is usable, otherwise one of our own. Every answer carries it.
    public let id: String
    public let method: String
    /// The target before `?`.
    public let path: String
    /// The target after `?`. May contain keys: never log it.
    public let query: String
    public let headers: Headers
    /// `nil` for a chunked body, 0 if there is none.
    public let contentLength: Int?
    /// The caller's address, without port.
    public let peer: String

    public init(
        id: String,
        method: String,
        path: String,
        query: String = "",
        headers: Headers = Headers(),
        contentLength: Int? = 0,
        peer: String = "127.0.0.1"
    ) {
        self.id = id
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.contentLength = contentLength
        self.peer = peer
    }
}

public struct Request: Sendable {
    public let head: RequestHead
    public let body: [UInt8]

    public init(head: RequestHead, body: [UInt8]) {
        self.head = head
        self.body = body
    }
}

public struct Response: Sendable {
    public var status: Int
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]

    public init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// No answer: the connection is closed without a byte. For stand-ins that fail on request.
    public static let cut = Response(status: 0)

    var isCut: Bool { status == 0 }
}

/// Headers as received, in one piece of memory: of most requests only two are read, so a string is made only when one
/// is read.
public struct Headers: Sendable {
    private var bytes: [UInt8] = []
    /// Where each name ends and each value ends.
    private var ends: [(name: Int, value: Int)] = []

    public init() {}

    public init(_ pairs: [(name: String, value: String)]) {
        for pair in pairs { append(name: pair.name.utf8, value: pair.value.utf8) }
    }

    mutating func append(name: some Sequence<UInt8>, value: some Sequence<UInt8>) {
        bytes.append(contentsOf: name)
        let nameEnd = bytes.count
        bytes.append(contentsOf: value)
        ends.append((nameEnd, bytes.count))
    }

    public var count: Int { ends.count }

    /// The first of that name, ignoring case.
    public subscript(name: String) -> String? {
        for index in ends.indices where isNamed(name, index) { return value(index) }
        return nil
    }

    public subscript(all name: String) -> [String] {
        ends.indices.filter { isNamed(name, $0) }.map(value)
    }

    public func contains(_ name: String) -> Bool {
        ends.indices.contains { isNamed(name, $0) }
    }

    private func isNamed(_ name: String, _ index: Int) -> Bool {
        let start = index == 0 ? 0 : ends[index - 1].value
        guard ends[index].name - start == name.utf8.count else { return false }
        return zip(bytes[start..<ends[index].name], name.utf8).allSatisfy { lowercased($0) == lowercased($1) }
    }

    private func value(_ index: Int) -> String {
        String(decoding: bytes[ends[index].name..<ends[index].value], as: UTF8.self)
    }
}

func lowercased(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
}
