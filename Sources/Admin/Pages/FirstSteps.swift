import Forwarding
import OnewayCore
import Store

// What to do next while nothing is proven, and where nobody is found.
extension Pages {
    private struct Step {
        let isDone: Bool
        let says: String
        let next: String
    }

    /// While one of these is present, nothing shows that Marketo lets Oneway in.
    private static let unproven: Set<Cause> = [
        .store, .noLeader, .notConfigured, .marketoUnproven, .marketoDenied, .marketoStopped, .marketoAway,
    ]

    /// Shown until the first record has reached Marketo.
    func firstSteps(_ verdict: Verdict, _ status: StoreStatus) -> HTML {
        if status.outbox(.settled) > 0 { return .nothing }
        let kept = status.inbox.values.reduce(0, +)
        let hasKeyTrouble = verdict.causes.contains { $0.cause == .unauthorized }
        let steps = [
            Step(
                isDone: !verdict.causes.contains { Self.unproven.contains($0.cause) },
                says: "Marketo lets Oneway in",
                next: "Set marketo.endpoint, clientId, and clientSecret; `oneway check` says what is missing."
            ),
            Step(
                isDone: kept > 0,
                says: "The webhook is registered in Dynamics",
                next: hasKeyTrouble
                    ? "Something calls with a wrong key: compare the webhook's authentication with the configuration."
                    : "`oneway register` does it, or by hand as `oneway check --steps` lists it."
            ),
            Step(
                isDone: kept > 0,
                says: "The first notification has arrived",
                next: "Change an opportunity in Dynamics, and look at its system jobs if nothing arrives."
            ),
            Step(
                isDone: false,
                says: "The first record is in Marketo",
                next: "It follows within seconds. If not, search for the opportunity: its page says what it waits for."
            ),
        ]
        let items = steps.map { step in
            HTML.tag(
                "li",
                ["class": step.isDone ? "done" : nil],
                .tag("b", [:], "\(step.says)"),
                .tag("span", [:], step.isDone ? ": done" : ": \(step.next)")
            )
        }
        return .section("steps", "First steps", .tag("ol", [:], .all(items)))
    }

    /// The field, and a few values that no lead has in it.
    func missingLeads(_ verdict: Verdict) async throws(StoreError) -> HTML {
        guard verdict.causes.contains(where: { $0.cause == .missingLeads }) else { return .nothing }
        let field = api.health.subjects.leadField
        let values = try await api.health.subjects.lookedUp().map { HTML.tag("li", [:], .code($0)) }
        return .section(
            "missing-leads",
            "Is marketo.lead.field right?",
            .tag(
                "p",
                [:],
                "Leads are searched by ",
                .code(field),
                ". Marketo has none with these values, among others:"
            ),
            .tag("ul", [:], .all(values))
        )
    }
}

extension HealthLevel {
    /// The page's style.
    var tone: String {
        switch self {
        case .ok: "good"
        case .starting, .attention: "notice"
        case .broken: "bad"
        }
    }

    /// The tab's title.
    var title: String {
        switch self {
        case .ok: "Healthy"
        case .starting: "Starting"
        case .attention: "Needs attention"
        case .broken: "Broken"
        }
    }
}
