import HTTPServer
import OnewayCore

/// A request, parsed as far as possible without knowing its operation.
struct RESTCall: Sendable {
    let method: String
    /// The part after `/rest/v1/`, without `.json`.
    let path: String
    let token: String?
    let parameters: Parameters
    private let hasBody: Bool
    private let document: JSONDocument?
    private let contentType: String?

    init(_ request: Request) {
        let head = request.head
        var parameters = Parameters(head.query)
        let contentType = head.headers["Content-Type"].map(Self.mediaType)
        if contentType == Self.form { parameters.add(String(decoding: request.body, as: UTF8.self)) }
        method = head.method == "POST" && parameters["_method"]?.uppercased() == "GET" ? "GET" : head.method
        path = Self.path(head.path)
        token = Self.bearer(head.headers["Authorization"]) ?? parameters["access_token"]
        self.parameters = parameters
        self.contentType = contentType
        hasBody = !request.body.isEmpty
        document = contentType == Self.json ? try? JSONDocument(request.body) : nil
    }

    /// The number of records in the input, or of values searched for.
    var recordCount: Int {
        document?.root["input"]?.elements.count ?? parameters["filterValues"]?.split(separator: ",").count ?? 0
    }

    /// The body of a call that needs one.
    func json() throws(MarketoFailure) -> JSONValue {
        guard contentType == Self.json else { throw MarketoFailure("612") }
        guard let document, document.root.isObject else { throw MarketoFailure("609") }
        return document.root
    }

    func query() throws(MarketoFailure) -> QueryRequest {
        if !hasBody || contentType == Self.form { return try QueryRequest(parameters) }
        return try QueryRequest(json(), parameters)
    }

    private static let json = "application/json"
    private static let form = "application/x-www-form-urlencoded"

    private static func mediaType(_ header: String) -> String {
        header.prefix { $0 != ";" && $0 != " " }.lowercased()
    }

    private static func bearer(_ header: String?) -> String? {
        guard let header, header.lowercased().hasPrefix("bearer ") else { return nil }
        return String(header.dropFirst("bearer ".count))
    }

    private static func path(_ path: String) -> String {
        guard path != "/\(Call.tokenPath)" else { return Call.tokenPath }
        guard path.hasPrefix("/rest/v1/"), path.hasSuffix(".json") else { return path }
        return String(path.dropFirst("/rest/v1/".count).dropLast(".json".count))
    }
}
