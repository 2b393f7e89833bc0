import OnewayCore
import Store

// Parked and waiting records, grouped by reason.
extension Pages {
    /// Groups with the same code together, the largest first.
    private func together(_ groups: [OutboxGroup], _ stage: DeliveryState.Stage) -> [(why: String, of: [OutboxGroup])] {
        var order: [String] = []
        var byWhy: [String: [OutboxGroup]] = [:]
        for group in groups where group.key.stage == stage {
            if byWhy[group.key.why] == nil { order.append(group.key.why) }
            byWhy[group.key.why, default: []].append(group)
        }
        return order.map { ($0, byWhy[$0] ?? []) }
    }

    private func counts(_ groups: [OutboxGroup]) -> HTML {
        .all(
            groups.map { group in
                let path = group.key.stage == .parked ? "/parked" : "/waiting"
                let query =
                    group.key.stage == .parked
                    ? address(path, ["code": group.key.why, "kind": group.key.kind.rawValue])
                    : address(path, ["for": group.key.why, "kind": group.key.kind.rawValue])
                return .tag("span", ["class": "count"], .link(query, "\(group.key.kind.named(group.count))"))
            }
        )
    }

    func parkedGroups(_ groups: [OutboxGroup]) -> HTML {
        let rows = together(groups, .parked).map { code, groups -> [HTML] in
            let remedy = Remedy.of(code)
            return [
                .code(code), counts(groups),
                [
                    .tag("span", ["class": "means"], "\(remedy.means)."),
                    .tag("span", ["class": "cure"], "\(remedy.remedy)"),
                ],
                .button(
                    "Try again",
                    .retry,
                    ["code": code],
                    back: "/",
                    id: "retry-\(code)",
                    about: "all with code \(code)"
                ),
            ]
        }
        if rows.isEmpty { return .tag("p", ["class": "quiet"], "Nothing is parked.") }
        return .table(
            "Records that Marketo refuses, by its code",
            ["Code", "Records", "Meaning and remedy", "Action"],
            rows
        )
    }

    func retry(_ reason: WaitReason, back: String) -> HTML {
        .button(
            "Try again",
            .retry,
            ["for": reason.rawValue],
            back: back,
            id: "retry-\(reason.rawValue)",
            about: "all that wait for \(reason.rawValue)"
        )
    }

    func waitingGroups(_ groups: [OutboxGroup], back: String) -> HTML {
        let rows = together(groups, .waiting).map { why, groups -> [HTML] in
            let reason = WaitReason(rawValue: why)
            return [
                "\(reason?.means ?? why)", counts(groups), "\(reason?.remedy ?? "")",
                reason.map { $0.mayBeTried ? retry($0, back: back) : "–" } ?? "–",
            ]
        }
        if rows.isEmpty { return .tag("p", ["class": "quiet"], "Nothing is waiting.") }
        return .table("Waiting records, by what they wait for", ["Waits for", "Records", "Remedy", "Action"], rows)
    }
}
