public import OnewayCore

public typealias DataverseOutcome<Value> = Result<Value, DataverseFailure>

/// Why a call gave nothing. No text contains a secret or an address.
public enum DataverseFailure: Error, Hashable, Sendable {
    /// The identity service does not accept the credentials, or Dynamics does not know the application user.
    case unauthorized(String)
    /// The application user's role lacks a right, such as `Read`, on a table. Empty if Dynamics did not name it.
    case missingPrivilege(table: String, right: String, words: String)
    /// Nobody may call before this time: Dynamics has said so, or the configured share is used up.
    case throttled(until: Timestamp)
    /// No answer from Dynamics, or one that says that it has a problem.
    case unavailable(String)
    case unknownColumn(String, table: String)
    case unknownTable(String)
    /// An answer that is not as documented.
    case unreadable(String)
    /// Anything else that Dynamics refused, with its own code and words.
    case refused(code: String, words: String)

    public var says: String {
        switch self {
        case .unauthorized(let words), .unavailable(let words), .unreadable(let words): words
        case .missingPrivilege(let table, let right, let words):
            table.isEmpty || right.isEmpty
                ? "a privilege is missing: \(words)" : "the application user has no right \(right) on \(table)"
        case .throttled(let until): "no call before \(until)"
        case .unknownColumn(let column, let table): "\(table) has no column \(column)"
        case .unknownTable(let table): "there is no table \(table)"
        case .refused(let code, let words): "\(code): \(words)"
        }
    }
}
