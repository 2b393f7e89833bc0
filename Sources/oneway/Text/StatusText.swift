import OnewayCore

/// `GET /api/status` for a person. Members that the service does not return are left out.
enum StatusText {
    static func lines(_ root: JSONValue, _ screen: Screen) -> [String] {
        var table = Table("", "")
        if let inbox = root["inbox"] {
            let size = Screen.size(Int64(inbox.count("bytes")))
            table.add(
                "inbox",
                "\(inbox.grouped("unapplied")) to apply, \(inbox.grouped("quarantined")) in quarantine, \(size)"
            )
        }
        if let outbox = root["outbox"] {
            let stages = ["settled", "pending", "waiting", "parked"].map { "\(outbox.grouped($0)) \($0)" }
            table.add("outbox", stages.joined(separator: ", "))
        }
        if let coverage = root["coverage"], coverage.isObject {
            for (index, line) in self.coverage(coverage, screen).enumerated() {
                table.add(index == 0 ? "coverage" : "", line)
            }
        }
        if let reconciliation = root["reconciliation"], reconciliation.isObject {
            table.add("webhooks", ReconcileText.status(reconciliation, screen))
        }
        if let lag = root["lag"] {
            let (apply, forward) = (Int64(lag.count("apply")), Int64(lag.count("forward")))
            table.add("lag", "apply \(Screen.duration(apply)), forward \(Screen.duration(forward))")
        }
        if let marketo = root["marketo"], marketo.isObject {
            let trouble = ["code", "message"].compactMap { marketo[$0]?.string }.joined(separator: " ")
            let state = marketo["state"]?.string ?? "?"
            table.add("Marketo", trouble.isEmpty ? state : "\(state): \(trouble)")
        }
        if let budget = root["budget"], budget.isObject {
            let resets = budget["resetsAt"]?.string.map { ", resets \(screen.next($0))" } ?? ""
            let calls = "\(budget.grouped("usedToday")) calls used, \(budget.grouped("leftToday")) left"
            table.add("budget", calls + resets)
        }
        if let dynamics = root["dynamics"] {
            let (state, message) = (dynamics["state"]?.string ?? "?", dynamics["message"]?.string)
            let says = message.map { "\(state): \($0)" } ?? state
            let connected = "\(says), \(dynamics.grouped("open")) to read"
            table.add("Dynamics", dynamics.isNull ? "not connected: notifications only" : connected)
        }
        if let replicas = root["replicas"]?.int, replicas > 1 { table.add("replicas", "\(replicas)") }
        if let alerts = root["alerts"], let message = alerts["message"]?.string {
            table.add("alerts", "\(alerts.grouped("waiting")) not posted: \(message)")
        }
        let warnings = (root["warnings"]?.elements ?? []).compactMap { $0.string?.printable }
        return health(root, screen) + table.lines(on: screen)
            + warnings.map { Paint.yellow("warning:", on: screen) + " \($0)" }
    }

    /// The verdict first, then what else is wrong, each with what to do.
    private static func health(_ root: JSONValue, _ screen: Screen) -> [String] {
        guard let health = root["health"], let level = health["level"]?.string else { return [] }
        let since = health["since"]?.string.map { level == "ok" ? "" : " (since \(screen.time($0)))" } ?? ""
        var lines = ["\(level): \(health["sentence"]?.string ?? "")\(since)".printable]
        for (number, cause) in (health["causes"]?.elements ?? []).enumerated() {
            if number > 0 { lines.append("also: \(cause["sentence"]?.string ?? "")".printable) }
            if let remedy = cause["remedy"]?.string { lines.append("  fix: \(remedy)".printable) }
            let values = (cause["lookedUp"]?.elements ?? []).compactMap { $0.string }
            if !values.isEmpty { lines.append("  looked up: \(values.joined(separator: ", "))".printable) }
        }
        return lines + [""]
    }

    /// Opportunities in Dynamics, here, and in Marketo, and why some are not there.
    private static func coverage(_ root: JSONValue, _ screen: Screen) -> [String] {
        let counted = root["dynamics"]?.int.map { "\(Wording.number($0)) opportunities in Dynamics, " } ?? ""
        let known =
            "\(root.grouped("known")) known, \(root.grouped("marketo")) in Marketo"
        let waits = (root["waits"]?.elements ?? []).map { group in
            let why = group["for"]?.string?.printable ?? ""
            let says = group["state"]?.string == "parked" ? "parked with" : "waiting for"
            return "\(group.grouped("count")) \(says) \(why)"
        }
        let pending = root.count("pending")
        let rest = (pending > 0 ? ["\(Wording.number(pending)) pending"] : []) + waits
        let asOf = root["asOf"]?.string.map { ["counted \(screen.time($0))"] } ?? []
        let second = (asOf + rest).joined(separator: ", ")
        return [counted + known] + (second.isEmpty ? [] : [second])
    }
}
