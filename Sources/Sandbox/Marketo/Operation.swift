/// The operation that a call asks for by its method and path.
enum Operation: Sendable, Equatable {
    case describe(MarketoKind)
    case describeLeads
    case query(MarketoKind)
    case lead(id: Int)
    case sync(MarketoKind)
    case delete(MarketoKind)
    case usage
    case errors

    /// `path` is the part after `/rest/v1/`, without `.json`.
    init(_ method: String, _ path: String) throws(MarketoFailure) {
        let known = Self.known(path)
        guard !known.isEmpty else { throw MarketoFailure("610") }
        guard let operation = known[method] else {
            throw MarketoFailure("605")
        }
        self = operation
    }

    private static func known(_ path: String) -> [String: Operation] {
        for kind in MarketoKind.allCases {
            switch path {
            case kind.rawValue where kind == .lead:
                return ["GET": .query(kind), "POST": .sync(kind), "DELETE": .delete(kind)]
            case kind.rawValue: return ["GET": .query(kind), "POST": .sync(kind)]
            case kind.rawValue + "/delete": return ["POST": .delete(kind)]
            case kind.rawValue + "/describe": return ["GET": kind == .lead ? .describeLeads : .describe(kind)]
            default: continue
            }
        }
        switch path {
        case "leads/describe2": return ["GET": .describe(.lead)]
        case "stats/usage", "stats/usage/last7days": return ["GET": .usage]
        case "stats/errors", "stats/errors/last7days": return ["GET": .errors]
        default: break
        }
        if path.hasPrefix("lead/"), let id = Int(path.dropFirst("lead/".count)) { return ["GET": .lead(id: id)] }
        return [:]
    }

    var isWriteOfCRMData: Bool {
        switch self {
        case .sync(let kind), .delete(let kind): kind.isCRMManaged
        default: false
        }
    }
}
