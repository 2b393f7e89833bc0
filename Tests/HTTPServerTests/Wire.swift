import Foundation
import Glibc
import Threads

/// A plain socket that sends exactly the given bytes. Blocking, so it runs on its own threads.
final class Wire: Sendable {
    let descriptor: Int32

    init(port: Int) throws {
        // A program that another test starts inherits none of a thousand sockets, with which no PostgreSQL would start.
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var patience = timeval(tv_sec: 300, tv_usec: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var yes: Int32 = 1
        unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let code = unsafe withUnsafePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else { throw WireError(text: "connect: \(errno)") }
    }

    deinit { close(descriptor) }

    /// False once the other side has closed.
    @discardableResult func say(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let sent = unsafe rest.withUnsafeBytes {
                unsafe send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard sent > 0 else { return false }
            rest = rest.dropFirst(sent)
        }
        return true
    }

    @discardableResult func say(_ text: String) -> Bool { say(Array(text.utf8)) }

    /// Aborts the connection.
    func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    func isClosed(within seconds: Double) -> Bool {
        var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return unsafe Glibc.poll(&poll, 1, Int32(seconds * 1000)) > 0
    }

    /// Reads until `enough` returns true, or the other side closes.
    func hear(until enough: (String) -> Bool = { _ in false }) -> Heard {
        var heard: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let text = String(decoding: heard, as: UTF8.self)
            if enough(text) { return Heard(text: text, closed: false) }
            let count = unsafe piece.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
            if count <= 0 { return Heard(text: text, closed: count == 0 || errno == ECONNRESET) }
            heard += piece[..<count]
        }
    }
}

struct WireError: Error { let text: String }

/// The statuses of the answers to `text`.
func statuses(_ port: Int, _ text: String, answers: Int = 1) async throws -> [Int] {
    try await talk(port, text, answers: answers).statuses
}

/// The bytes received, and whether the server then closed the connection.
struct Heard: Sendable {
    let text: String
    let closed: Bool

    var statuses: [Int] { answers.compactMap { Int($0.head.dropFirst("HTTP/1.1 ".count).prefix(3)) } }
    var bodies: [String] { answers.map(\.body) }

    /// Split by their lengths. An answer to HEAD, and one to an expectation, has no body.
    private var answers: [(head: String, body: String)] {
        var rest = text[...]
        var found: [(head: String, body: String)] = []
        while let end = rest.range(of: "\r\n\r\n") {
            let head = String(rest[..<end.lowerBound])
            let body = rest[end.upperBound...]
            let length = body.hasPrefix("HTTP/1.1 ") ? 0 : contentLength(of: head) ?? 0
            found.append((head, String(body.prefix(length))))
            rest = body.dropFirst(length)
        }
        return found
    }

    func header(_ name: String) -> String? {
        text.components(separatedBy: "\r\n").first { $0.lowercased().hasPrefix(name.lowercased() + ": ") }
            .map { String($0.dropFirst(name.count + 2)) }
    }
}

/// Sends `text` on a new connection and reads until the server closes, or `answers` complete answers have arrived.
func talk(_ port: Int, _ text: String, answers: Int = 1) async throws -> Heard {
    try await talk(port, Array(text.utf8), answers: answers)
}

func talk(_ port: Int, _ bytes: [UInt8], answers: Int = 1) async throws -> Heard {
    try await blocking {
        let wire = try Wire(port: port)
        wire.say(bytes)
        return wire.hear { isComplete($0, answers) }
    }
}

/// For blocking work: the cooperative pool belongs to the server.
func blocking<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await onOwnThread { Swift.Result { try body() } }.get()
}

func isComplete(_ text: String, _ answers: Int) -> Bool {
    var rest = text[...]
    for _ in 0..<answers {
        guard let end = rest.range(of: "\r\n\r\n") else { return false }
        guard let length = contentLength(of: String(rest[..<end.lowerBound])),
            rest[end.upperBound...].utf8.count >= length
        else { return false }
        rest = rest[end.upperBound...].dropFirst(length)
    }
    return true
}

func post(_ path: String, _ body: String, _ headers: String...) -> String {
    "POST \(path) HTTP/1.1\r\nHost: test\r\nContent-Length: \(body.utf8.count)\r\n"
        + headers.map { $0 + "\r\n" }.joined() + "\r\n" + body
}

func get(_ path: String, _ headers: String...) -> String {
    "GET \(path) HTTP/1.1\r\nHost: test\r\n" + headers.map { $0 + "\r\n" }.joined() + "\r\n"
}

func contentLength(of head: String) -> Int? {
    head.lowercased().components(separatedBy: "content-length: ").dropFirst().first
        .flatMap { Int($0.prefix { $0.isNumber }) }
}
