import HTTPServer
import OnewayCore

/// A request, read as far as possible without the rows.
struct WebRequest: Sendable {
    let method: String
    let resource: Resource
    let parameters: Parameters
    let token: String?
    var preferences: Preferences
    let ifMatch: String?
    let ifNoneMatch: String?
    /// The base of links in answers.
    let base: String
    private let contentType: String?
    private let document: JSONDocument?

    init(_ request: Request, url: String? = nil) {
        let head = request.head
        method = head.method
        resource = Resource(path: head.path)
        contentType = head.headers["Content-Type"].map { $0.prefix { $0 != ";" && $0 != " " }.lowercased() }
        var parameters = Parameters(head.query)
        if resource == .token { parameters = Parameters(String(decoding: request.body, as: UTF8.self)) }
        self.parameters = parameters
        token = Self.bearer(head.headers["Authorization"])
        preferences = Preferences(head.headers[all: "Prefer"])
        ifMatch = head.headers["If-Match"]
        ifNoneMatch = head.headers["If-None-Match"]
        let version = head.path.split(separator: "/").dropFirst(2).first ?? ""
        base = (url ?? "http://\(head.headers["Host"] ?? "localhost")") + "/api/data/\(version)"
        document = contentType == "application/json" ? try? JSONDocument(request.body) : nil
    }

    var isForm: Bool { contentType == "application/x-www-form-urlencoded" }

    /// Returns the body, which must be a JSON object.
    func json() throws(DataverseError) -> JSONValue {
        guard contentType == "application/json" else {
            throw DataverseError(
                415,
                "0x0",
                "A supported MIME type could not be found that matches the content type of the request."
            )
        }
        guard let document, document.root.isObject else {
            throw DataverseError(400, "0x80048d19", "Error identified in Payload provided by the user.")
        }
        return document.root
    }

    private static func bearer(_ header: String?) -> String? {
        guard let header, header.lowercased().hasPrefix("bearer ") else { return nil }
        return String(header.dropFirst("bearer ".count))
    }
}
