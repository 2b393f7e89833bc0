import Configuration
import Glibc

/// `oneway health`: one request, no more of HTTP than it needs.
enum Health {
    static func run(configurationFile: String?) -> Int32 {
        do {
            let admin = try Settings.source(configurationFile).read(toServe: false).configuration.admin
            let answer = try get("/readyz", host: reachable(admin.address), port: admin.port)
            print(answer.body)
            return answer.status == 200 ? 0 : 1
        } catch let problems as Problems {
            Settings.complain(problems)
        } catch {
            Terminal.complain("No answer: \((error as? Unreachable)?.says ?? "\(error)")")
        }
        return 1
    }

    /// A listener bound to every address is reached at this machine's own.
    private static func reachable(_ address: IPAddress) -> String {
        switch address.description {
        case "0.0.0.0": "127.0.0.1"
        case "::": "::1"
        default: address.description
        }
    }

    private struct Unreachable: Error { let says: String }

    private static func get(_ path: String, host: String, port: Int) throws -> (status: Int, body: String) {
        var hints = unsafe addrinfo()
        unsafe hints.ai_flags = AI_NUMERICHOST
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(host, String(port), &hints, &found) == 0, let info = unsafe found else {
            throw Unreachable(says: "\(host) is no address")
        }
        defer { unsafe freeaddrinfo(info) }
        let descriptor = unsafe socket(info.pointee.ai_family, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var patience = timeval(tv_sec: 5, tv_usec: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        guard unsafe connect(descriptor, info.pointee.ai_addr, info.pointee.ai_addrlen) == 0 else {
            throw Unreachable(says: unsafe "\(host) port \(port): \(String(cString: strerror(errno)))")
        }
        let request = Array("GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8)
        _ = unsafe request.withUnsafeBytes { unsafe send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        var answer: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while answer.count < 1 << 16 {
            let count = unsafe piece.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
            if count <= 0 { break }
            answer += piece[..<count]
        }
        let text = String(decoding: answer, as: UTF8.self)
        guard text.hasPrefix("HTTP/1.1 "), let status = Int(text.dropFirst(9).prefix(3)) else {
            throw Unreachable(says: "\(host) port \(port) did not answer in time")
        }
        let end = text.firstRange(of: "\r\n\r\n")?.upperBound ?? text.endIndex
        return (status, String(text[end...]))
    }
}
