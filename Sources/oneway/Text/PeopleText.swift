import Admin
import OnewayCore

/// The people whom Marketo lacks, as CSV for marketing: the same as the service's own.
enum PeopleText {
    static let headings = CSV.line(PersonSought.headings)

    static func lines(_ root: JSONValue) -> String {
        (root["items"]?.elements ?? []).map { person in
            CSV.line(PersonSought.headings.map { person[$0]?.string ?? person[$0]?.number ?? "" })
        }
        .joined()
    }
}
