/// The outcome of a request. Failures are outcomes, not thrown errors.
public enum HTTPOutcome: Sendable {
    case answered(HTTPAnswer)
    /// Nothing of the request was sent.
    case notSent(String)
    /// Something of it may have arrived. The code is `timeout`, `cut`, or `too-long`.
    case unknown(String, code: String)
}

public struct HTTPAnswer: Equatable, Sendable {
    public let status: Int
    public let headers: [HTTPHeader]
    public let body: [UInt8]

    public init(status: Int, headers: [HTTPHeader] = [], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Returns the first header of that name, ignoring case.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

public struct HTTPHeader: Equatable, Sendable {
    public let name: String
    public let value: String

    public init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }
}
