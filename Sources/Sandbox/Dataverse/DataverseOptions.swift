public struct DataverseOptions: Sendable {
    public var address = "127.0.0.1"
    /// 0: the kernel chooses.
    public var port = 0
    /// The base of links in answers, for clients behind a proxy: `https://localhost:8443`.
    public var url: String?
    public var clientID = "sandbox"
    public var clientSecret = "sandbox-secret"
    public var tokenSeconds = 3599
    public var limits = DataverseLimits()
    /// The organization that notifications name as their sender.
    public var organizationHost = "org7d3f2c81.crm4.dynamics.com"
    public var organizationName = "org7d3f2c81"
    /// Starts without the small company: only users, roles, and currencies.
    public var isEmpty = false

    public init() {}
}
