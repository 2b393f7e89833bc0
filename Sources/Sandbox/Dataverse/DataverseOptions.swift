public struct DataverseOptions: Sendable {
    public var address = "127.0.0.1"
    /// 0: the kernel chooses.
    public var port = 0
    /// What addresses in answers begin with, where clients come through a proxy: `https://localhost:8443`.
    public var url: String?
    public var clientID = "sandbox"
    public var clientSecret = "sandbox-secret"
    public var tokenSeconds = 3599
    public var limits = DataverseLimits()
    /// What notifications say that they come from.
    public var organizationHost = "org7d3f2c81.crm4.dynamics.com"
    public var organizationName = "org7d3f2c81"
    /// Without the small company: nothing but users, roles, and currencies.
    public var isEmpty = false

    public init() {}
}
