import Configuration
import Glibc
import HTTPClient
import OnewayCore

extension Check {
    /// Checks that each port is free, or used by the service itself.
    static let listeners: Section = { settings, _ in
        [
            await listener("public", settings.public.address, settings.public.port, settings.public.tls),
            await listener("admin", settings.admin.address, settings.admin.port, nil),
        ]
    }

    private static func listener(
        _ name: String,
        _ address: IPAddress,
        _ port: Int,
        _ tls: Configuration.TLS?
    ) async -> CheckLine {
        let place = "\(address) port \(port)"
        if port == 0 { return .passes(name, "\(address), any free port") }
        switch bindTrouble(address.description, port) {
        case 0: return .passes(name, "\(place) is free")
        case EADDRINUSE:
            return await taken(name, place, address, port, tls)
        case EADDRNOTAVAIL:
            return .fails(
                name,
                "\(address) is not an address of this machine",
                remedy: "\(name).address: 0.0.0.0 listens on all of them"
            )
        case EACCES:
            return .fails(name, "\(place): ports below 1024 need a privilege", remedy: "choose a higher \(name).port")
        case let code:
            let says = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
            return .fails(name, "\(place): \(says)", remedy: "check \(name).address and \(name).port")
        }
    }

    /// Passes if it is taken by the service itself.
    private static func taken(
        _ name: String,
        _ place: String,
        _ address: IPAddress,
        _ port: Int,
        _ tls: Configuration.TLS?
    ) async -> CheckLine {
        let host = RunningService.reachable(address)
        let remedy = "choose another \(name).port, or stop that program (ss -ltnp shows it)"
        guard let tls else {
            let answer = try? await ServiceEndpoint(host: host, port: port, secondsMax: 5).send(.get, "/readyz")
            if isOurs(answer?.body) { return .passes(name, "\(place): the service answers") }
            return .fails(name, "\(place) is taken by another program", remedy: remedy)
        }
        do throws(Failed) {
            let own = ServiceEndpoint(host: host, port: port, secondsMax: 5, trust: .certificate(file: tls.certificate))
            if isOurs(try await own.send(.get, "/readyz").body) {
                return .passes(name, "\(place): the service answers, with this certificate")
            }
            return .fails(name, "\(place) is taken by another program", remedy: remedy)
        } catch {
            let says = "\(place) is taken by another program, or by a service with another certificate: \(error.says)"
            return .fails(
                name,
                says,
                remedy: "\(remedy); if the certificate was replaced, kill -HUP makes the service read it"
            )
        }
    }

    private static func isOurs(_ answer: [UInt8]?) -> Bool {
        answer.flatMap { try? JSONDocument($0).root }?["ready"]?.bool != nil
    }

    /// Returns the error of binding there, 0 for none.
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
        // The service binds like this too: lingering connections do not count.
        var yes: Int32 = 1
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        let isBound = unsafe bind(descriptor, info.pointee.ai_addr, info.pointee.ai_addrlen) == 0
        return isBound && listen(descriptor, 1) == 0 ? 0 : errno
    }
}
