/// One value as it was written, before anybody has said what type it should have.
struct Node: Sendable {
    enum Value: Sendable {
        case scalar(String, isQuoted: Bool)
        case list([Node])
        case map([Entry])
        /// A problem about it has been reported already; nothing more is worth saying.
        case broken
    }

    struct Entry: Sendable {
        let name: String
        let place: Place
        let value: Node
    }

    let value: Value
    let place: Place

    /// What YAML 1.1 calls null: nothing, `~`, or `null`, without quotes.
    var isNull: Bool {
        guard case .scalar(let text, isQuoted: false) = value else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }

    var isBroken: Bool {
        if case .broken = value { true } else { false }
    }

    /// The text of a scalar that is not null. Quotes keep `""` and `"null"` texts; beyond that they mean nothing,
    /// the schema alone decides types: `port: "8080"` is a port, `country: no` is a text.
    var text: String? {
        guard case .scalar(let text, _) = value, !isNull else { return nil }
        return text
    }

    /// What kind of thing this is, never what it says: it may be a secret in the wrong place.
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
