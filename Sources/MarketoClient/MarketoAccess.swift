/// Marketo's address and credentials. Never printed.
public struct MarketoAccess: Hashable, Sendable {
    /// Without `/rest`, `/identity`, or a trailing slash, as the configuration gives it.
    public let endpoint: String
    public let clientID: String
    public let clientSecret: String
    /// A PEM file: if set, only its authorities are trusted, otherwise the system's.
    public let certificateAuthority: String?

    public init(endpoint: String, clientID: String, clientSecret: String, certificateAuthority: String? = nil) {
        self.endpoint = endpoint
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.certificateAuthority = certificateAuthority
    }
}

extension MarketoAccess: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "<access>" }
    public var debugDescription: String { "<access>" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
