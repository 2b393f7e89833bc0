import Forwarding
import HTTPServer
import Intake
import Loading
import OnewayCore
import Reading
import Store

// The status page: health, lag, traffic, and what needs attention.
extension Pages {
    private static let newestMax = 5

    /// What the headline shows besides the verdict.
    private struct Seen {
        /// Why nothing can be stored, in the store's words.
        var trouble: StoreError?
        /// Nil: Marketo is not configured, or nobody leads.
        var gate: CallGate.Status?
        var now: Timestamp
    }

    /// If the store fails, the page still says so.
    func home(_ query: AdminQuery) async -> Response {
        let verdict = await api.health.look()
        var seen = Seen(trouble: store.failure, now: api.now())
        // Once it has failed, it is not asked again: each question may take seconds.
        let isStoreWorking = !verdict.causes.contains { $0.cause == .store }
        let status = isStoreWorking ? try? await store.status() : nil
        let frame = frame(verdict.level.title, "/", query, status)
        guard let status, let shared = try? await store.replicas() else {
            return frame.page(banner(verdict, seen))
        }
        seen.gate = ((try? await api.leader.gate(shared)) ?? nil) ?? nil
        guard let needs = try? await needs(status, seen.now) else { return frame.page(banner(verdict, seen)) }
        let counted = (try? await store.note(OpportunityCount.note)).flatMap { $0.flatMap(OpportunityCount.init) }
        return frame.page(
            banner(verdict, seen),
            firstSteps(verdict, status),
            (try? await missingLeads(verdict)) ?? .nothing,
            figures(status, counted, verdict, seen),
            replicas(shared, seen.now),
            needs
        )
    }

    private func banner(_ verdict: Verdict, _ seen: Seen) -> HTML {
        .tag(
            "section",
            ["id": "health", "class": "health \(verdict.level.tone)", "data-live": "", "aria-label": "Health"],
            .tag(
                "div",
                ["role": "status"],
                .tag("h1", [:], "\(verdict.sentence)"),
                verdict.remedy.map { .tag("p", [:], "\($0)") } ?? .nothing
            ),
            lastWords(seen),
            others(verdict, seen.now),
            pauseButton(seen.gate, seen.now)
        )
    }

    /// The causes besides the one in the headline.
    private func others(_ verdict: Verdict, _ now: Timestamp) -> HTML {
        if verdict.causes.isEmpty { return .nothing }
        let since = HTML.tag("p", ["class": "words"], "Since ", .time(verdict.since, now), ".")
        if verdict.causes.count == 1 { return since }
        let items = verdict.causes.dropFirst().map { standing in
            HTML.tag(
                "li",
                [:],
                "\(standing.symptom.sentence) ",
                .tag("span", ["class": "quiet"], "\(standing.symptom.remedy ?? "")")
            )
        }
        return [since, .tag("ul", ["class": "words", "aria-label": "What else"], .all(items))]
    }

    /// The message of what is at fault: the store's, or Marketo's own and when the next call is made.
    private func lastWords(_ seen: Seen) -> HTML {
        if let trouble = seen.trouble {
            return .tag("p", ["class": "words"], "The store's message: ", .foreign(trouble.detail))
        }
        switch seen.gate?.condition {
        case .stopped(let trouble), .backingOff(let trouble):
            let next = seen.gate?.heldUntil.flatMap { $0 > seen.now ? $0 : nil }
            let again: HTML = next.map { [". Next call ", .time($0, seen.now), "."] } ?? .nothing
            return .tag("p", ["class": "words"], "Marketo's message: ", .foreign(trouble.message), again)
        default: return .nothing
        }
    }

    private func pauseButton(_ gate: CallGate.Status?, _ now: Timestamp) -> HTML {
        guard let gate else { return .nothing }
        if let since = gate.pausedSince {
            return .tag(
                "div",
                ["class": "act"],
                .button("Resume forwarding", .resume, [:], back: "/", id: "resume"),
                .tag("span", ["class": "quiet"], "paused ", .time(since, now))
            )
        }
        let retry: HTML =
            gate.condition == .ok
            ? .nothing : .button("Try all again now", .retry, ["all": "yes"], back: "/", id: "retry-now")
        return .tag("div", ["class": "act"], retry, .button("Pause forwarding", .pause, [:], back: "/", id: "pause"))
    }

    // MARK: Numbers

