import Glibc
import Threads

/// One client's connection, for the sweep that ends those that take too long.
final class Connection: Sendable {
    let socket: Int32
    let peer: String
    /// Shown in the handshake, and kept until the connection ends.
    let certificate: LoadedCertificate?
    private let state: Locked<State>

    private struct State: Sendable {
        var deadline: Double
        var exchange: Exchange?
    }

    init(socket: Int32, peer: String, certificate: LoadedCertificate?, deadline: Double) {
        self.socket = socket
        self.peer = peer
        self.certificate = certificate
        state = Locked(State(deadline: deadline))
    }

    /// Begins a phase, which must end before `deadline`, in monotonic seconds.
    func enter(deadline: Double, exchange: Exchange?) {
        state.withLock { $0 = State(deadline: deadline, exchange: exchange) }
    }

    /// Returns what is overdue, if anything: `.exchange` is a request that has no answer yet; `.nothing` means that the
    /// client is slow.
    func overdue(at now: Double) -> Overdue? {
        state.withLock { state in
            guard now > state.deadline else { return nil }
            return state.exchange.map(Overdue.exchange) ?? .nothing
        }
    }

    enum Overdue { case exchange(Exchange), nothing }
}

/// Seconds on a clock that only goes forward.
func monotonicSeconds() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// The address without its port; an IPv4 address that arrived over an IPv6 socket is written as IPv4.
func addressText(_ address: UnsafePointer<sockaddr>?) -> String {
    guard let address = unsafe address else { return "" }
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    switch unsafe Int32(address.pointee.sa_family) {
    case AF_INET:
        unsafe address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
            var inner = unsafe $0.pointee.sin_addr
            unsafe inet_ntop(AF_INET, &inner, &text, socklen_t(text.count))
        }
    case AF_INET6:
        unsafe address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
            var inner = unsafe $0.pointee.sin6_addr
            unsafe inet_ntop(AF_INET6, &inner, &text, socklen_t(text.count))
        }
    default: return ""
    }
    let plain = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return plain.hasPrefix("::ffff:") && plain.contains(".") ? String(plain.dropFirst("::ffff:".count)) : plain
}
