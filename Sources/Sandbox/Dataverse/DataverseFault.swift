/// A failure to inject into calls that would otherwise be executed.
public struct DataverseFault: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        /// Not executed; one of Dataverse's codes with its status.
        case error(code: String)
        /// Not executed: another HTTP status, with an HTML page as gateways send it.
        case status(Int)
        case cutBefore
        /// Executed, and the connection is cut instead of an answer.
        case cutAfter
        /// Executed, answered with 200 and bytes that are not JSON.
        case garbage
        /// No failure; only the delay applies.
        case none
    }

    public var kind: Kind
    /// For example `opportunities`, `opportunities(id)`, `oauth2/v2.0/token`; nil: every call to the Web API.
    public var path: String?
    public var method: String?
    /// The number of times; nil: until it is removed.
    public var times: Int?
    /// The delay of the answer.
    public var delaySeconds: Double

    public init(
        _ kind: Kind,
        path: String? = nil,
        method: String? = nil,
        times: Int? = 1,
        delaySeconds: Double = 0
    ) {
        self.kind = kind
        self.path = path
        self.method = method
        self.times = times
        self.delaySeconds = delaySeconds
    }

    /// The answer of a fault that prevents a call from being executed.
    var instead: WebAnswer? {
        switch kind {
        case .error(let code): WebAnswer(Self.error(code))
        case .status(let status):
            WebAnswer(
                .raw(Array("<html><body><h1>\(status)</h1></body></html>\n".utf8), type: "text/html"),
                status: status
            )
        case .cutBefore: WebAnswer(.cut)
        case .cutAfter, .garbage, .none: nil
        }
    }

    private static func error(_ code: String) -> DataverseError {
        switch code {
        case "0x80072322", "0x80072321", "0x80072326": ServiceProtection.refusal(code, retryAfterSeconds: 1)
        case "0x80040217": DataverseError(404, code, "Entity Does Not Exist")
        case "0x80040220": DataverseError(403, code, "Principal user is missing a privilege.")
        case "0x80060882": DataverseError(412, code, "The version of the existing record doesn't match.")
        case "0x80040216": DataverseError(500, code, "An unexpected error occurred.")
        case "0x80044151": DataverseError(500, code, "Generic SQL error.")
        default: DataverseError(400, code, "Failed on request")
        }
    }
}

extension DataverseFault: CountedFault {
    func concerns(_ call: (method: String, path: String)) -> Bool {
        let isMine = path.map { $0 == call.path } ?? !Call.tokenPaths.contains(call.path)
        return isMine && (method ?? call.method) == call.method
    }
}
