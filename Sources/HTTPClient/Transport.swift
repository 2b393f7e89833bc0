/// Sends a request and returns its outcome.
public protocol Transport: Sendable {
    func send(_ request: HTTPRequest) async -> HTTPOutcome
}
