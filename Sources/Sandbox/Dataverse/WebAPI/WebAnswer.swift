import HTTPServer
import OnewayCore

/// The answer to a call, before it is encoded.
struct WebAnswer: Sendable {
    enum Content: Sendable {
        case none
        case json(JSON)
        case raw([UInt8], type: String)
        case cut
    }

    var status: Int
    var content: Content
    var headers: [(name: String, value: String)] = []
    var delaySeconds = 0.0
    /// The code of an error.
    var code: String?

    init(_ content: Content, status: Int = 200, headers: [(name: String, value: String)] = []) {
        self.content = content
        self.status = status
        self.headers = headers
    }

    init(_ error: DataverseError) {
        self.init(
            .json(["error": ["code": .string(error.code), "message": .string(error.message)]]),
            status: error.status
        )
        code = error.code
        if let seconds = error.retryAfterSeconds { headers.append(("Retry-After", "\(seconds)")) }
    }

    var isCut: Bool {
        if case .cut = content { true } else { false }
    }

    var response: Response {
        let (body, type): ([UInt8], String?) =
            switch content {
            case .cut, .none: ([], nil)
            case .json(let json): (json.encoded, "application/json; odata.metadata=minimal")
            case .raw(let bytes, let type): (bytes, type)
            }
        if isCut { return .cut }
        let always = [("OData-Version", "4.0")] + (type.map { [("Content-Type", $0)] } ?? [])
        return Response(status: status, headers: always + headers, body: body)
    }
}
