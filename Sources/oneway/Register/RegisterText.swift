import DataverseRegistration
import OnewayCore

/// A plan and its outcome, for people and for machines.
enum RegisterText {
    static let warning = """
        The guard is synchronous: whoever creates an opportunity in Dynamics waits for Oneway's answer, up to 60 seconds.
        While Oneway cannot be reached, NOBODY CAN CREATE AN OPPORTUNITY, and Dynamics does not say why. A refused
        connection, an expired certificate, a wrong key, and a proxy's 503 are enough. Run two instances behind a load
        balancer. To switch it off: oneway register --remove --guard, or disable the step in Dynamics.
        """

    static func lines(_ plan: RegistrationPlan, _ screen: Screen) -> [String] {
        // Whoever agrees has to see all of it, so nothing is cut.
        var table = Table("DOES", "OF", "NAME", "DETAILS", whole: ["NAME", "DETAILS"])
        for action in plan.actions {
            table.add(action.kind.rawValue, kind(action.table), action.name, details(action))
        }
        return table.lines(on: screen) + ["", summary(plan)]
    }

    private static func kind(_ table: RegistrationTable) -> String {
        switch table {
        case .endpoint: "webhook"
        case .step: "step"
        case .image: "image"
        }
    }

    private static func details(_ action: RegistrationAction) -> String {
        var details: [String] = []
        switch action.kind {
        case .create: details = action.changes.compactMap(new)
        case .change: details = action.changes.map(\.says)
        case .leave: details = ["registered, and not asked about"]
        case .remove, .same: break
        }
        if action.sendsKey { details.append("sends the key") }
        if action.table == .endpoint, action.kind == .same || action.kind == .change, !action.sendsKey {
            details.append("its key cannot be compared")
        }
        return details.joined(separator: "; ")
    }

    /// Of a new row: where it sends to, and how many columns it has; `oneway check --steps` lists them.
    private static func new(_ change: RegistrationAction.Change) -> String? {
        switch change.to {
        case .columns(let names) where !names.isEmpty: "\(change.column.name): \(names.count) columns"
        case .text(let url) where change.column.name == "url": "url: \(url)"
        default: nil
        }
    }

    private static func summary(_ plan: RegistrationPlan) -> String {
        if plan.isDone { return "nothing to do" }
        let counts = [RegistrationAction.Kind.create, .change, .remove].map { kind in
            (kind, plan.actions.count { $0.kind == kind })
        }
        return counts.filter { $0.1 > 0 }.map { "\($0.1) to \($0.0.rawValue)" }.joined(separator: ", ")
    }

    static func line(_ action: RegistrationAction, _ result: Registrar.Result) -> String {
        let what = "\(action.kind.rawValue) \(kind(action.table)) \(action.name)".printable
        return switch result {
        case .done: "done      \(what)"
        case .failed(let says): "FAILED    \(what): \(says.printable)"
        case .notDone: "not done  \(what)"
        }
    }

    /// - Parameter results: Those of the pending actions; nil if none was carried out.
    static func json(_ plan: RegistrationPlan, results: [Registrar.Result]?) -> String {
        var left = results?[...]
        let actions = plan.actions.map { action -> JSON in
            guard case .object(var members) = action.json else { return action.json }
            let result = action.isPending ? left?.popFirst() : nil
            members.append(.init("result", result.map { told($0) } ?? .null))
            return .object(members)
        }
        let json: JSON = ["actions": .array(actions), "pending": .int(plan.pending.count)]
        return String(decoding: json.encoded, as: UTF8.self).printableJSON
    }

    private static func told(_ result: Registrar.Result) -> JSON {
        switch result {
        case .done: ["state": "done"]
        case .failed(let says): ["state": "failed", "says": .string(says)]
        case .notDone: ["state": "not-done"]
        }
    }

    static func says(_ ambiguous: AmbiguousWebhook) -> String {
        let urls = ambiguous.urls.joined(separator: ", ").printable
        return
            "Several webhooks are named \(ambiguous.name) (\(urls)). Give the address of the right one with --url, or rename the others."
    }
}
