import HTTPClient
import OnewayCore

/// A request, before it has a token.
struct DataverseRequest: Sendable {
    enum Target: Sendable {
        /// What follows `/api/data/v9.2/`, with its query encoded.
        case path(String)
        case link(DataverseLink)
    }

    let method: HTTPRequest.Method
    let target: Target
    /// The table it is about, for when Dynamics does not name it.
    let table: String
    var preferences: [String] = []
    var headers: [String] = []
    var body: JSON?

    static func get(_ path: String, table: String, prefer preferences: [String] = []) -> DataverseRequest {
        DataverseRequest(method: .get, target: .path(path), table: table, preferences: preferences)
    }

    /// The preferences have to be the same on every page.
    static func get(_ link: DataverseLink, table: String, prefer preferences: [String]) -> DataverseRequest {
        DataverseRequest(method: .get, target: .link(link), table: table, preferences: preferences)
    }

    /// Sending it a second time does no harm.
    var isRepeatable: Bool { method == .get }
}

struct DataverseAnswer: Sendable {
    let status: Int
    let headers: [HTTPHeader]
    /// Nil if the body is no JSON, or there is none.
    let root: JSONValue?
    /// By Dynamics' clock if it told its time: not later than whatever was read.
    let readAt: Timestamp
    /// How far Dynamics' clock is ahead of ours, to the second.
    let clockDifferenceSeconds: Int64?
}

extension HTTPRequest {
    init(_ request: DataverseRequest, _ token: Token<DataverseAccess>, secondsMax: Int) {
        var headers = [
            "Accept: application/json", "Authorization: Bearer \(token.text)", "OData-Version: 4.0",
            "OData-MaxVersion: 4.0",
        ]
        if !request.preferences.isEmpty { headers.append("Prefer: \(request.preferences.joined(separator: ","))") }
        headers += request.headers
        if request.body != nil { headers.append("Content-Type: application/json; charset=utf-8") }
        let url =
            switch request.target {
            case .path(let path): token.access.apiURL + path
            case .link(let link): link.text
            }
        self.init(
            request.method,
            url,
            headers: headers,
            body: request.body?.encoded ?? [],
            secondsMax: secondsMax,
            isRepeatable: request.isRepeatable
        )
        answerBytesMax = 64 << 20
    }

    init(tokenFor access: DataverseAccess) {
        let form = PercentEncoding.query([
            ("grant_type", "client_credentials"), ("client_id", access.clientID),
            ("client_secret", access.clientSecret), ("scope", "\(access.url)/.default"),
        ])
        self.init(
            .post,
            access.tokenURL,
            headers: ["Accept: application/json", "Content-Type: application/x-www-form-urlencoded"],
            body: Array(form.utf8),
            secondsMax: TokenGrant.secondsMax,
            isRepeatable: true
        )
    }
}
