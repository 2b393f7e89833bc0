import OnewayCore

/// The timeline of an opportunity: one line for each thing that happened, and below it what it was about.
enum TimelineText {
    static let entriesMax = 40

    /// - Parameter names: Of the records that it mentions.
    static func lines(_ root: JSONValue, _ names: [GUID: String], _ screen: Screen) -> [String] {
        let entries = root["timeline"]?.elements ?? []
        var lines = entries.prefix(entriesMax).flatMap { entry($0, of: root["opportunity"]?.string, names, screen) }
        if entries.count > entriesMax {
            lines.append("\(Wording.number(entries.count - entriesMax)) more: --json shows all")
        }
        return lines
    }

    private static func entry(
        _ entry: JSONValue,
        of opportunity: String?,
        _ names: [GUID: String],
        _ screen: Screen
    ) -> [String] {
        let what = entry["what"]?.string ?? ""
        let (subject, details) = contents(entry, what, of: opportunity)
        let parts = [screen.time(entry["at"]?.string), what, subject].filter { !$0.isEmpty }
        let first = parts.joined(separator: "  ").naming(names).printable
        return [first] + details.map { "    \($0.naming(names).printable)" }
    }

    private static func contents(_ entry: JSONValue, _ what: String, of opportunity: String?) -> (String, [String]) {
        switch what {
        case "received":
            let message = [entry["message"]?.string, entry["entity"]?.string].compactMap(\.self).joined(
                separator: " of "
            )
            let outcome = entry["outcome"]?.string ?? ""
            let subject =
                "\(message) (\(outcome == "accepted" ? "" : "\(outcome), ")notification \(entry["notification"]?.string ?? ""))"
            let said = (entry["values"]?.elements ?? []).map { value($0, of: opportunity) }
            return (subject, said + (entry["reasons"]?.elements ?? []).map(\.reason))
        case "read":
            let record = "\(entry["entity"]?.string ?? "") \(entry["record"]?.string ?? "")"
            return ("\(record): \(entry["answer"]?.string ?? "")", [])
        case "decided": return (named(entry), changes(entry["before"], entry["after"]))
        default:
            let request = entry["requestId"]?.string.map { "request \($0)" }
            let trouble = [entry["code"]?.string, entry["message"]?.string].compactMap(\.self).joined(separator: " ")
            return (
                [named(entry), request].compactMap(\.self).joined(separator: ", "), trouble.isEmpty ? [] : [trouble]
            )
        }
    }

    /// The record by a name that a person reads; the key of a role is three ids long.
    private static func named(_ entry: JSONValue) -> String {
        let (kind, key) = (entry["kind"]?.string ?? "", entry["key"]?.string ?? "")
        guard kind == "role" else { return kind }
        return "role \(key.split(separator: "/", maxSplits: 2).last.map(String.init) ?? key)"
    }

    private static func value(_ value: JSONValue, of opportunity: String?) -> String {
        let told = value["told"]
        let owner = value["record"]?.string == opportunity ? "" : " of the \(value["entity"]?.string ?? "")"
        let says = "\(value["attribute"]?.string ?? "")\(owner) = \(shown(told)), as of \(told?["at"]?.string ?? "")"
        let newer = "\(shown(value["newer"])) as of \(value["newer"]?["at"]?.string ?? "")"
        switch value["fate"]?.string {
        case "late":
            let source = value["newerIn"]?.string.map { ", from notification \($0)" } ?? ""
            return "\(says). LATE: \(newer) was known already\(source) (R7)"
        case "replaced": return "\(says), replaced since by \(newer)"
        case "unapplied": return "\(says), not applied yet"
        default: return says
        }
    }

    private static func shown(_ told: JSONValue?) -> String {
        guard let value = told?["value"], !value.isNull else { return "empty" }
        return value.shown
    }

    private static func changes(_ before: JSONValue?, _ after: JSONValue?) -> [String] {
        guard let before, let after else { return [] }
        if after.isNull { return ["must not exist in Marketo"] }
        return Set((before.members + after.members).map(\.name)).sorted().map { name in
            let new = after[name]?.shown ?? "(left out)"
            return before.isNull ? "\(name): \(new)" : "\(name): \(before[name]?.shown ?? "(left out)") -> \(new)"
        }
    }
}
