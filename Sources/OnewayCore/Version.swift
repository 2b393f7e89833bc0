public enum Oneway { public static let version = "0.1.0" }

extension Oneway {
    /// The user agent sent to other servers.
    public static let userAgent = "oneway/\(version)"
}
