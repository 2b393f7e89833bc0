public import OnewayCore

/// Carries one request to Marketo and back. No answer is an error: what went wrong is an answer too.
public protocol Transport: Sendable {
    func send(_ request: WireRequest) async -> WireAnswer
}

/// A request as it goes over the wire. Its address and headers hold secrets: nothing of it is ever shown.
public struct WireRequest: Sendable {
    public let method: MarketoCall.Method
    public let url: String
    /// Lines such as `Accept: application/json`.
    public let headers: [String]
    public let body: [UInt8]
    /// From the first try to connect to the last byte of the answer.
    public let secondsMax: Int
    /// A PEM file: then only its authorities are trusted, else the system's.
    public let certificateAuthority: String?
    /// Otherwise it is sent on a new connection: on a kept one that has just ended curl would send it twice.
    public let isRepeatable: Bool
    /// Trusted by its certificate alone, under any name, and never asked through a proxy.
    var isToOurselves = false
}

extension WireRequest: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "<request>" }
    public var debugDescription: String { "<request>" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

public enum WireAnswer: Sendable {
    case answered(status: Int, body: [UInt8])
    /// Nothing of the request has left this machine.
    case notSent(String)
    /// Something of it may have arrived.
    case unknown(String, code: String)
}
