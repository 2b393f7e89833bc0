/// A request to send. Its address and headers contain secrets: nothing of it is ever shown.
public struct HTTPRequest: Sendable {
    public enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
        case patch = "PATCH"
        case delete = "DELETE"
    }

    public var method: Method
    public var url: String
    /// Lines such as `Accept: application/json`.
    public var headers: [String]
    public var body: [UInt8]
    /// From the first attempt to connect to the last byte of the answer.
    public var secondsMax: Int
    public var answerBytesMax = 16 << 20
    public var trust: Trust
    /// If not, it is sent on a new connection: on a kept one that has just ended, curl would send it twice.
    public var isRepeatable: Bool
    /// Never uses a proxy, even if the environment names one: for this machine itself.
    public var isDirect = false

    /// Whom to trust under `https`.
    public enum Trust: Hashable, Sendable {
        case system
        /// Only the authorities in this PEM file.
        case authorities(file: String)
        /// Any server that has the key of the certificate in this PEM file, under any name.
        case certificate(file: String)
    }

    public init(
        _ method: Method,
        _ url: String,
        headers: [String] = [],
        body: [UInt8] = [],
        secondsMax: Int,
        trust: Trust = .system,
        isRepeatable: Bool
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.secondsMax = secondsMax
        self.trust = trust
        self.isRepeatable = isRepeatable
    }
}

extension HTTPRequest.Trust {
    /// The authorities of a file if the configuration names one, otherwise the system's.
    public init(authorities file: String?) { self = file.map { .authorities(file: $0) } ?? .system }
}

extension HTTPRequest: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "<request>" }
    public var debugDescription: String { "<request>" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
