import OnewayCore

/// What waits, for whom or what, and since when; and opportunities by their states.
enum WaitingText {
    static func lines(_ root: JSONValue, _ screen: Screen) -> [String] {
        let items = root["items"]?.elements ?? []
        if items.isEmpty { return ["nothing is waiting"] }
        var table = Table("RECORD", "WAITS FOR", "SINCE", "LOOKED UP", "NEXT", "KEY", whole: ["WAITS FOR"])
        for item in items {
            let lookedUp = item["lookedUp"]
            let sought = ["field", "value"].compactMap { lookedUp?[$0]?.string }.joined(separator: " = ")
            let key = [item["kind"]?.string, item["key"]?.string].compactMap(\.self).joined(separator: " ")
            table.add(
                ListText.name(of: item),
                item["waitingFor"]?.string ?? "",
                screen.time(item["waitingSince"]?.string),
                sought,
                screen.next(item["nextAttemptAt"]?.string),
                screen.isTerminal ? "" : key,
                beneath: screen.isTerminal ? key : nil
            )
        }
        return table.lines(on: screen) + ListText.next(root, "waiting")
    }

    static func opportunities(_ root: JSONValue, _ screen: Screen) -> [String] {
        let items = root["items"]?.elements ?? []
        if items.isEmpty { return ["no such opportunity"] }
        var table = Table(
            "OPPORTUNITY",
            "STATE",
            "CODE",
            "CHANGED",
            "NAME",
            "COMPANY",
            whole: ["OPPORTUNITY", "STATE"]
        )
        for item in items {
            let waits = item["waitingFor"]?.string.map { " for \($0)" } ?? ""
            table.add(
                item["opportunity"]?.string ?? "",
                (item["state"]?.string ?? "") + waits,
                item["code"]?.string ?? "",
                screen.time(item["changedAt"]?.string),
                item["name"]?.string ?? "",
                item["accountName"]?.string ?? item["account"]?.string ?? ""
            )
        }
        return table.lines(on: screen) + ListText.next(root, "opportunities")
    }
}
