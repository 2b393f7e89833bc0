import Applying
import HTTPServer
import OnewayCore
import Reading
import Store

// One opportunity: its notifications, its known values, what Marketo should hold and does hold, and why.
extension Pages {
    private static let notificationsMax = 50

    func story(_ text: String, _ query: AdminQuery) async throws -> Response {
        guard let id = GUID(text) else { throw Problem(.badRequest, "The opportunity's id is not a GUID.") }
        let story = try await Story(of: id, in: store, notificationsMax: Self.notificationsMax)
        guard let story else { throw Problem(.notFound, "Nothing is known of this opportunity.") }
        let frame = frame(story.name ?? "Opportunity", nil, query)
        let blocker = await api.health.look().blocker
        return frame.page(
            .tag(
                "section",
                ["id": "top", "data-live": "", "aria-label": "Summary"],
                .tag("h1", [:], story.name.map { .foreign($0) } ?? "An opportunity without a name"),
                .tag("p", ["class": "lead"], .code("\(id)")),
                blocked(blocker, frame.now),
                summary(story, frame.now)
            ),
            .section(
                "marketo",
                "In Marketo",
                .all(story.items.map { record($0, story, frame.now) }),
                none(story.items, "By the rules, nothing of it belongs in Marketo.")
            ),
            .section("dynamics", "Values from Dynamics", values(story.record, frame.now)),
            .section("came", "Notifications", notifications(story, frame.now))
        )
    }

    private func none(_ items: [OutboxItem], _ says: String) -> HTML {
        items.isEmpty ? .tag("p", ["class": "quiet"], "\(says)") : .nothing
    }

    /// What holds everything up, this opportunity too.
    private func blocked(_ blocker: Verdict.Standing?, _ now: Timestamp) -> HTML {
        guard let blocker else { return .nothing }
        return .tag(
            "div",
            ["class": "box \(blocker.cause.level.tone)", "id": "blocked"],
            .tag("p", [:], "\(blocker.finding.sentence) Since ", .time(blocker.since, now), "."),
            .tag("p", [:], .tag("span", ["class": "cure"], "\(blocker.finding.remedy ?? "")"))
        )
    }

    private func summary(_ story: Story, _ now: Timestamp) -> HTML {
        let id = story.id
        if story.record?.isRefused ?? false {
            return .tag(
                "div",
                ["class": "box bad"],
                .tag("p", [:], "Marketo's user created it in Dynamics, so it is not sent to Marketo (R2)."),
                .button("Allow it", .allow, ["opportunity": "\(id)"], back: "/opportunities/\(id)", id: "allow")
            )
        }
        let absence: HTML =
            switch story.record.flatMap(api.explainer.projector.book.absence) {
            case .deleted: "Deleted in Dynamics. "
            case .filtered: "It does not match rules.syncWhen (R14). "
            case .refused, nil: .nothing
            }
        return .tag(
            "p",
            [:],
            absence,
            story.worst.map { ["In Marketo: ", .stage($0.state.stage), " \($0.inWords)"] } ?? .nothing,
            story.own.map { own in
                own.key == story.worst?.key ? .nothing : [" The opportunity itself: ", .stage(own.state.stage)]
            } ?? .nothing,
            story.isBehindCut
                ? " Dynamics cut a notification short: values marked below may be older than in Dynamics." : .nothing
        )
    }

    // MARK: Marketo

    private func record(_ item: OutboxItem, _ story: Story, _ now: Timestamp) -> HTML {
        let place = "/opportunities/\(story.id)"
        let id =
            item.key.kind == .role
            ? "role-\(item.key.text.utf8.reduce(5381) { $0 &* 33 &+ Int64($1) })" : item.key.kind.rawValue
        return .tag(
            "article",
            ["class": "record"],
            .tag(
                "div",
                ["class": "heading"],
                .tag("h3", [:], item.title(story)),
                .stage(item.state.stage),
                item.state.mayBeRetried || item.state.mayBeSentAgain
                    ? .button(
                        item.state.mayBeRetried ? "Try again" : "Send again",
                        .retry,
                        ["kind": item.key.kind.rawValue, "key": item.key.text],
                        back: place,
                        id: "retry-\(id)",
                        about: "the \(item.key.kind.rawValue)"
                    ) : .nothing
            ),
            trouble(item, now),
            sides(item),
            .reasons(item.state.reasons)
        )
    }

    private func trouble(_ item: OutboxItem, _ now: Timestamp) -> HTML {
        let state = item.state
        var lines: [HTML] = []
        if let trouble = state.trouble {
            let remedy = Remedy.of(trouble.code)
            lines.append(["Marketo's last message: ", .code(trouble.code), " ", .foreign(trouble.message)])
            lines.append(["\(remedy.means). ", .tag("span", ["class": "cure"], "\(remedy.remedy)")])
        }
        if let reason = state.waitingFor {
            lines.append(["It waits for: \(reason.means). ", .tag("span", ["class": "cure"], "\(reason.remedy)")])
        }
        var facts: [HTML] = []
        if state.attempts > 0 { facts.append("\(Wording.count(state.attempts, "failed try", "failed tries"))") }
        if let next = state.nextAttemptAt { facts.append(["next try ", .time(next, now)]) }
        if let since = state.pendingSince { facts.append(["pending since ", .time(since, now)]) }
        if let lead = state.lead { facts.append("Marketo's lead \(lead)") }
        if let request = state.requestID { facts.append(["Marketo's request ", .code(request)]) }
        if !facts.isEmpty { lines.append(.tag("span", ["class": "quiet"], .joined(facts, ", "))) }
        if lines.isEmpty { return .nothing }
        return .tag(
            "div",
            ["class": state.trouble == nil ? "facts" : "box \(state.stage == .parked ? "bad" : "notice")"],
            .all(lines.map { .tag("p", [:], $0) })
        )
    }

