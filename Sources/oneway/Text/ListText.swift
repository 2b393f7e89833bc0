import OnewayCore

/// Lists of the admin API as tables, with the command for the next page.
enum ListText {
    static func outbox(_ root: JSONValue, _ screen: Screen) -> [String] {
        let items = root["items"]?.elements ?? []
        if items.isEmpty { return ["nothing is parked"] }
        return outboxTable(items, screen) + next(root, "parked")
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
                item.count("attempts") == 0 ? "" : "\(item.count("attempts"))",
                screen.next(item["nextAttemptAt"]?.string),
                withMessages ? item["message"]?.string ?? "" : "",
                beneath: screen.isTerminal ? key : nil
            )
        }
        return table.lines(on: screen)
    }

    /// What people call it: the opportunity's or the company's name; of a role its own, the person, and the
    /// opportunity, as far as they are known.
    private static func name(of item: JSONValue) -> String {
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
                "\(item.count("count"))",
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
        return table.lines(on: screen) + ["hand-overs: \(root["handOvers"]?.int ?? 0)\(answers)"]
    }

    private static func next(_ root: JSONValue, _ command: String) -> [String] {
        root["next"]?.string.map { ["", "more: oneway \(command) --after \($0.printable)"] } ?? []
    }
}
