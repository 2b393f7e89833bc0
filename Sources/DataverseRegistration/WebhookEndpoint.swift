public import OnewayCore

/// A service endpoint to register: where notifications go, and how the sender authenticates. Never printed.
public struct WebhookEndpoint: Sendable {
    public enum Authentication: Sendable {
        /// Becomes `?code=` at the end of the address.
        case key(String)
        case headers([(name: String, value: String)])
        case query([(name: String, value: String)])
    }

    public var name: String
    public var url: String
    /// Nil, for an endpoint that exists: stays as it is. Dynamics never tells it.
    public var authentication: Authentication?

    public init(name: String, url: String, authentication: Authentication?) {
        self.name = name
        self.url = url
        self.authentication = authentication
    }

    var json: JSON {
        var members: [JSON.Member] = [.init("name", .string(name)), .init("url", .string(url)), .init("contract", 8)]
        switch authentication {
        case nil: break
        case .key(let key): members += [.init("authtype", 4), .init("authvalue", .string(key))]
        case .headers(let pairs):
            members += [.init("authtype", 5), .init("authvalue", .string(Self.settings(pairs)))]
        case .query(let pairs): members += [.init("authtype", 6), .init("authvalue", .string(Self.settings(pairs)))]
        }
        return .object(members)
    }

    /// The form in which Dynamics takes several pairs.
    private static func settings(_ pairs: [(name: String, value: String)]) -> String {
        let settings = pairs.map { #"<setting name="\#(escaped($0.name))" value="\#(escaped($0.value))"/>"# }
        return "<settings>\(settings.joined())</settings>"
    }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { escaped, character in
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            default: escaped.append(character)
            }
        }
    }
}

extension WebhookEndpoint: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "<endpoint>" }
    public var debugDescription: String { "<endpoint>" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// An endpoint as Dynamics tells it.
public struct FoundEndpoint: Hashable, Sendable {
    public let id: GUID
    public let name: String
    public let url: String

    init?(_ json: JSONValue) {
        guard let id = json["serviceendpointid"]?.string.flatMap({ GUID($0) }), let name = json["name"]?.string,
            let url = json["url"]?.string
        else { return nil }
        (self.id, self.name, self.url) = (id, name, url)
    }
}
