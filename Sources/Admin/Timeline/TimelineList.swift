import OnewayCore
import Store

/// The timeline as a list on the page of an opportunity.
struct TimelineList {
    private let timeline: Timeline
    private let opportunity: GUID
    private let now: Timestamp

    init(_ timeline: Timeline, of opportunity: GUID, _ now: Timestamp) {
        (self.timeline, self.opportunity, self.now) = (timeline, opportunity, now)
    }

    var html: HTML {
        if timeline.entries.isEmpty { return .tag("p", ["class": "quiet"], "Nothing is kept any longer.") }
        return [
            .tag(
                "p",
                ["class": "quiet"],
                "Newest first. Older entries are removed: see history.keepDays and inbox.keepDays."
            ),
            .tag("ol", ["class": "timeline"], .all(timeline.entries.map(entry))),
        ]
    }

    private func entry(_ entry: Timeline.Entry) -> HTML {
        .tag(
            "li",
            ["class": entry.what.name],
            .tag(
                "div",
                ["class": "when"],
                .tag(
                    "time",
                    ["datetime": "\(entry.at)", "title": Wording.relative(entry.at, now)],
                    "\(Wording.absolute(entry.at))"
                )
            ),
            .tag("div", ["class": "what"], contents(entry.what))
        )
    }

    private func contents(_ what: Timeline.What) -> HTML {
        switch what {
        case .received(let item, let said): received(item, said)
        case .read(let question):
            [
                heading("read", "Dynamics was asked for the \(question.key.entity.rawValue)"), " ",
                .code("\(question.key.id)"),
                question.answer.map { [": ", .foreign($0)] } ?? .nothing,
            ]
        case .decided(let event): [heading("decided", "Decided: the \(event.named)"), changes(event)]
        case .sent(let event):
            [heading("sent", "Sent the \(event.named)"), request(event)]
        case .confirmed(let event, let decidedAt):
            [
                heading("settled", "Marketo confirmed the \(event.named)"),
                decidedAt.map { " as decided at \(Wording.absolute($0))" } ?? .nothing, request(event), trouble(event),
            ]
        case .failed(let event):
            [heading("failed", "Marketo did not take the \(event.named)"), request(event), trouble(event)]
        }
    }

    private func heading(_ chip: String, _ words: String) -> HTML {
        [.tag("span", ["class": "chip \(chip)"], "\(words)"), " "]
    }

    // MARK: Dynamics

    private func received(_ item: InboxItem, _ said: [Timeline.Said]) -> HTML {
        let isWell = item.outcome == .accepted || item.outcome == .ignored
        return [
            heading(
                item.outcome.rawValue,
                isWell ? "Received: \(item.what)" : "Received: \(item.what), \(item.outcome.rawValue)"
            ),
            .tag("span", ["class": "quiet"], "notification ", .code("\(item.id)")),
            said.isEmpty ? .nothing : .tag("ul", ["class": "said"], .all(said.map(value))),
            .reasons(item.reasons),
            item.outcome == .quarantined ? .readAgain(item, back: "/opportunities/\(opportunity)") : .nothing,
        ]
    }

    private func value(_ said: Timeline.Said) -> HTML {
        let contribution = said.contribution
        let ofOther: HTML =
            contribution.key.id == opportunity ? .nothing : " of the \(contribution.key.entity.rawValue)"
        return .tag(
            "li",
            [:],
            .code(contribution.attribute),
            ofOther,
            " = ",
            shown(contribution.told),
            .tag("span", ["class": "quiet"], " as of \(time(contribution.told))"),
            fate(said)
        )
    }

    private func fate(_ said: Timeline.Said) -> HTML {
        switch said.contribution.fate {
        case .newest: .nothing
        case .unapplied: [" ", .tag("mark", [:], "not applied yet")]
        case .replaced(let newer):
            .tag("span", ["class": "quiet"], ", replaced since by ", shown(newer), " as of \(time(newer))")
        case .late(let newer, _):
            [
                " ", .tag("mark", [:], "late"), ": ", shown(newer), " as of \(time(newer)) was known already",
                said.newerIn.map { [", from notification ", .code("\($0)")] } ?? .nothing, " (R7)",
            ]
        }
    }

    private func shown(_ told: StampedValue) -> HTML {
        told.value.isNull ? .tag("span", ["class": "quiet"], "empty") : .foreign(told.value.shown)
    }

    private func time(_ told: StampedValue) -> String { Wording.absolute(Timestamp(second: told.stamp.second)) }

    // MARK: Marketo

    private func changes(_ event: DeliveryEvent) -> HTML {
        let change = event.change.flatMap { try? JSONDocument($0).root }
        guard let before = change?["before"], let after = change?["after"] else { return .nothing }
        if after.isNull { return "It must not exist in Marketo." }
        let names = (before.members + after.members).map(\.name)
        let lines = Set(names).sorted().map { name in
            HTML.tag(
                "li",
                [:],
                .foreign(name),
                ": ",
                before.isNull ? .nothing : [side(before[name]), " \u{2192} "],
                side(after[name])
            )
        }
        return .tag("ul", ["class": "said"], .all(lines))
    }

    private func side(_ value: JSONValue?) -> HTML {
        guard let value else { return .tag("span", ["class": "quiet"], "left out") }
        if value.isNull { return .tag("span", ["class": "quiet"], "empty") }
        return .foreign(value.string ?? String(decoding: value.encoded, as: UTF8.self))
    }

    private func request(_ event: DeliveryEvent) -> HTML {
        event.requestID.map { [.tag("span", ["class": "quiet"], " request "), .code($0)] } ?? .nothing
    }

    private func trouble(_ event: DeliveryEvent) -> HTML {
        event.trouble.map { [": ", .code($0.code), " ", .foreign($0.message)] } ?? .nothing
    }
}

extension DeliveryEvent {
    /// `role Champion`, `opportunity`.
    fileprivate var named: String {
        key.role.map { "role \($0.name)" } ?? key.kind.rawValue
    }
}
