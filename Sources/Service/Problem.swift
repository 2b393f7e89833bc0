import HTTPServer
import OnewayCore

/// Every error an answer can carry. `docs/errors.md` has a heading for each.
enum ErrorCode: String, CaseIterable {
    case badRequest = "bad-request"
    case crossSite = "cross-site"
    case diskFull = "disk-full"
    case draining
    case malformed
    case methodNotAllowed = "method-not-allowed"
    case notFound = "not-found"
    case notJSON = "not-json"
    case oneWay = "one-way"
    case overloaded
    case storeUnavailable = "store-unavailable"
    case tooLarge = "too-large"
    case unauthorized
    case unusable

    var status: Int {
        switch self {
        case .badRequest, .malformed: 400
        case .unauthorized: 401
        case .crossSite, .oneWay: 403
        case .notFound: 404
        case .methodNotAllowed: 405
        case .tooLarge: 413
        case .notJSON: 415
        case .unusable: 422
        case .diskFull, .draining, .overloaded, .storeUnavailable: 503
        }
    }

    var title: String {
        switch self {
        case .badRequest: "The request cannot be read"
        case .crossSite: "Refused: another site asked"
        case .diskFull: "The disk is full"
        case .draining: "Shutting down"
        case .malformed: "The body is not one JSON object"
        case .methodNotAllowed: "This path does not take that method"
        case .notFound: "There is nothing here"
        case .notJSON: "The body is not declared as JSON"
        case .oneWay: "Opportunities are created in Dynamics only"
        case .overloaded: "Too much at once"
        case .storeUnavailable: "Nothing can be stored now"
        case .tooLarge: "The body is too large"
        case .unauthorized: "No key matches"
        case .unusable: "The notification cannot be acted on"
        }
    }
}

/// An error as RFC 9457 has it. `detail` is ours: it never repeats what was sent.
struct Problem: Error {
    var code: ErrorCode
    var detail: String
    var notification: String?
    var pointer: String?
    var rule: String?
    var headers: [(String, String)] = []

    init(_ code: ErrorCode, _ detail: String) {
        self.code = code
        self.detail = detail
        if code.status == 503 { headers.append(("Retry-After", "1")) }
    }

    func with(_ change: (inout Problem) -> Void) -> Problem {
        var problem = self
        change(&problem)
        return problem
    }

    var response: Response {
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
    static func methodNotAllowed(_ methods: [String]) -> Problem {
        let allowed = methods.joined(separator: ", ")
        return Problem(.methodNotAllowed, "This path takes \(allowed).").with { $0.headers = [("Allow", allowed)] }
    }

    /// What the server itself refuses.
    init(_ refusal: HTTPRefusal, bodyBytesMax: Int) {
        switch refusal {
        case .malformed(let what): self.init(.badRequest, what)
        case .tooLarge: self.init(.tooLarge, "The body may have up to \(bodyBytesMax) bytes (limits.bodyBytesMax).")
        case .overloaded: self.init(.overloaded, "As many requests as are allowed at once are being answered already.")
        case .draining: self.init(.draining, "The service is shutting down; nothing was stored.")
        case .timedOut: self.init(.overloaded, "No answer was found within limits.requestSecondsMax.")
        }
    }
}

extension Response {
    init(status: Int, json: JSON, headers: [(name: String, value: String)] = []) {
        self.init(status: status, headers: [("Content-Type", "application/json")] + headers, body: json.encoded)
    }
}
