package import HTTPServer
package import OnewayCore
package import Reading

// An error as a response.
extension Problem {
    package var response: Response {
        var members: [JSON.Member] = [
            .init("type", .string("urn:oneway:problem:\(code.rawValue)")), .init("title", .string(code.title)),
            .init("status", .int(code.status)), .init("detail", .string(detail)), .init("code", .string(code.rawValue)),
        ]
        for (name, value) in [("notification", notification), ("pointer", pointer), ("rule", rule)] {
            if let value { members.append(.init(name, .string(value))) }
        }
        return Response(
            status: code.status,
            headers: [("Content-Type", "application/problem+json")] + headers,
            body: JSON.object(members).encoded
        )
    }
}

extension Problem {
    package static func methodNotAllowed(_ methods: [String]) -> Problem {
        let allowed = methods.joined(separator: ", ")
        return Problem(.methodNotAllowed, "This path accepts \(allowed).").with { $0.headers = [("Allow", allowed)] }
    }

    /// A request that the server itself refuses.
    package init(_ refusal: HTTPRefusal, bodyBytesMax: Int) {
        switch refusal {
        case .malformed(let what): self.init(.badRequest, what)
        case .tooLarge: self.init(.tooLarge, "The body may have up to \(bodyBytesMax) bytes (limits.bodyBytesMax).")
        case .overloaded: self.init(.overloaded, "As many requests as allowed are being answered already.")
        case .draining: self.init(.draining, "The service is shutting down; nothing was stored.")
        case .timedOut: self.init(.overloaded, "The request was not answered within limits.requestSecondsMax.")
        }
    }
}

extension Response {
    package init(status: Int, json: JSON, headers: [(name: String, value: String)] = []) {
        self.init(status: status, headers: [("Content-Type", "application/json")] + headers, body: json.encoded)
    }
}
