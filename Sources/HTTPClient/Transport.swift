/// Carries one request to where it belongs, and the answer back.
public protocol Transport: Sendable {
    func send(_ request: HTTPRequest) async -> HTTPOutcome
}
