import Applying
import HTTPServer
import OnewayCore
import Reading
import Store

// One opportunity: its notifications, its known values, what Marketo should hold and does hold, and why.
extension Pages {
    func story(_ text: String, _ query: AdminQuery) async throws -> Response {
        guard let id = GUID(text) else { throw Problem(.badRequest, "The opportunity's id is not a GUID.") }
        let story = try await Story(of: id, in: store, notificationsMax: Timeline.notificationsMax)
        guard let story else { throw Problem(.notFound, "Nothing is known of this opportunity.") }
        let reads = try await api.reads(of: id)
        let timeline = try await api.timeline(of: story, reads)
        let names = try await api.names(of: story)
        let frame = try await frame(story.name ?? "Opportunity", nil, query)
        let blocker = await api.health.look().blocker
        return frame.page(
            .tag(
                "section",
                ["id": "top", "data-live": "", "aria-label": "Summary"],
                .tag("h1", [:], story.name.map { .foreign($0) } ?? "An opportunity without a name"),
                .tag("p", ["class": "lead"], .code("\(id)"), inDynamics(RecordKey(.opportunity, id))),
                blocked(blocker, frame.now),
                summary(story, frame.now)
            ),
            .section(
                "marketo",
                "In Marketo",
                .all(story.items.map { record($0, $0.asked(in: reads), story, names, frame.now) }),
                none(story.items, "By the rules, nothing of it belongs in Marketo.")
            ),
            .section("dynamics", "Values from Dynamics", values(story.record, names, frame.now)),
            .section("timeline", "Timeline", TimelineList(timeline, of: id, names.all, frame.now).html)
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
            .tag("p", [:], "\(blocker.symptom.sentence) Since ", .time(blocker.since, now), "."),
            .tag("p", [:], .tag("span", ["class": "cure"], "\(blocker.symptom.remedy ?? "")"))
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
        let absence: HTML? =
            switch story.standing?.absence {
            case .deleted: "Deleted in Dynamics. "
            case .filtered: "It does not match rules.syncWhen (R14). "
            case .refused, nil: nil
            }
        return .tag(
            "p",
            [:],
            absence ?? .nothing,
            story.standing.map { ["In Marketo: ", .chip($0.state), " \($0.inWords)"] } ?? .nothing,
            story.own.map { own in
                own.state.stage.rawValue == story.standing?.state.rawValue || absence != nil
                    ? .nothing : [" The opportunity itself: ", .stage(own.state.stage)]
            } ?? .nothing,
            story.company.map { company in
                company.state.stage == .settled ? .nothing : [" Its company: ", .stage(company.state.stage)]
            } ?? .nothing,
            story.isBehindCut
                ? " Dynamics cut a notification short: values marked below may be older than in Dynamics." : .nothing
        )
    }

    // MARK: Marketo

    private func record(
        _ item: OutboxItem,
        _ asked: Question?,
        _ story: Story,
        _ names: RecordNames,
        _ now: Timestamp
    ) -> HTML {
        let place = "/opportunities/\(story.id)"
        let id =
            item.key.kind == .role || item.key.kind == .person || item.key.kind == .salesPerson
            ? "\(item.key.kind)-\(item.key.text.utf8.reduce(5381) { $0 &* 33 &+ Int64($1) })" : item.key.kind.rawValue
        return .tag(
            "article",
            ["class": "record"],
            .tag(
                "div",
                ["class": "heading"],
                .tag("h3", [:], item.title(names), item.about.map(inDynamics) ?? .nothing),
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
            trouble(item, asked, names, now),
            sides(item, names.all),
            .reasons(item.state.reasons, names.all)
        )
    }

    private func trouble(_ item: OutboxItem, _ asked: Question?, _ names: RecordNames, _ now: Timestamp) -> HTML {
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
        if let sought = names.sought(by: item, field: api.connections.leadField) { lines.append(.sought(sought, now)) }
        if let asked { lines.append(words(of: asked, now)) }
        var facts: [HTML] = []
        if state.attempts > 0 { facts.append("\(Wording.count(state.attempts, "failed try", "failed tries"))") }
        if let next = state.nextAttemptAt { facts.append(["next try ", .next(next, now)]) }
        if let since = item.waitingSince { facts.append(["waiting since ", .time(since, now)]) }
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

    private func words(of question: Question, _ now: Timestamp) -> HTML {
        let record: HTML = ["the \(question.key.entity.rawValue) ", .code("\(question.key.id)")]
        guard let askedAt = question.askedAt else { return ["Dynamics is to be asked for ", record, "."] }
        let answer: HTML = question.answer.map { [": ", .foreign($0)] } ?? .nothing
        let next: HTML = question.nextAt.map { [". It is asked again ", .next($0, now)] } ?? .nothing
        return ["Asked Dynamics for ", record, " ", .time(askedAt, now), answer, next, "."]
    }

    /// Desired and confirmed values, field by field.
    private func sides(_ item: OutboxItem, _ names: [GUID: String]) -> HTML {
        let fields = FieldSides.of(item.state)
        if fields.isEmpty {
            return .tag("p", ["class": "quiet"], "It must not exist in Marketo, and as far as is known it does not.")
        }
        let rows = fields.map { field -> [HTML] in
            let mark: HTML = field.isDifferent ? [.tag("mark", [:], "differs"), " "] : .nothing
            return [.foreign(field.name), shown(field.wanted, names), [mark, shown(field.confirmed, names)]]
        }
        return .table("The \(item.key.kind.rawValue), field by field", ["Field", "Desired", "Confirmed"], rows) {
            fields[$0].isDifferent
        }
    }

    private func shown(_ side: FieldSides.Side, _ names: [GUID: String]) -> HTML {
        switch side {
        case .absent: .tag("span", ["class": "quiet"], "not there")
        case .unknown: .tag("span", ["class": "quiet"], "left out")
        case .empty: .tag("span", ["class": "quiet"], "empty")
        case .value(let text): .foreign(text.naming(names))
        }
    }

    // MARK: Dynamics

    private func values(_ record: MirrorRecord?, _ names: RecordNames, _ now: Timestamp) -> HTML {
        let told = (record?.attributes ?? [:]).sorted { $0.key < $1.key }
        if told.isEmpty { return .tag("p", ["class": "quiet"], "No values are known.") }
        let older = Set(record?.columnsBehindCut ?? [])
        let tentative = Set(record?.columnsInTransaction ?? [])
        let rows = told.map { name, told -> [HTML] in
            let unsure: HTML = told.isUnsure ? [" ", .tag("mark", [:], "unsure")] : .nothing
            let cut: HTML = older.contains(name) ? [" ", .tag("mark", [:], "may be older")] : .nothing
            let saved: HTML = tentative.contains(name) ? [" ", .tag("mark", [:], "may not be saved")] : .nothing
            let value: HTML =
                told.value.isNull
                ? .tag("span", ["class": "quiet"], "empty") : .foreign(told.value.shown.naming(names.all))
            return [.code(name), [value, unsure, cut, saved], .time(Timestamp(second: told.stamp.second), now)]
        }
        return .table(
            "Values by column, each with its time in Dynamics",
            ["Column", "Value", "As of"],
            rows
        )
    }
}

extension HTML {
    static func joined(_ parts: [HTML], _ separator: String) -> HTML {
        .all(parts.enumerated().flatMap { $0 == 0 ? [$1] : [.text(separator), $1] })
    }
}

extension OutboxItem {
    /// The record of Dynamics that it is about.
    fileprivate var about: RecordKey? {
        switch key.kind {
        case .company: GUID(key.text).map { RecordKey(.account, $0) }
        case .person: GUID(key.text).map { RecordKey(.contact, $0) }
        case .salesPerson: GUID(key.text).map { RecordKey(.systemUser, $0) }
        case .role: key.role.map { RecordKey(.contact, $0.contact) }
        case .opportunity: nil
        }
    }

    fileprivate func title(_ names: RecordNames) -> HTML {
        let contact = names.contact(of: self)
        switch key.kind {
        case .company, .salesPerson:
            let name: HTML = names.name(of: self).map { [.foreign($0), " "] } ?? .nothing
            return [key.kind == .company ? "Company " : "Sales person ", name, .tag("small", [:], .code(key.text))]
        case .person:
            return [
                "Person ", contact.map { [.foreign($0), " "] } ?? .nothing,
                .tag("small", [:], "of contact ", .code(key.text)),
            ]
        case .opportunity: return "Opportunity"
        case .role:
            return [
                "Role ", .foreign(key.role?.name ?? ""), contact.map { [" of ", .foreign($0)] } ?? .nothing, " ",
                .tag("small", [:], "of contact ", .code(key.role.map { "\($0.contact)" } ?? "")),
            ]
        }
    }
}

extension OpportunityStanding {
    fileprivate var inWords: String {
        switch state {
        case .settled: confirmedAt == nil ? "Nothing of it belongs there." : "Marketo is up to date."
        case .pending: "On its way."
        case .waiting: "It waits for something else: see below."
        case .parked: "Marketo refuses some of it: see below how to fix that."
        case .refused, .filtered, .deleted: "Nothing of it is there."
        }
    }
}

extension Value {
    /// As a person reads it.
    var shown: String {
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
