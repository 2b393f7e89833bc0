import Glibc

/// Where to listen: an IPv4 or IPv6 address and a port, 0 for one that the kernel chooses.
public struct ListenAddress: Sendable {
    public let host: String
    public let port: Int

    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Opens the socket ourselves, so that we can report the errors. libmicrohttpd closes it when it stops.
    func listen() throws(HTTPServerError) -> (socket: Int32, port: Int) {
        var hints = unsafe addrinfo()
        unsafe hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(host, String(port), &hints, &found) == 0, let info = unsafe found else {
            throw HTTPServerError(says: "\(host) is not an IPv4 or IPv6 address")
        }
        defer { unsafe freeaddrinfo(info) }
        let descriptor = unsafe socket(info.pointee.ai_family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw failure("cannot open a socket") }
        var yes: Int32 = 1
        // A restart need not wait until old connections have expired. (Not SO_REUSEPORT: two services would share a
        // port.)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard unsafe bind(descriptor, info.pointee.ai_addr, info.pointee.ai_addrlen) == 0,
            Glibc.listen(descriptor, 511) == 0
        else {
            let failure = failure("cannot listen on \(host) port \(port)")
            close(descriptor)
            throw failure
        }
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        return (descriptor, boundPort(descriptor))
    }

    private func boundPort(_ descriptor: Int32) -> Int {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                _ = unsafe getsockname(descriptor, address, &size)
            }
            // The port is at the same offset for both families.
            return unsafe pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                Int(UInt16(bigEndian: unsafe $0.pointee.sin_port))
            }
        }
    }

    private func failure(_ what: String) -> HTTPServerError {
        HTTPServerError(says: "\(what): \(unsafe String(cString: strerror(errno)))")
    }
}

/// A broken pipe is an error of one connection, not a reason to end the process.
func ignoreBrokenPipes() { _ = signal(SIGPIPE, SIG_IGN) }

/// Every connection is a descriptor; the usual soft limit of 1024 is too few.
func raiseDescriptorLimit(needed: Int) throws(HTTPServerError) {
    var limit = rlimit()
    unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    let wanted = rlim_t(needed)
    if limit.rlim_cur < wanted {
        limit.rlim_cur = min(max(wanted, limit.rlim_cur), limit.rlim_max)
        unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
    guard limit.rlim_cur >= wanted else {
        throw HTTPServerError(
            says:
                "\(needed) file descriptors are needed for the configured connections, \(limit.rlim_cur) are allowed; "
                + "raise the limit (ulimit -n) or lower limits.connectionsMax"
        )
    }
}
