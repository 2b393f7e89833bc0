/// One setting as help and documentation show it.
public struct Setting: Sendable {
    public let key: String
    public let variable: String
    /// The default, as it is written in YAML.
    public let standard: String
    public let meaning: String
    /// Completes "expected ...".
    public let expects: String
    public let reloads: Bool
}

extension Configuration {
    public static let settings = Schema.keys.map { key in
        Setting(
            key: key.name,
            variable: key.variable,
            standard: key.standard,
            meaning: key.meaning,
            expects: key.expects,
            reloads: key.reloads
        )
    }
}
