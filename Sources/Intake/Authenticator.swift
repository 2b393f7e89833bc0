package import Configuration
import HTTPServer

/// Decides who may send notifications: any value Dynamics can authenticate with (`?code=`, query, headers), each
/// compared in constant time.
package struct Authenticator: Sendable {
    private let query: [String: [Secret]]
    private let headers: [String: [Secret]]
    private let anonymous: Bool

    package init(_ dynamics: Configuration.Dynamics) {
        query = dynamics.query.merging(["code": dynamics.keys], uniquingKeysWith: +)
        headers = dynamics.headers
        anonymous = dynamics.anonymous && !dynamics.hasKeys
    }

    func admits(_ head: RequestHead) -> Bool {
        // No early exit, so that the time taken does not reveal which of several values matched.
        var matched = anonymous
        let sent = QueryItems(head.query)
        for (name, secrets) in query {
            for value in sent[name] { matched = secrets.matches(value) || matched }
        }
        for (name, secrets) in headers {
            for value in head.headers[all: name] { matched = secrets.matches(value) || matched }
        }
        return matched
    }
}
