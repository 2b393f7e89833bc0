import OnewayCore

/// The resource that a path names.
enum Resource: Hashable, Sendable {
    enum Definition: Hashable, Sendable {
        case tables
        case table(String)
        /// The columns of a table, optionally of one type, or a single one.
        case attributes(String, type: String?, name: String?)
    }

    case token
    /// The list of all tables.
    case root
    case whoAmI
    /// `RetrieveTotalRecordCount(EntityNames=['account'])`
    case totals([String])
    case collection(String)
    case count(String)
    case row(String, GUID)
    /// The related rows on the many side.
    case related(String, GUID, String)
    case definition(Definition)
    case unknown(String)

    static let tokenPath = "oauth2/v2.0/token"

    init(path: String) {
        let parts = PercentEncoding.decoded(path[...], plusIsSpace: false).split(
            separator: "/",
            omittingEmptySubsequences: false
        ).dropFirst()
            .map(String.init)
        if parts.count == 4, !parts[0].isEmpty, parts.dropFirst().joined(separator: "/") == Self.tokenPath {
            self = .token
        } else if parts.count > 3, parts[0] == "api", parts[1] == "data", Self.versions.contains(parts[2]) {
            self = Self.api(Array(parts.dropFirst(3)))
        } else {
            self = .unknown(parts.last ?? "")
        }
    }

    private static let versions: Set = ["v9.0", "v9.1", "v9.2"]

    private static func api(_ parts: [String]) -> Resource {
        let (set, key) = split(parts[0])
        if set == "EntityDefinitions" {
            return definition(key, Array(parts.dropFirst())).map { .definition($0) } ?? .unknown(parts[0])
        }
        switch (parts.count, key) {
        case (1, let key?) where set == Self.totalsFunction: return totals(key)
        case (1, nil) where set.isEmpty: return .root
        case (1, nil): return set == "WhoAmI" ? .whoAmI : .collection(set)
        case (1, ""): return set == "WhoAmI" ? .whoAmI : .unknown(parts[0])
        case (1, let key?): return id(key).map { .row(set, $0) } ?? .unknown(parts[0])
        case (2, nil): return parts[1] == "$count" ? .count(set) : .unknown(parts[1])
        case (2, let key?): return id(key).map { .related(set, $0, parts[1]) } ?? .unknown(parts[0])
        default: return .unknown(parts.last ?? "")
        }
    }

    private static let totalsFunction = "RetrieveTotalRecordCount"

    private static func totals(_ key: String) -> Resource {
        guard key.hasPrefix("EntityNames=["), key.last == "]" else { return .unknown(totalsFunction) }
        let names = key.dropFirst("EntityNames=[".count).dropLast().split(separator: ",").map { name in
            String(name.filter { $0 != "'" && $0 != "\"" && $0 != " " })
        }
        return .totals(names)
    }

    private static func definition(_ key: String?, _ parts: [String]) -> Definition? {
        guard let key else { return parts.isEmpty ? .tables : nil }
        let table = logicalName(key)
        guard let first = parts.first else { return .table(table) }
        let (attributes, name) = split(first)
        guard attributes == "Attributes" else { return nil }
        let prefix = "Microsoft.Dynamics.CRM."
        switch parts.count {
        case 1: return .attributes(table, type: nil, name: name.map(logicalName))
        case 2 where parts[1].hasPrefix(prefix):
            return .attributes(table, type: String(parts[1].dropFirst(prefix.count)), name: name.map(logicalName))
        default: return nil
        }
    }

    /// Accepts ids with dashes and without braces only.
    static func id(_ key: some StringProtocol) -> GUID? { key.utf8.count == 36 ? GUID(String(key)) : nil }

    /// Reads `LogicalName='account'`; other keys are returned unchanged.
    private static func logicalName(_ key: String) -> String {
        guard key.hasPrefix("LogicalName='"), key.last == "'" else { return key }
        return String(key.dropFirst("LogicalName='".count).dropLast())
    }

    private static func split(_ part: String) -> (name: String, key: String?) {
        guard part.last == ")", let open = part.firstIndex(of: "(") else { return (part, nil) }
        return (String(part[..<open]), String(part[open...].dropFirst().dropLast()))
    }

    /// The path for call records and faults: the same for every row of a table.
    var pattern: String {
        switch self {
        case .token: Self.tokenPath
        case .root: ""
        case .whoAmI: "WhoAmI"
        case .totals: Self.totalsFunction
        case .collection(let set): set
        case .count(let set): "\(set)/$count"
        case .row(let set, _): "\(set)(id)"
        case .related(let set, _, let navigation): "\(set)(id)/\(navigation)"
        case .definition(.tables): "EntityDefinitions"
        case .definition(.table): "EntityDefinitions(id)"
        case .definition(.attributes): "EntityDefinitions(id)/Attributes"
        case .unknown(let path): path
        }
    }
}
