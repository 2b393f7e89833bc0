/// Every error that an answer can contain. `docs/errors.md` has a heading for each.
package enum ErrorCode: String, CaseIterable {
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

    package var status: Int {
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

    package var title: String {
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

/// An error as defined by RFC 9457. `detail` is our own text: it never repeats the request's content.
package struct Problem: Error {
    package var code: ErrorCode
    package var detail: String
    package var notification: String?
    package var pointer: String?
    package var rule: String?
    package var headers: [(String, String)] = []

    package init(_ code: ErrorCode, _ detail: String) {
        self.code = code
        self.detail = detail
        if code.status == 503 { headers.append(("Retry-After", "1")) }
    }

    package func with(_ change: (inout Problem) -> Void) -> Problem {
        var problem = self
        change(&problem)
        return problem
    }
}
