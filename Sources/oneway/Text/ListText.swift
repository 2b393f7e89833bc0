import OnewayCore

/// Lists of the admin API as tables, with the command for the next page.
enum ListText {
    static func outbox(_ root: JSONValue, _ screen: Screen) -> [String] {
        let items = root["items"]?.elements ?? []
        if items.isEmpty { return ["nothing is parked"] }
        return outboxTable(items, screen) + next(root, "parked")
    }

    static func outboxTable(_ items: [JSONValue], _ screen: Screen, withMessages: Bool = true) -> [String] {
        var table = Table("KIND", "KEY", "STATE", "CODE", "TRIES", "NEXT", "MESSAGE", whole: ["KEY"])
        for item in items {
            let waits = item["waitingFor"]?.string.map { " for \($0)" } ?? ""
            table.add(
                item["kind"]?.string ?? "",
                item["key"]?.string ?? "",
                (item["state"]?.string ?? "") + waits,
                item["code"]?.string ?? "",
                item.count("attempts") == 0 ? "" : "\(item.count("attempts"))",
                screen.time(item["nextAttemptAt"]?.string),
                withMessages ? item["message"]?.string ?? "" : ""
            )
        }
        return table.lines(width: screen.width)
    }

    static func refusals(_ root: JSONValue, _ screen: Screen) -> [String] {
        let items = root["items"]?.elements ?? []
        if items.isEmpty { return ["nothing was refused"] }
        var table = Table("LATEST", "DOOR", "WHO", "OPPORTUNITY", "TIMES", "", whole: ["OPPORTUNITY"])
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
        return table.lines(width: screen.width) + next(root, "refusals")
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
        return table.lines(width: screen.width) + ["hand-overs: \(root["handOvers"]?.int ?? 0)\(answers)"]
    }

    static func notifications(_ items: [JSONValue], _ screen: Screen) -> [String] {
        var table = Table("RECEIVED", "NOTIFICATION", "OUTCOME", "MESSAGE", "TABLE", "CODE", whole: ["NOTIFICATION"])
        for item in items {
            table.add(
                screen.time(item["receivedAt"]?.string),
                item["notification"]?.string ?? "",
                item["outcome"]?.string ?? "",
                item["message"]?.string ?? "",
                item["entity"]?.string ?? "",
                item["code"]?.string ?? ""
            )
        }
        return table.lines(width: screen.width)
    }

    private static func next(_ root: JSONValue, _ command: String) -> [String] {
        root["next"]?.string.map { ["", "more: oneway \(command) --after \($0.printable)"] } ?? []
    }
}
