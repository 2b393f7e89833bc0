/// The address of an environment, and the application user's credentials. Never printed.
public struct DataverseAccess: Hashable, Sendable {
    /// Such as `https://contoso.crm.dynamics.com`, without a slash at its end.
    public let url: String
    public let tokenURL: String
    public let clientID: String
    public let clientSecret: String

    public init(url: String, tokenURL: String, clientID: String, clientSecret: String) {
        self.url = url
        self.tokenURL = tokenURL
        self.clientID = clientID
        self.clientSecret = clientSecret
    }

    /// With the identity service of Microsoft's public cloud; national clouds have other addresses.
    public init(url: String, tenant: String, clientID: String, clientSecret: String) {
        self.init(
            url: url,
            tokenURL: "https://login.microsoftonline.com/\(tenant)/oauth2/v2.0/token",
            clientID: clientID,
            clientSecret: clientSecret
        )
    }

    var apiURL: String { url + "/api/data/v9.2/" }

    /// The token goes with every request, so a link from an answer is followed only if it leads to the same environment.
    func covers(_ link: DataverseLink) -> Bool {
        link.text.lowercased().hasPrefix(url.lowercased() + "/api/data/")
    }
}

extension DataverseAccess: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "<access>" }
    public var debugDescription: String { "<access>" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// A link from an answer: to the next page, or to later changes. Used as it is; it may be kept.
public struct DataverseLink: Hashable, Sendable {
    public let text: String

    public init(_ text: String) { self.text = text }
}

extension DataverseLink: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "<link>" }
    public var debugDescription: String { "<link>" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
