import OnewayCore

/// What no webhook reported, for a person.
enum ReconcileText {
    private static let whats = ["created", "updated", "deleted", "restored"]

    static func progress(_ job: JSONValue) -> String {
        let rows = "\(Wording.number(job["progress"]?.count("done") ?? 0)) rows read"
        let table = job["table"]?.string.map { ", \($0)" } ?? ""
        return "\(rows)\(table), \(found(job["result"]))"
    }

    static func result(_ job: JSONValue, _ screen: Screen) -> [String] {
        let (state, result) = (job["state"]?.string ?? "?", job["result"])
        let began = job["startedAt"]?.string.flatMap(Timestamp.init(iso8601:))
        let changes = (result?["changes"]?.elements ?? []).filter { change in
            guard let began, let at = change["at"]?.string.flatMap(Timestamp.init(iso8601:)) else { return true }
            return at >= began
        }
        var lines = table(changes, screen)
        if !lines.isEmpty { lines.append("") }
        if state != "done" { lines.append("\(state)\(job["message"]?.string.map { ": \($0.printable)" } ?? "")") }
        lines.append(found(result))
        let read = "\(Wording.number(result?.count("rows") ?? 0)) rows"
        lines.append("read \(read) with \(Wording.count(result?.count("requests") ?? 0, "request")) to Dynamics")
        return lines
    }

    /// In `oneway status`.
    static func status(_ root: JSONValue, _ screen: Screen) -> String {
        let last = root["endedAt"]?.string.map { ended in
            let count = root.count("found")
            let hint = count > 0 ? ": oneway reconcile --last" : ""
            return "\(Wording.count(count, "change")) that no webhook told us, compared \(screen.time(ended))\(hint)"
        }
        let next: String? =
            switch root["state"]?.string {
            case "running": "comparing now"
            case "not-loaded": "Dynamics is compared after the first load"
            case "off": "dynamics.reconcileEveryMinutes is 0: compared only by oneway reconcile"
            default: last == nil ? root["nextAt"]?.string.map { "compared for the first time \(screen.next($0))" } : nil
            }
        let trouble = root["message"]?.string.map { "not complete: \($0)".printable }
        return [last, next, trouble].compactMap(\.self).joined(separator: "; ")
    }

    private static func found(_ result: JSONValue?) -> String {
        let counts = whats.map { ($0, result?.count($0) ?? 0) }.filter { $0.1 > 0 }
        let all = counts.reduce(0) { $0 + $1.1 }
        let parts = counts.map { "\(Wording.number($0.1)) \($0.0)" }.joined(separator: ", ")
        return "\(Wording.count(all, "change")) that no webhook told us" + (parts.isEmpty ? "" : ": \(parts)")
    }

    private static func table(_ changes: [JSONValue], _ screen: Screen) -> [String] {
        var table = Table("WHAT", "TABLE", "RECORD", "NAME", "CHANGED", "PROBABLY BECAUSE", whole: ["RECORD"])
        for change in changes {
            let columns = (change["columns"]?.elements ?? []).compactMap(\.string).joined(separator: ", ")
            table.add(
                (change["what"]?.string ?? "") + (columns.isEmpty ? "" : " (\(columns.printable))"),
                change["entity"]?.string ?? "",
                change["record"]?.string ?? "",
                change["name"]?.string ?? "",
                screen.time(change["modifiedAt"]?.string),
                change["says"]?.string ?? "not known"
            )
        }
        return table.lines(on: screen)
    }
}
