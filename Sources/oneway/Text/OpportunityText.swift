import OnewayCore

/// `GET /api/opportunities/{id}` for a person: where it is, and why.
enum OpportunityText {
    static func lines(_ root: JSONValue, _ screen: Screen) -> [String] {
        let items = root["items"]?.elements ?? []
        let own = items.first { $0["kind"]?.string == "opportunity" }
        let isWanted = own?["desired"]?.isObject == true
        let state = [root["state"]?.string, isWanted ? nil : "not wanted in Marketo"].compactMap(\.self)
        let names = names(root)
        var lines = ["opportunity \(root["opportunity"]?.string ?? ""): \(state.joined(separator: ", "))".printable]
        if let name = root["name"]?.string { lines.append("  name: \(name)".printable) }
        if let link = root["dynamics"]?.string { lines.append("  in Dynamics: \(link)".printable) }
        if let blocked = root["blocked"]?["sentence"]?.string {
            let since = root["blocked"]?["since"]?.string.map { " (since \(screen.time($0)))" } ?? ""
            lines.append("held up: \(blocked)\(since)".printable)
        }
        lines += (root["reasons"]?.elements ?? []).map { "  \($0.reason.naming(names))".printable }
        var values = Table("COLUMN", "VALUE", "AS OF", "")
        for value in root["values"]?.members ?? [] {
            let isUnsure = value.value["unsure"]?.bool == true
            values.add(
                value.name,
                (value.value["value"]?.shown ?? "").naming(names).printable,
                screen.time(value.value["at"]?.string),
                isUnsure ? "two values in one second" : ""
            )
        }
        lines += section("Values from Dynamics", values.lines(on: screen))
        lines += section("In Marketo", ListText.outboxTable(items, screen, withMessages: false))
        lines += items.flatMap { record($0, names, screen) }
        lines += section("Read from Dynamics", reads(root, screen))
        return lines + section("Timeline, newest first", TimelineText.lines(root, names, screen))
    }

    /// What people call the records that it mentions, by their ids.
    private static func names(_ root: JSONValue) -> [GUID: String] {
        let named = (root["names"]?.members ?? []).compactMap { member in
            GUID(member.name).flatMap { id in member.value.string.map { (id, $0) } }
        }
        return Dictionary(named, uniquingKeysWith: { first, _ in first })
    }

    /// The desired and the confirmed state of one Marketo record, with all that Marketo said. The opportunity's own
    /// reasons are on top.
    private static func record(_ item: JSONValue, _ names: [GUID: String], _ screen: Screen) -> [String] {
        let kind = item["kind"]?.string ?? ""
        var lines = [absence(item)].compactMap(\.self)
        if let reason = item["waitingFor"]?.string {
            let since = item["waitingSince"]?.string.map { ", since \(screen.time($0))" } ?? ""
            lines.append("waits for: \(reason)\(since)".printable)
        }
        if let sought = item["lookedUp"], let field = sought["field"]?.string, let value = sought["value"]?.string {
            let last = sought["askedAt"]?.string.map { ", last \(screen.time($0))" } ?? ""
            lines.append("looked up: \(field) = \(value)\(last)".printable)
        }
        if let asked = item["asked"], !asked.isNull { lines.append(ReadText.words(asked, screen)) }
        let said = ["code", "message"].compactMap { item[$0]?.string }.joined(separator: " ")
        if !said.isEmpty { lines.append("Marketo's last message: \(said)".printable) }
        if let request = item["requestId"]?.string { lines.append("Marketo's request: \(request)".printable) }
        lines += sides(item, names).lines(on: screen, inset: 2)
        if kind != "opportunity" {
            lines += (item["reasons"]?.elements ?? []).map { $0.reason.naming(names).printable }
        }
        return section("\(kind) \(item["key"]?.string ?? "")".naming(names).printable, lines.map { "  \($0)" })
    }

    /// Nil: it should exist.
    private static func absence(_ item: JSONValue) -> String? {
        if item["desired"]?.isObject == true { return nil }
        if item["confirmed"]?.isObject == true { return "must not exist, but Marketo still has it" }
        return item["state"]?.string == "settled"
            ? "must not exist, and as far as is known does not" : "must not exist, but Marketo may have it"
    }

    private static func sides(_ item: JSONValue, _ names: [GUID: String]) -> Table {
        let (wanted, confirmed) = (item["desired"], item["confirmed"])
        var fields = (wanted?.members ?? []).map(\.name)
        fields += (confirmed?.members ?? []).map(\.name).filter { !fields.contains($0) }
        var table = Table("FIELD", "DESIRED", "CONFIRMED")
        for field in fields {
            table.add(field, shown(wanted, field, names), shown(confirmed, field, names))
        }
        return table
    }

    private static func shown(_ record: JSONValue?, _ field: String, _ names: [GUID: String]) -> String {
        guard let record, record.isObject else { return "(not there)" }
        return record[field]?.shown.naming(names).printable ?? "(left out)"
    }

    private static func reads(_ root: JSONValue, _ screen: Screen) -> [String] {
        let reads = root["reads"]?.elements ?? []
        return reads.isEmpty ? [] : ReadText.table(reads, screen)
    }

    private static func section(_ title: String, _ lines: [String]) -> [String] {
        lines.isEmpty ? [] : ["", title] + lines
    }
}
