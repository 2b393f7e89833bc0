import OnewayCore

/// `GET /api/opportunities/{id}` for a person: where it is, and why.
enum OpportunityText {
    static let notificationsMax = 10

    static func lines(_ root: JSONValue, _ screen: Screen) -> [String] {
        let state = root["state"]?.string ?? "not wanted in Marketo"
        var lines = ["opportunity \(root["opportunity"]?.string ?? ""): \(state)".printable]
        lines += (root["reasons"]?.elements ?? []).map { "  \($0.reason)" }
        var values = Table("COLUMN", "VALUE", "TOLD", "")
        for value in root["values"]?.members ?? [] {
            let isUnsure = value.value["unsure"]?.bool == true
            values.add(
                value.name,
                value.value["value"]?.shown ?? "",
                screen.time(value.value["at"]?.string),
                isUnsure ? "told two ways in one second" : ""
            )
        }
        lines += section("What Dynamics told", values.lines(width: screen.width))
        let items = root["items"]?.elements ?? []
        lines += section("What Marketo is to hold", ListText.outboxTable(items, screen))
        for item in items where item["kind"]?.string != "opportunity" {
            let reasons = (item["reasons"]?.elements ?? []).map { "  \($0.reason)" }
            lines +=
                reasons.isEmpty
                ? [] : ["\(item["kind"]?.string ?? "") \(item["key"]?.string ?? "")".printable] + reasons
        }
        let came = root["notifications"]?.elements ?? []
        let newest = ListText.notifications(Array(came.prefix(notificationsMax)), screen)
        let title = came.count > notificationsMax ? "The newest \(notificationsMax) notifications" : "Notifications"
        return lines + section(title, newest)
    }

    private static func section(_ title: String, _ lines: [String]) -> [String] {
        lines.isEmpty ? [] : ["", title] + lines
    }
}
