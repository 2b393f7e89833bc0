public struct SandboxOptions: Sendable {
    public var address = "127.0.0.1"
    /// 0: the kernel chooses.
    public var port = 0
    public var clientID = "sandbox"
    public var clientSecret = "sandbox-secret"
    public var tokenSeconds = 3600
    public var limits = SandboxLimits()
    /// Creates a lead that is searched for and does not exist.
    public var autoLeads = false

    public init() {}
}
