import OnewayCore

/// Lists of the admin API as tables, with the command for the next page.
enum ListText {
    static func parked(_ root: JSONValue, _ screen: Screen) -> [String] {
        let items = root["items"]?.elements ?? []
        if items.isEmpty { return ["nothing is parked"] }
        return outboxTable(items, screen) + next(root, "parked")
    }

    /// Each record, with the opportunities that it concerns beneath.
    static func found(_ root: JSONValue, _ screen: Screen) -> [String] {
        let items = root["items"]?.elements ?? []
        if items.isEmpty { return ["nothing found"] }
        var table = Table("KIND", "ID", "STATE", "NAME", whole: ["KIND", "ID"])
        for item in items {
            let opportunities = item["opportunities"]?.elements ?? []
            let isOpportunity = item["kind"]?.string == "opportunity"
            let notification = item["notification"]
            let state = isOpportunity ? opportunities.first?["state"] : notification?["outcome"]
            let name = [item["name"]?.string, item["email"]?.string].compactMap(\.self).joined(separator: ", ")
            table.add(
                item["kind"]?.string ?? "",
                item["id"]?.string ?? "",
                state?.string ?? "",
                notification?["receivedAt"] == nil ? name : received(notification, screen),
                beneath: why(notification)
            )
            for opportunity in isOpportunity ? [] : opportunities {
                table.add(
                    "  of",
                    opportunity["id"]?.string ?? "",
                    opportunity["state"]?.string ?? "",
                    opportunity["name"]?.string ?? ""
                )
            }
            if item["moreOpportunities"]?.bool == true { table.add("  of", "and more", "", "") }
        }
        let more = root["more"]?.bool == true ? ["", "there are more: say more of the name, or use --limit"] : []
        return table.lines(on: screen) + more
    }

    private static func received(_ notification: JSONValue?, _ screen: Screen) -> String {
        let what = ["message", "entity"].compactMap { notification?[$0]?.string }.joined(separator: " of ")
        return [what, "received \(screen.time(notification?["receivedAt"]?.string))"].filter { !$0.isEmpty }
            .joined(separator: ", ")
    }

    /// The code and the reasons of a notification; nil where there are none.
    private static func why(_ notification: JSONValue?) -> String? {
        let reasons = (notification?["reasons"]?.elements ?? []).map { reason in
            ["rule", "says"].compactMap { reason[$0]?.string }.joined(separator: " ")
        }
        let why = [notification?["code"]?.string, reasons.isEmpty ? nil : reasons.joined(separator: "; ")]
        return why.contains { $0 != nil } ? why.compactMap(\.self).joined(separator: ": ") : nil
    }

    /// On a terminal by name, each with its key beneath, which the next command may need; else with the key as a column.
    static func outboxTable(_ items: [JSONValue], _ screen: Screen, withMessages: Bool = true) -> [String] {
        var table = Table(
            "KIND",
            "KEY",
            "RECORD",
            "STATE",
            "CODE",
            "TRIES",
            "NEXT",
            "MESSAGE",
            whole: ["KIND", "KEY", "CODE"]
        )
        for item in items {
            let waits = item["waitingFor"]?.string.map { " for \($0)" } ?? ""
            let key = item["key"]?.string ?? ""
            table.add(
                item["kind"]?.string ?? "",
                screen.isTerminal ? "" : key,
                name(of: item),
                (item["state"]?.string ?? "") + waits,
                item["code"]?.string ?? "",
                item.count("attempts") == 0 ? "" : item.grouped("attempts"),
                screen.next(item["nextAttemptAt"]?.string),
                withMessages ? item["message"]?.string ?? "" : "",
                beneath: screen.isTerminal ? key : nil
            )
        }
        return table.lines(on: screen)
    }

    /// What people call it: the opportunity's or the company's name; of a role its own, the person, and the
    /// opportunity, as far as they are known.
    static func name(of item: JSONValue) -> String {
        let name = item["name"]?.string
        guard item["kind"]?.string == "role" else { return name ?? "" }
        let role = item["key"]?.string?.split(separator: "/", maxSplits: 2).dropFirst(2).first.map(String.init)
        return [role, item["contact"]?.string, name].compactMap(\.self).joined(separator: ", ")
    }

    static func refusals(_ root: JSONValue, _ screen: Screen) -> [String] {
        let items = root["items"]?.elements ?? []
        if items.isEmpty { return ["nothing was refused"] }
        var table = Table("LATEST", "DOOR", "WHO", "OPPORTUNITY", "TIMES", "", whole: ["DOOR", "OPPORTUNITY"])
        for item in items {
            table.add(
                screen.time(item["at"]?.string),
                item["door"]?.string ?? "",
                item["who"]?.string ?? "",
                item["opportunity"]?.string ?? "",
                item.grouped("count"),
                item["allowed"]?.bool == true ? "allowed since" : ""
            )
        }
        return table.lines(on: screen) + next(root, "refusals")
    }

    static func replicas(_ root: JSONValue, _ screen: Screen) -> [String] {
        let replicas = root["replicas"]?.elements ?? []
        if replicas.isEmpty { return ["one process has the store to itself"] }
        var table = Table("NAME", "VERSION", "ROLE", "SINCE", "LAST HEARD", whole: ["NAME"])
        for replica in replicas {
            table.add(
                replica["name"]?.string ?? "",
                replica["version"]?.string ?? "",
                replica["role"]?.string ?? "",
                screen.time((replica["leadsSince"]?.string ?? replica["startedAt"]?.string)),
                screen.time(replica["heardAt"]?.string)
            )
        }
        let answers = root["databaseMilliseconds"]?.int.map { "; the database answers within \($0) ms" } ?? ""
        return table.lines(on: screen) + ["hand-overs: \(root.grouped("handOvers"))\(answers)"]
    }

    static func next(_ root: JSONValue, _ command: String) -> [String] {
        root["next"]?.string.map { ["", "more: oneway \(command) --after \($0.printable)"] } ?? []
    }
}
