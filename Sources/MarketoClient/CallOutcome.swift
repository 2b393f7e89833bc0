public import OnewayCore

/// The outcome of a call, as far as it is known here. No text contains a secret or an address.
public enum CallOutcome: Sendable {
    case answered(MarketoAnswer)
    /// The call did not reach Marketo: there was no connection, or no token.
    case notSent(String)
    /// Cut, timed out, refused by something in between, or unreadable: it is unknown whether it was done. The code is
    /// `timeout`, `cut`, `not-json`, `too-long`, or the HTTP status.
    case unknown(String, code: String)
    /// Marketo does not accept the client's id and secret, or the token obtained with them.
    case badCredentials(String)
    /// The body is over Marketo's limit: HTTP 413.
    case tooLarge
}
