import HTTPClient
import OnewayCore

/// A request, before it has a token: a read, or a write to a registration. There is no other kind (R1).
struct DataverseRequest: Sendable {
    enum Action: Sendable {
        /// What follows `/api/data/v9.2/`, with its query encoded.
        case get(String)
        case follow(DataverseLink)
        case write(RegistrationWrite)
    }

    let action: Action
    /// The table it is about, for when Dynamics does not name it.
    let table: String
    var preferences: [String] = []

    static func get(_ path: String, table: String, prefer preferences: [String] = []) -> DataverseRequest {
        DataverseRequest(action: .get(path), table: table, preferences: preferences)
    }

    /// The preferences have to be the same on every page.
    static func get(_ link: DataverseLink, table: String, prefer preferences: [String]) -> DataverseRequest {
        DataverseRequest(action: .follow(link), table: table, preferences: preferences)
    }

    static func write(_ write: RegistrationWrite) -> DataverseRequest {
        DataverseRequest(action: .write(write), table: write.table.rawValue)
    }

    /// Sending it a second time does no harm.
    var isRepeatable: Bool { if case .write = action { false } else { true } }

    var link: DataverseLink? { if case .follow(let link) = action { link } else { nil } }
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
        let parts = Parts(request.action, token.access)
        var headers = [
            "Accept: application/json", "Authorization: Bearer \(token.text)", "OData-Version: 4.0",
            "OData-MaxVersion: 4.0",
        ]
        if !request.preferences.isEmpty { headers.append("Prefer: \(request.preferences.joined(separator: ","))") }
        // Without it, changing what is not there would create it.
        if parts.method == .patch { headers.append("If-Match: *") }
        if let solution = parts.solution { headers.append("MSCRM.SolutionUniqueName: \(solution)") }
        if parts.body != nil { headers.append("Content-Type: application/json; charset=utf-8") }
        self.init(
            parts.method,
            parts.url,
            headers: headers,
            body: parts.body?.encoded ?? [],
            secondsMax: secondsMax,
            isRepeatable: request.isRepeatable
        )
        answerBytesMax = 64 << 20
    }

    private struct Parts {
        let method: Method
        let url: String
        let body: JSON?
        /// The unique name of the solution that gets a new row.
        var solution: String?

        init(_ action: DataverseRequest.Action, _ access: DataverseAccess) {
            (method, url, body) =
                switch action {
                case .get(let path): (.get, access.apiURL + path, nil)
                case .follow(let link): (.get, link.text, nil)
                case .write(.create(let table, let json, solution: _)): (.post, access.apiURL + table.setName, json)
                case .write(.update(let table, let id, let json)):
                    (.patch, "\(access.apiURL)\(table.setName)(\(id))", json)
                case .write(.delete(let table, let id)):
                    (.delete, "\(access.apiURL)\(table.setName)(\(id))", nil)
                }
            if case .write(.create(_, _, let solution)) = action { self.solution = solution }
        }
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
