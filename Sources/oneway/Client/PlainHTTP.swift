import Glibc

/// One request to one place: no more of HTTP than a command needs. Blocks, but never beyond its deadline.
struct PlainHTTP: Equatable, Sendable {
    /// A name or a numeric address.
    let host: String
    let port: Int
    let secondsMax: Int

    init(host: String, port: Int, secondsMax: Int = 60) {
        self.host = host
        self.port = port
        self.secondsMax = secondsMax
    }

    static let answerBytesMax = 256 << 20

    func ask(
        _ method: String,
        _ path: String,
        headers: [(name: String, value: String)] = [],
        body: [UInt8] = []
    ) throws(Failed) -> HTTPAnswer {
        let deadline = Self.now + secondsMax
        let connection = try connected()
        defer { close(connection) }
        var head = "\(method) \(path) HTTP/1.1\r\nHost: \(hostHeader)\r\nConnection: close\r\n"
        for header in headers { head += "\(header.name): \(header.value)\r\n" }
        if method != "GET" { head += "Content-Type: application/json\r\nContent-Length: \(body.count)\r\n" }
        try send(Array("\(head)\r\n".utf8) + body, over: connection, until: deadline)
        let bytes = try receive(over: connection, until: deadline)
        guard let answer = HTTPAnswer(bytes) else {
            throw Failed(says: "\(place): what answers is not HTTP, or was cut")
        }
        return answer
    }

    var place: String { "\(host) port \(port)" }

    private var hostHeader: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// The first of the host's addresses that takes the connection.
    private func connected() throws(Failed) -> Int32 {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(host, String(port), &hints, &found) == 0 else {
            throw Failed(says: "\(host) is no address, and no name that is known here")
        }
        defer { unsafe freeaddrinfo(found) }
        var trouble = "no address"
        var next = unsafe found
        while let info = unsafe next {
            let descriptor = unsafe socket(
                info.pointee.ai_family,
                Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue),
                0
            )
            if descriptor >= 0 {
                allow(seconds: secondsMax, on: descriptor)
                if unsafe connect(descriptor, info.pointee.ai_addr, info.pointee.ai_addrlen) == 0 { return descriptor }
            }
            trouble = Self.errorText
            if descriptor >= 0 { close(descriptor) }
            unsafe next = info.pointee.ai_next
        }
        throw Failed(says: "\(place): \(trouble)")
    }

    private func send(_ bytes: [UInt8], over connection: Int32, until deadline: Int) throws(Failed) {
        var sent = 0
        while sent < bytes.count {
            allow(seconds: try left(until: deadline), on: connection)
            let count = unsafe bytes.withUnsafeBytes { bytes in
                unsafe Glibc.send(
                    connection,
                    bytes.baseAddress.map { unsafe $0 + sent },
                    bytes.count - sent,
                    Int32(MSG_NOSIGNAL)
                )
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Failed(says: "\(place): \(Self.errorText)") }
            sent += count
        }
    }

    private func receive(over connection: Int32, until deadline: Int) throws(Failed) -> [UInt8] {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count < Self.answerBytesMax {
            allow(seconds: try left(until: deadline), on: connection)
            let count = unsafe piece.withUnsafeMutableBytes { unsafe recv(connection, $0.baseAddress, $0.count, 0) }
            if count < 0, errno == EINTR { continue }
            if count == 0 { return bytes }
            guard count > 0 else {
                if errno == EAGAIN { _ = try left(until: deadline) }
                throw Failed(says: "\(place): \(Self.errorText)")
            }
            bytes += piece[..<count]
        }
        throw Failed(says: "\(place): the answer is longer than \(Self.answerBytesMax >> 20) MB")
    }

    private func left(until deadline: Int) throws(Failed) -> Int {
        let seconds = deadline - Self.now
        guard seconds > 0 else { throw Failed(says: "\(place): no whole answer within \(secondsMax) seconds") }
        return seconds
    }

    private func allow(seconds: Int, on connection: Int32) {
        var patience = timeval(tv_sec: seconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        unsafe setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, size)
        unsafe setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &patience, size)
    }

    private static var now: Int {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec
    }

    private static var errorText: String {
        unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "unknown error"
    }
}
