/// All that a line may say besides its message. There is no key for a payload, a person, a key, or a query.
public enum LogKey: String, Sendable, CaseIterable {
    /// The id that the answer's `x-request-id` carries.
    case request
    case listener, method, route, status, code, rule, reason
    case notification, opportunity, entity, kind, state
    /// A Marketo record's key: ids and a role's name.
    case record
    /// What was applied together.
    case step
    case count, attempts, bytes, seconds
    /// How many lines were left out, and their message.
    case dropped, like
    case address, port, path, version, signal, service, store
    /// A setting's name and where it was given.
    case setting, place
    /// The system's or a library's own words for what went wrong.
    case error
    /// Marketo's id for a call.
    case marketoRequest
}

public enum LogValue: Sendable, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByStringLiteral {
    case text(String)
    case int(Int)
    case double(Double)
    case bool(Bool)

    public init(integerLiteral value: Int) { self = .int(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(stringLiteral value: StaticString) { self = .text("\(value)") }

    /// In seconds, to the microsecond.
    public static func duration(_ duration: Duration) -> LogValue {
        let (seconds, attoseconds) = duration.components
        return .double(Double(seconds) + Double(attoseconds / 1_000_000_000_000) / 1_000_000)
    }
}
