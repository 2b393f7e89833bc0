import OnewayCore

/// What a comparison or a survey found, as tables and as CSV.
enum CompareText {
    static func progress(_ job: JSONValue) -> String {
        let (progress, result) = (job["progress"], job["result"])
        let done = "\(progress?.grouped("done") ?? "0") of \(progress?.grouped("total") ?? "0") records"
        let found = ["missing", "different", "superfluous"].compactMap { name in
            result?[name]?.int.map { "\(Wording.number($0)) \(name)" }
        }
        let says = job["message"]?.string.map { ["waits: \($0.printable)"] } ?? []
        return ([done] + found + says).joined(separator: ", ")
    }

    static func job(_ job: JSONValue, _ items: [JSONValue], _ task: Compare.Task, _ screen: Screen) -> [String] {
        var lines = table(items, screen)
        if !lines.isEmpty { lines.append("") }
        let state = job["state"]?.string ?? ""
        if state != "done" { lines.append("\(state)\(job["message"]?.string.map { ": \($0.printable)" } ?? "")") }
        let counts = (job["result"]?.members ?? []).filter { ($0.value.int ?? 0) > 0 && $0.name != "kept" }
        for (name, value) in counts { lines.append("\(words(name).padded(to: 30)) \(Wording.number(value.int ?? 0))") }
        lines.append("\("calls to Marketo".padded(to: 30)) \(job.grouped("calls"))")
        if case .adopt = task { lines += [""] + questions } else if items.isEmpty { lines.append("no difference") }
        return lines
    }

    static func one(_ root: JSONValue, _ items: [JSONValue], _ screen: Screen) -> [String] {
        let others = ["pending", "waiting", "parked", "changing"].filter { root.count($0) > 0 }
            .map { ", \(root.grouped($0)) \($0)" }.joined()
        return table(items, screen)
            + ["\(root.grouped("compared")) compared, \(Wording.number(items.count)) differ\(others)"]
    }

    /// `opportunitiesInOtherForm` -> `opportunities in other form`.
    private static func words(_ name: String) -> String {
        name.reduce(into: "") { $0 += $1.isUppercase ? " \($1.lowercased())" : String($1) }
    }

    private static func table(_ items: [JSONValue], _ screen: Screen) -> [String] {
        var table = Table("WHAT", "KIND", "KEY", "CAUSE", "WHY", "", whole: ["KEY"])
        for item in items {
            let fields = (item["fields"]?.elements ?? []).map { field in
                "\(field["name"]?.string ?? ""): \(shown(field["dynamics"])), in Marketo \(shown(field["marketo"]))"
            }
            table.add(
                item["what"]?.string ?? "",
                item["kind"]?.string ?? "",
                item["key"]?.string ?? "",
                item["cause"]?.string ?? "",
                fields.isEmpty ? item["says"]?.string ?? "" : fields.joined(separator: "; "),
                item["sentAgain"]?.bool == true ? "sent again" : ""
            )
        }
        return table.lines(on: screen)
    }

    private static func shown(_ value: JSONValue?) -> String {
        guard let value, !value.isNull else { return "empty" }
        return String(decoding: value.encoded, as: UTF8.self)
    }

    private static let columns = ["what", "kind", "key", "opportunity", "cause", "says", "sentAgain"]

    /// A line for each field that differs, or for the record. RFC 4180.
    static func csv(_ items: [JSONValue]) -> [String] {
        let header = (columns + ["field", "dynamics", "wanted", "marketo"]).joined(separator: ",")
        return [header]
            + items.flatMap { item -> [String] in
                let own = columns.map { cell(item[$0]) }
                let fields = item["fields"]?.elements ?? []
                if fields.isEmpty { return [(own + ["", "", "", ""]).joined(separator: ",")] }
                return fields.map { field in
                    (own + ["name", "dynamics", "wanted", "marketo"].map { cell(field[$0]) }).joined(separator: ",")
                }
            }
    }

    private static func cell(_ value: JSONValue?) -> String {
        guard let value, !value.isNull else { return "" }
        return CSV.field(value.string ?? String(decoding: value.encoded, as: UTF8.self), isText: value.string != nil)
    }

    private static let questions = [
        "To ask Adobe, for this instance:",
        "  1. Oneway can write opportunities only where no native CRM sync is connected (else Marketo answers 1018):",
        "     how is the native sync disconnected here, and what becomes of the records that it made?",
        "  2. Can companies, opportunities, and roles that the native sync made be updated through REST afterwards?",
        "  3. Which externalOpportunityId and externalCompanyId do they have, and does Marketo tell the forms of an id",
        "     (capitals, braces, without dashes) apart?",
    ]
}
