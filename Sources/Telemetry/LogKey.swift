/// Everything that a line may contain besides its message. There is no key for payloads, people, secrets, or queries.
public enum LogKey: String, Sendable, CaseIterable {
    /// The id in the answer's `x-request-id`.
    case request
    case listener, method, route, status, code, rule, reason
    case notification, opportunity, entity, kind, state
    /// A Marketo record's key: ids and a role's name.
    case record
    /// The number of the step in which records were applied together.
    case step
    case count, attempts, bytes, seconds
    /// The number of lines dropped, and their message.
    case dropped, like
    case address, port, path, version, signal, service, store
    /// A setting's name and where it was set.
    case setting, place
    /// The system's or a library's own error message.
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
