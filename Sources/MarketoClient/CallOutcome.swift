public import OnewayCore

/// What came of a call, as far as anybody here can know. No text holds a secret or an address.
public enum CallOutcome: Sendable {
    case answered(MarketoAnswer)
    /// Marketo knows nothing of it: there was no connection, or no token.
    case notSent(String)
    /// Cut, timed out, refused by something in between, or unreadable: nobody knows whether it was done.
    /// The code is `timeout`, `cut`, `not-json`, `too-long`, or the HTTP status.
    case unknown(String, code: String)
    /// Marketo does not take the client's id and secret, or no token made from them.
    case badCredentials(String)
    /// The body is over Marketo's limit: HTTP 413.
    case tooLarge
}
