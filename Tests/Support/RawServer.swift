import Glibc
import Threads

/// A server that can misbehave. Each connection is served by `body` on its own thread.
public final class RawServer: Sendable {
    public let port: Int
    private let listener: Int32
    private let account = Locked(Account())

    private struct Account: Sendable {
        var connections = 0
        var requests: [String] = []
    }

    public init(_ body: @escaping @Sendable (RawConnection) -> Void) throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        port = try bindToLoopback(listener)
        startThread { [listener, account] in
            while true {
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0 else { break }
                _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
                let number = account.withLock { account in
                    account.connections += 1
                    return account.connections
                }
                startThread {
                    body(RawConnection(descriptor, number) { text in account.withLock { $0.requests.append(text) } })
                    close(descriptor)
                }
            }
            close(listener)
        }
    }

    /// Ends `accept`.
    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    public var connections: Int { account.withLock { $0.connections } }
    /// Heads and bodies as received.
    public var requests: [String] { account.withLock { $0.requests } }
}

public struct RawConnection: Sendable {
    let descriptor: Int32
    /// Counted from 1.
    public let number: Int
    private let note: @Sendable (String) -> Void

    init(_ descriptor: Int32, _ number: Int, _ note: @escaping @Sendable (String) -> Void) {
        (self.descriptor, self.number, self.note) = (descriptor, number, note)
    }

    /// One complete request; empty when the other side has closed.
    public func hear() -> String {
        var heard: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        var whole: Int?
        while true {
            whole = whole ?? Self.length(heard)
            if let whole, heard.count >= whole {
                let text = String(decoding: heard, as: UTF8.self)
                note(text)
                return text
            }
            let count = unsafe piece.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
            if count <= 0 { return "" }
            heard += piece[..<count]
        }
    }

    /// Waits until the other side closes.
    public func waitForEnd() {
        var byte: UInt8 = 0
        while unsafe recv(descriptor, &byte, 1, 0) > 0 {}
    }

    /// False once the other side has closed.
    @discardableResult public func say(_ text: String) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let sent = unsafe rest.withUnsafeBytes {
                unsafe send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard sent > 0 else { return false }
            rest = rest.dropFirst(sent)
        }
        return true
    }

    public func answer(_ body: String, status: String = "200 OK", headers: String = "") {
        say("HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)")
    }

    /// Of the request with its body, once its head is there.
    private static func length(_ heard: [UInt8]) -> Int? {
        guard let end = heard.firstRange(of: Array("\r\n\r\n".utf8))?.upperBound else { return nil }
        let body = String(decoding: heard[..<end], as: UTF8.self).split(separator: "\r\n")
            .first { $0.lowercased().hasPrefix("content-length: ") }
            .flatMap { Int($0.dropFirst("content-length: ".count)) }
        return end + (body ?? 0)
    }
}

struct SocketError: Error { let code: Int32 }

private func bindToLoopback(_ descriptor: Int32) throws -> Int {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = unsafe withUnsafeMutablePointer(to: &address) {
        unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            unsafe bind(descriptor, $0, size) | listen(descriptor, 64) | getsockname(descriptor, $0, &size)
        }
    }
    guard code == 0 else { throw SocketError(code: errno) }
    return Int(UInt16(bigEndian: address.sin_port))
}
