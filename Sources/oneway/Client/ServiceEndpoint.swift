import HTTPClient
import OnewayCore

/// A listener of the service, as a command reaches it: never through a proxy.
struct ServiceEndpoint: Equatable, Sendable {
    /// A name or a numeric address.
    let host: String
    let port: Int
    let secondsMax: Int
    /// Whom to trust where it speaks TLS; nil: it does not.
    let trust: HTTPRequest.Trust?

    init(host: String, port: Int, secondsMax: Int = 60, trust: HTTPRequest.Trust? = nil) {
        self.host = host
        self.port = port
        self.secondsMax = secondsMax
        self.trust = trust
    }

    static let answerBytesMax = 256 << 20
    private static let transport = CurlTransport(threads: 2, userAgent: Oneway.userAgent)

    func send(
        _ method: HTTPRequest.Method,
        _ path: String,
        headers: [String] = [],
        body: [UInt8] = []
    ) async throws(Failed) -> HTTPAnswer {
        var request = HTTPRequest(
            method,
            "\(trust == nil ? "http" : "https")://\(host.contains(":") ? "[\(host)]" : host):\(port)\(path)",
            headers: headers + (method == .get ? [] : ["Content-Type: application/json"]),
            body: body,
            secondsMax: secondsMax,
            trust: trust ?? .system,
            isRepeatable: method == .get
        )
        request.answerBytesMax = Self.answerBytesMax
        request.isDirect = true
        switch await Self.transport.send(request) {
        case .answered(let answer): return answer
        case .notSent(let says), .unknown(let says, code: _): throw Failed(says: "\(place): \(says)")
        }
    }

    var place: String { "\(host) port \(port)" }
}

extension ServiceEndpoint {
    /// Nil unless it is `http://host` or `https://host`, with a port or without. `authorities` is a file with those to
    /// trust instead of the system's.
    init?(url: String, authorities: String? = nil, secondsMax: Int) {
        let isSecure = url.hasPrefix("https://")
        guard isSecure || url.hasPrefix("http://") else { return nil }
        var rest = url.dropFirst(isSecure ? "https://".count : "http://".count)
        if rest.hasSuffix("/") { rest.removeLast() }
        var port = isSecure ? 443 : 80
        if let colon = rest.lastIndex(of: ":"), !rest[colon...].contains("]") {
            guard let number = Int(rest[rest.index(after: colon)...]), 1...65_535 ~= number else { return nil }
            port = number
            rest = rest[..<colon]
        }
        if rest.hasPrefix("["), rest.hasSuffix("]") { rest = rest.dropFirst().dropLast() }
        let isName =
            !rest.isEmpty
            && rest.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: ":"):
                    true
                default: false
                }
            }
        guard isName else { return nil }
        let trust = isSecure ? HTTPRequest.Trust(authorities: authorities) : nil
        self.init(host: String(rest), port: port, secondsMax: secondsMax, trust: trust)
    }
}
