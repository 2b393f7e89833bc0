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
    /// Answers bear the stand-in's time, for tests in which it is another than this machine's.
    public var datesAnswers = false
    /// The most rows of a page, whatever a client prefers.
    public var rowsPerPageMax = 5000

    public init() {}
}
