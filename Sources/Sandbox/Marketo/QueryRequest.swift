import OnewayCore

/// A search: `filterType` with `filterValues`, or with keys as objects if a key has several parts.
struct QueryRequest: Sendable {
    let filterType: String
    var values: [String] = []
    var keys: [[String: JSON]] = []
    var fields: [String]?
    var batchSize = Self.pageMax
    var from = 0

    static let pageMax = 300
    static let valuesMax = 300

    init(_ parameters: Parameters) throws(MarketoFailure) {
        guard let type = parameters["filterType"], !type.isEmpty else { throw .blank("filterType") }
        guard let list = parameters["filterValues"], !list.isEmpty else { throw .blank("filterValues") }
        filterType = type
        values = Self.split(list)
        fields = parameters["fields"].map(Self.split)
        try setPage(parameters["batchSize"], parameters["nextPageToken"])
        try checkCount(values.count)
    }

    /// The form with a JSON body. A page's token may also be in the target.
    init(_ body: JSONValue, _ parameters: Parameters) throws(MarketoFailure) {
        guard let type = body["filterType"]?.string, !type.isEmpty else { throw .blank("filterType") }
        filterType = type
        if let input = body["input"] {
            keys = input.elements.map { JSON($0).members }
        } else {
            values = body["filterValues"]?.elements.map { JSON($0).shown } ?? []
        }
        if keys.isEmpty, values.isEmpty { throw .blank("input") }
        if let list = body["fields"] { fields = list.string.map(Self.split) ?? list.elements.compactMap(\.string) }
        try setPage(
            body["batchSize"].map { JSON($0).shown } ?? parameters["batchSize"],
            body["nextPageToken"]?.string ?? parameters["nextPageToken"]
        )
        try checkCount(keys.count + values.count)
    }

    private mutating func setPage(_ size: String?, _ token: String?) throws(MarketoFailure) {
        if let size {
            guard let number = Int(size), number > 0 else { throw .invalid("Invalid batchSize") }
            batchSize = min(number, Self.pageMax)
        }
        guard let token, !token.isEmpty else { return }
        guard token.hasPrefix(Self.tokenPrefix), token.hasSuffix("===="),
            let offset = Int(token.dropFirst(Self.tokenPrefix.count).dropLast(4), radix: 36), offset >= 0
        else { throw .invalid("Invalid nextPageToken") }
        from = offset
    }

    private func checkCount(_ count: Int) throws(MarketoFailure) {
        if count > Self.valuesMax { throw .invalid("More than \(Self.valuesMax) values in filterValues") }
    }

    static func pageToken(_ offset: Int) -> String { tokenPrefix + String(offset, radix: 36) + "====" }

    private static let tokenPrefix = "SANDBOXPAGE"

    private static func split(_ list: String) -> [String] {
        list.split(separator: ",").map { String($0.drop { $0 == " " }) }
    }
}

/// One page of results.
struct Page: Sendable {
    let items: [JSON]
    /// The next page's token, if there is more.
    let next: String?
}
