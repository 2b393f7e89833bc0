public import OnewayCore

/// The key with which Dynamics authenticates to Oneway. It is sent to Dynamics and never printed.
public struct WebhookKey: Sendable {
    public let authentication: WebhookAuthentication
    /// Of the header, or of the query parameter.
    private let name: String
    private let secret: String

    /// `name` has no meaning for `.key`, which is sent as `code`.
    public init(_ authentication: WebhookAuthentication, name: String = "", secret: String) {
        self.authentication = authentication
        self.name = name
        self.secret = secret
    }

    /// The longest `authvalue`, in characters.
    private static let lengthMax = 2048

    public var isTooLong: Bool { value.utf16.count > Self.lengthMax }

    /// The `authvalue` of a webhook.
    var value: String {
        if authentication == .key { return secret }
        return "<settings><setting name=\"\(Self.escaped(name))\" value=\"\(Self.escaped(secret))\"/></settings>"
    }

    /// The text without the key, which an answer of Dynamics may repeat.
    func removed(from text: String) -> String {
        secret.isEmpty
            ? text : text.replacing(Self.escaped(secret), with: "<secret>").replacing(secret, with: "<secret>")
    }

    private static func escaped(_ text: String) -> String {
        text.map { ["&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;", "'": "&apos;"][$0] ?? String($0) }.joined()
    }
}

extension WebhookKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "<key>" }
    public var debugDescription: String { "<key>" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
