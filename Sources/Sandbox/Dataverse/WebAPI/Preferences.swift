/// The `Prefer` headers.
struct Preferences: Sendable {
    var annotations: Annotations?
    private(set) var pageSize: Int?
    private(set) var tracksChanges = false
    private(set) var wantsRepresentation = false

    static let pageSizeMax = 5000

    init(_ headers: [String] = []) {
        for item in headers.flatMap(Self.items) {
            let equals = item.firstIndex(of: "=") ?? item.endIndex
            let value = String(item[equals...].dropFirst()).filter { $0 != "\"" }
            switch item[..<equals] {
            case "odata.include-annotations": annotations = Annotations(value)
            case "odata.maxpagesize": pageSize = Int(value).flatMap { $0 > 0 ? min($0, Self.pageSizeMax) : nil }
            case "odata.track-changes": tracksChanges = true
            case "return": wantsRepresentation = value == "representation"
            default: break
            }
        }
    }

    mutating func limit(pageSize most: Int) { pageSize = pageSize.map { min($0, most) } }

    /// The `Preference-Applied` header of an answer with rows.
    var applied: String? {
        var applied: [String] = []
        if tracksChanges { applied.append("odata.track-changes") }
        if let annotations { applied.append("odata.include-annotations=\"\(annotations.text)\"") }
        if let pageSize { applied.append("odata.maxpagesize=\(pageSize)") }
        if wantsRepresentation { applied.append("return=representation") }
        return applied.isEmpty ? nil : applied.joined(separator: ",")
    }

    /// Splits at commas outside quotes.
    private static func items(_ header: String) -> [String] {
        var items = [""]
        var isQuoted = false
        for character in header {
            if character == "\"" { isQuoted.toggle() }
            if character == ",", !isQuoted {
                items.append("")
            } else if character != " " || isQuoted {
                items[items.count - 1].append(character)
            }
        }
        return items
    }
}

/// The annotations that a client requests: `*`, `Microsoft.Dynamics.CRM.*`, or names; a minus excludes. The last match
/// counts.
struct Annotations: Sendable {
    let text: String

    init(_ text: String) { self.text = text }

    func includes(_ name: String) -> Bool {
        var included = false
        for pattern in text.split(separator: ",") {
            let isExcluded = pattern.first == "-"
            let pattern = isExcluded ? pattern.dropFirst() : pattern
            let fits = pattern.last == "*" ? name.hasPrefix(pattern.dropLast()) : name == pattern
            if fits { included = !isExcluded }
        }
        return included
    }

    static let formattedValue = "OData.Community.Display.V1.FormattedValue"
    static let lookupTable = "Microsoft.Dynamics.CRM.lookuplogicalname"
    static let navigation = "Microsoft.Dynamics.CRM.associatednavigationproperty"
    static let totalCount = "Microsoft.Dynamics.CRM.totalrecordcount"
    static let totalExceeded = "Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded"
}