    /// A tile is marked where the verdict has its cause.
    private func figures(
        _ status: StoreStatus,
        _ counted: OpportunityCount?,
        _ verdict: Verdict,
        _ seen: Seen
    ) -> HTML {
        let (now, causes) = (seen.now, Set(verdict.causes.map(\.cause)))
        var tiles = [
            tile(
                "Inbox, to be read",
                Wording.number(status.unapplied),
                oldest(status.unappliedSince, now),
                isLate: causes.contains(.applyLag)
            ),
            tile(
                "Pending for Marketo",
                Wording.number(status.outbox(.pending)),
                oldest(status.pendingSince, now),
                isLate: causes.contains(.forwardLag)
            ),
            tile(
                "Need attention",
                Wording.number(status.outbox(.parked)),
                "parked",
                isLate: causes.contains(.parked)
            ),
            tile("Up to date in Marketo", Wording.number(status.outbox(.settled)), "records"),
            tile(
                "Opportunities in Marketo",
                Wording.number(status.opportunitiesHeld),
                coverage(status, counted, now)
            ),
        ]
        if let gate = seen.gate {
            let all = Wording.number(gate.usedToday + gate.leftToday)
            let resets: HTML = [
                "of \(all); resets ",
                .tag(
                    "time",
                    ["datetime": "\(gate.resetsAt)", "title": Wording.absolute(gate.resetsAt)],
                    "\(Wording.relative(gate.resetsAt, now))"
                ),
            ]
            tiles.append(
                tile(
                    "Calls left today",
                    Wording.number(gate.leftToday),
                    resets,
                    isLate: !causes.isDisjoint(with: [.budgetUsedUp, .budgetLow])
                )
            )
        }
        return figures(tiles)
    }

    /// How many are known, and how many Dynamics had when all were last read.
    private func coverage(_ status: StoreStatus, _ counted: OpportunityCount?, _ now: Timestamp) -> HTML {
        let known: HTML = "of \(Wording.number(status.opportunitiesKnown)) known"
        guard let counted else { return known }
        return [known, "; Dynamics had \(Wording.number(Int64(counted.count))) ", .time(counted.at, now)]
    }

    private func figures(_ tiles: [HTML]) -> HTML {
        .tag(
            "section",
            ["id": "figures", "data-live": "", "aria-labelledby": "figures-h"],
            .tag("h2", ["id": "figures-h", "class": "hidden"], "Numbers"),
            .tag("dl", ["class": "tiles"], .all(tiles))
        )
    }

    private func oldest(_ since: Timestamp?, _ now: Timestamp) -> HTML {
        guard let since else { return "none waiting" }
        return [
            "oldest for ",
            .tag(
                "time",
                ["datetime": "\(since)", "title": Wording.absolute(since)],
                "\(Wording.duration(seconds: max(0, now.second - since.second)))"
            ),
        ]
    }

    private func tile(_ name: String, _ number: String, _ note: HTML, isLate: Bool = false) -> HTML {
        .tag(
            "div",
            ["class": isLate ? "late" : nil],
            .tag("dt", [:], "\(name)"),
            .tag("dd", [:], .tag("b", [:], "\(number)"), .tag("span", [:], note))
        )
    }

    private func flows(_ now: Timestamp) -> HTML {
        let seen = api.traffic.seen
        let charts = [
            Chart(title: "Accepted, last hour", bars: seen.lastHour(.accepted, now), unit: "a minute"),
            Chart(title: "Accepted, last day", bars: seen.lastDay(.accepted, now), unit: "an hour"),
            Chart(title: "Sent, last hour", bars: seen.lastHour(.sent, now), unit: "a minute"),
            Chart(title: "Sent, last day", bars: seen.lastDay(.sent, now), unit: "an hour"),
        ]
        return .section(
            "flow",
            "Traffic",
            .tag("div", ["class": "charts"], .all(charts.map(\.html))),
            .tag(
                "p",
                ["class": "quiet"],
                "Accepted: notifications stored. Sent: records that Marketo confirmed. Counted since ",
                .time(seen.since, now),
                "; times are UTC."
            )
        )
    }

    // MARK: Needs attention

    private func needs(_ status: StoreStatus, _ now: Timestamp) async throws(StoreError) -> HTML {
        let groups = try await store.outboxGroups()
        let quarantined = try await store.inbox(
            InboxFilter(outcome: .quarantined),
            before: nil,
            limit: Self.newestMax
        )
        let refusals = try await store.refusals(before: nil, limit: Self.newestMax)
        return [
            .section("parked", "Parked", isEmpty: status.outbox(.parked) == 0, parkedGroups(groups)),
            .section("waiting", "Waiting", isEmpty: status.outbox(.waiting) == 0, waitingGroups(groups, back: "/")),
            try await warnings(), try await untold(now), flows(now),
            .section(
                "quarantine",
                "Quarantined notifications",
                isEmpty: quarantined.isEmpty,
                quarantineTable(quarantined, now, back: "/"),
                more("/quarantine", status.inbox[.quarantined] ?? 0, quarantined.count)
            ),
            .section(
                "refusals",
                "Refused creations",
                isEmpty: refusals.isEmpty,
                try await refusalTable(refusals, now, back: "/"),
                more("/refusals", status.refusals, refusals.count)
            ),
        ]
    }

    private func more(_ path: String, _ all: Int64, _ shown: Int) -> HTML {
        all > shown ? .tag("p", ["class": "pager"], .link(path, "Show all \(Wording.number(all))")) : .nothing
    }

    private func warnings() async throws(StoreError) -> HTML {
        let warnings = try await api.warnings()
        if warnings.isEmpty {
            return .section("warnings", "Warnings", isEmpty: true, .tag("p", ["class": "quiet"], "None."))
        }
        return .section("warnings", "Warnings", .tag("ul", [:], .all(warnings.map { .tag("li", [:], "\($0)") })))
    }
}
