/// One value as it was written, before the schema decides its type.
struct Node: Sendable {
    enum Value: Sendable {
        case scalar(String, isQuoted: Bool)
        case list([Node])
        case map([Entry])
        /// A problem with it has been reported already, so no other is.
        case broken
    }

    struct Entry: Sendable {
        let name: String
        let place: Place
        let value: Node
    }

    let value: Value
    let place: Place

    /// Null as in YAML 1.1: nothing, `~`, or `null`, without quotes.
    var isNull: Bool {
        guard case .scalar(let text, isQuoted: false) = value else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }

    var isBroken: Bool {
        if case .broken = value { true } else { false }
    }

    /// The text of a scalar that is not null. Quotes keep `""` and `"null"` texts; otherwise they mean nothing, because
    /// the schema alone decides types: `port: "8080"` is a port, `country: no` is a text.
    var text: String? {
        guard case .scalar(let text, _) = value, !isNull else { return nil }
        return text
    }

    /// The kind of the value, never its content: it may be a secret in the wrong place.
    var found: String {
        switch value {
        case .scalar(let text, _):
            if isNull {
                "nothing"
            } else if text.isEmpty {
                "empty text"
            } else {
                Int(text) == nil ? "text" : "a number"
            }
        case .list: "a list"
        case .map: "a map"
        case .broken: "something refused"
        }
    }
}
