import OnewayCore

/// The people whom Marketo lacks, as CSV for marketing.
enum PeopleText {
    private static let columns = ["contact", "name", "email", "field", "value", "since", "roles"]

    static let headings = CSV.line(columns)

    static func lines(_ root: JSONValue) -> String {
        (root["items"]?.elements ?? []).map { person in
            CSV.line(columns.map { person[$0]?.string ?? person[$0]?.number ?? "" })
        }
        .joined()
    }
}
