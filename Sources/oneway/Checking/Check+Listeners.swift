import Configuration
import Glibc
import OnewayCore
import Threads

extension Check {
    /// Each port is free, or it is the service itself that has it.
    static let listeners: Section = { settings, _ in
        [
            await listener("public", settings.public.address, settings.public.port, isTLS: settings.public.tls != nil),
            await listener("admin", settings.admin.address, settings.admin.port, isTLS: false),
        ]
    }

    private static func listener(_ name: String, _ address: IPAddress, _ port: Int, isTLS: Bool) async -> CheckLine {
        let place = "\(address) port \(port)"
        if port == 0 { return .passes(name, "\(address), any free port") }
        switch bindTrouble(address.description, port) {
        case 0: return .passes(name, "\(place) is free")
        case EADDRINUSE:
            if await isOurs(address, port) { return .passes(name, "\(place): the service answers") }
            return .fails(
                name,
                "\(place) is taken"
                    + (isTLS ? " (by a service with TLS, or by another program)" : " by another program"),
                cure: "choose another \(name).port, or end that program (ss -ltnp shows it)"
            )
        case EADDRNOTAVAIL:
            return .fails(
                name,
                "\(address) is no address of this machine",
                cure: "\(name).address: 0.0.0.0 is all of them"
            )
        case EACCES:
            return .fails(name, "\(place): ports below 1024 need a right", cure: "choose a higher \(name).port")
        case let code:
            let says = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
            return .fails(name, "\(place): \(says)", cure: "look at \(name).address and \(name).port")
        }
    }

    private static func isOurs(_ address: IPAddress, _ port: Int) async -> Bool {
        let http = PlainHTTP(host: RunningService.reachable(address), port: port, secondsMax: 5)
        let answer = await onOwnThread { try? http.ask("GET", "/readyz") }
        return answer.flatMap { try? JSONDocument($0.body).root }?["ready"]?.bool != nil
    }

    /// The error of binding there, 0 for none.
    private static func bindTrouble(_ address: String, _ port: Int) -> Int32 {
        var hints = unsafe addrinfo()
        unsafe hints.ai_flags = AI_NUMERICHOST | AI_PASSIVE
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(address, String(port), &hints, &found) == 0, let info = unsafe found else {
            return EINVAL
        }
        defer { unsafe freeaddrinfo(info) }
        let descriptor = unsafe socket(info.pointee.ai_family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return errno }
        defer { close(descriptor) }
        // As the service binds: connections that linger do not count.
        var yes: Int32 = 1
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        let isBound = unsafe bind(descriptor, info.pointee.ai_addr, info.pointee.ai_addrlen) == 0
        return isBound && listen(descriptor, 1) == 0 ? 0 : errno
    }
}