    /// Desired and confirmed values, field by field.
    private func sides(_ item: OutboxItem) -> HTML {
        let fields = FieldSides.of(item.state)
        if fields.isEmpty {
            return .tag("p", ["class": "quiet"], "It must not exist in Marketo, and as far as is known it does not.")
        }
        let rows = fields.map { field -> [HTML] in
            let mark: HTML = field.isDifferent ? [.tag("mark", [:], "differs"), " "] : .nothing
            return [.foreign(field.name), shown(field.wanted), [mark, shown(field.confirmed)]]
        }
        return .table("The \(item.key.kind.rawValue), field by field", ["Field", "Desired", "Confirmed"], rows) {
            fields[$0].isDifferent
        }
    }

    private func shown(_ side: FieldSides.Side) -> HTML {
        switch side {
        case .absent: .tag("span", ["class": "quiet"], "not there")
        case .unknown: .tag("span", ["class": "quiet"], "left out")
        case .empty: .tag("span", ["class": "quiet"], "empty")
        case .value(let text): .foreign(text)
        }
    }

    // MARK: Dynamics

    private func values(_ record: MirrorRecord?, _ now: Timestamp) -> HTML {
        let told = (record?.attributes ?? [:]).sorted { $0.key < $1.key }
        if told.isEmpty { return .tag("p", ["class": "quiet"], "No values are known.") }
        let older = Set(record?.columnsBehindCut ?? [])
        let rows = told.map { name, told -> [HTML] in
            let unsure: HTML = told.isUnsure ? [" ", .tag("mark", [:], "unsure")] : .nothing
            let cut: HTML = older.contains(name) ? [" ", .tag("mark", [:], "may be older")] : .nothing
            let value: HTML = told.value.isNull ? .tag("span", ["class": "quiet"], "empty") : .foreign(told.value.shown)
            return [.code(name), [value, unsure, cut], .time(Timestamp(second: told.stamp.second), now)]
        }
        return .table(
            "Values by column, each with its time in Dynamics",
            ["Column", "Value", "As of"],
            rows
        )
    }

    private func notifications(_ story: Story, _ now: Timestamp) -> HTML {
        let items = story.notifications
        if items.isEmpty { return .tag("p", ["class": "quiet"], "None are kept any longer.") }
        let rows = items.map { item -> [HTML] in
            [
                .time(item.receivedAt, now), .code("\(item.id)"),
                "\(item.what)",
                [
                    .tag("span", ["class": "chip \(item.outcome.rawValue)"], "\(item.outcome.rawValue)"),
                    .reasons(item.reasons),
                    item.outcome == .quarantined ? .readAgain(item, back: "/opportunities/\(story.id)") : .nothing,
                ],
            ]
        }
        return [
            .table("Notifications, newest first", ["Received", "Id", "Message", "Outcome"], rows),
            items.count == Self.notificationsMax
                ? .tag("p", ["class": "quiet"], "The newest \(Self.notificationsMax).") : .nothing,
        ]
    }
}

extension HTML {
    static func joined(_ parts: [HTML], _ separator: String) -> HTML {
        .all(parts.enumerated().flatMap { $0 == 0 ? [$1] : [.text(separator), $1] })
    }
}

extension OutboxItem {
    fileprivate var inWords: String {
        let (subject, object) = key.kind == .opportunity ? ("It", "it") : ("The \(key.kind)", "the \(key.kind)")
        return switch state.stage {
        case .settled: state.confirmed == nil ? "It does not exist there, as desired." : "Marketo is up to date."
        case .pending: "\(subject) is pending."
        case .waiting: "\(subject) waits for something else: see below."
        case .parked: "Marketo refuses \(object): see below how to fix it."
        }
    }

    fileprivate func title(_ story: Story) -> HTML {
        switch key.kind {
        case .company: ["Company ", .tag("small", [:], .code(key.text))]
        case .opportunity: "Opportunity"
        case .role:
            [
                "Role ", .foreign(key.role?.name ?? ""), " ",
                .tag("small", [:], "of contact ", .code(key.role.map { "\($0.contact)" } ?? "")),
            ]
        }
    }
}

extension Value {
    /// As a person reads it.
    fileprivate var shown: String {
        switch self {
        case .null: ""
        case .bool(let value): value ? "yes" : "no"
        case .number(let digits), .money(let digits): digits
        case .text(let text): text
        case .time(let time): Wording.absolute(time)
        case .reference(let entity, let id): "\(entity) \(id)"
        case .choice(let number): "\(number)"
        case .choices(let numbers): numbers.map { "\($0)" }.joined(separator: ", ")
        }
    }
}
