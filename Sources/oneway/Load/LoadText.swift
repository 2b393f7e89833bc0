import OnewayCore

/// A load for a person.
enum LoadText {
    static func plan(_ root: JSONValue) -> [String] {
        let tables = (root["dynamics"]?.members ?? []).map { table in
            "\(table.value["atLeast"]?.bool == true ? "at least " : "")\(Wording.number(table.value.count("rows"))) \(plural(table.name))"
        }
        let named = root["named"]
        var lines = [
            "Dynamics has \(tables.joined(separator: ", ")).",
            "They name about \(Wording.number(named?.count("contacts") ?? 0)) contacts and "
                + "\(Wording.number(named?.count("accounts") ?? 0)) accounts; only these are read.",
            "This takes about \(Wording.number(root.count("requests"))) requests to Dynamics and "
                + "\(Wording.number(root.count("calls"))) calls to Marketo, "
                + "of which \(Wording.number(root.count("callsLeft"))) are left today.",
        ]
        let days = root.count("days")
        let minutes = root.count("minutes")
        lines.append(
            days > 1
                ? "Today's calls are not enough: it takes \(days) days. Live changes go first."
                : "It takes about \(Wording.count(minutes, "minute")). Live changes go first."
        )
        return lines + people(root["people"])
    }

    private static func people(_ sample: JSONValue?) -> [String] {
        guard let sample else { return [] }
        var lines: [String] = []
        let (asked, missing, without) = (sample.count("asked"), sample.count("missing"), sample.count("withoutValue"))
        if asked > 0 {
            lines.append(
                missing == 0
                    ? "Marketo has all of \(asked) people of a sample."
                    : "Marketo does not have \(missing) of \(asked) people of a sample: their roles will wait for them."
            )
        } else {
            lines.append("Marketo could not be asked for a sample of the people.")
        }
        if without > 0 {
            lines.append(
                "\(Wording.number(without)) more have no value in the column by which people are found: "
                    + "their roles will wait."
            )
        }
        return lines
    }

    static func progress(_ root: JSONValue, _ screen: Screen) -> String {
        let (progress, result) = (root["progress"], root["result"])
        let total = progress?["total"]?.int.map { " of \(Wording.number($0))" } ?? ""
        let what = "\(Wording.number(progress?.count("done") ?? 0))\(total) \(progress?["unit"]?.string ?? "")"
        var parts = ["\(doing(root["phase"]?.string)): \(what)"]
        parts.append("\(Wording.number(result?.count("inMarketo") ?? 0)) opportunities in Marketo")
        for (name, words) in [("waiting", "waiting"), ("missingPeople", "people missing"), ("parked", "parked")] {
            if let count = result?.count(name), count > 0 { parts.append("\(Wording.number(count)) \(words)") }
        }
        parts.append("\(Wording.number(result?.count("callsLeft") ?? 0)) calls left")
        if let end = root["endsAt"]?.string {
            parts.append("ends \(screen.isTerminal ? "" : "at ")\(screen.time(end))")
        }
        if let message = root["message"]?.string { parts.append("Dynamics: \(message.printable)") }
        return parts.joined(separator: ", ")
    }

    static func state(_ root: JSONValue, _ screen: Screen) -> String {
        switch root["state"]?.string {
        case "paused": "paused, \(progress(root, screen)); `oneway load --resume` goes on"
        case "cancelled": "cancelled; what was read stays, and is passed on"
        default: "\(root["state"]?.string ?? "?"), \(progress(root, screen))"
        }
    }

    static func result(_ root: JSONValue, _ screen: Screen) -> [String] {
        guard root["state"]?.string == "done" else {
            return [state(root, screen) + (root["message"]?.string.map { ": \($0.printable)" } ?? "")]
        }
        let result = root["result"]
        let read = (result?["read"]?.members ?? []).map { "\(Wording.number($0.value.int ?? 0)) \(plural($0.name))" }
        let others = ["waiting", "parked"].map { "\(Wording.number(result?.count($0) ?? 0)) \($0)" }
        return [
            "read: \(read.joined(separator: ", ")), with \(Wording.number(result?.count("requests") ?? 0)) requests",
            "Marketo has \(Wording.number(result?.count("inMarketo") ?? 0)) opportunities; records: \(others.joined(separator: ", "))",
        ]
    }

    private static func doing(_ phase: String?) -> String {
        switch phase {
        case "deciding": "decided"
        case "sending": "sent"
        default: "read"
        }
    }

    static func plural(_ table: String) -> String { table == "opportunity" ? "opportunities" : "\(table)s" }
}
