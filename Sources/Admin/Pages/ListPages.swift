import HTTPServer
import Intake
import OnewayCore
import Reading
import Store

// Paged lists of what needs attention.
extension Pages {
    func parked(_ query: AdminQuery) async throws -> Response {
        let code = query.text("code")
        let filter = OutboxFilter(stage: .parked, kind: try query.choice("kind"), code: code)
        let remedy = code.map(Remedy.of)
        return try await outboxPage(
            filter,
            query,
            frame("Parked", "/parked", query),
            heading: code.map { "Parked with \($0)" } ?? "Parked",
            about: remedy.map { "\($0.means). \($0.remedy)" }
                ?? "Records that Marketo refuses. A newer notification tries them again, or you do.",
            button: code.map {
                .button("Try all of them again", .retry, ["code": $0], back: "/parked", id: "retry-all")
            }
        )
    }

    func waiting(_ query: AdminQuery) async throws -> Response {
        let reason: WaitReason? = try query.choice("for")
        let filter = OutboxFilter(stage: .waiting, kind: try query.choice("kind"), waitingFor: reason)
        return try await outboxPage(
            filter,
            query,
            frame("Waiting", "/waiting", query),
            heading: "Waiting",
            about: reason.map { "\($0.means). \($0.remedy)" }
                ?? "Records that cannot be sent before something else has happened.",
            button: nil
        )
    }

    private func outboxPage(
        _ filter: OutboxFilter,
        _ query: AdminQuery,
        _ frame: Frame,
        heading: String,
        about: String,
        button: HTML?
    ) async throws -> Response {
        let after = try query.after("the key of an item, with its kind", DeliveryKey.init(description:))
        let items = try await store.outbox(filter, after: after, limit: query.limit + 1)
        let page = Array(items.prefix(query.limit))
        let names = try await names(page.compactMap(\.opportunity))
        let base = address(
            frame.place ?? "/",
            ["code": filter.code, "for": filter.waitingFor?.rawValue, "kind": filter.kind?.rawValue]
        )
        let next = items.count > query.limit ? page.last.map { more(base, "\($0.key)") } : nil
        return frame.page(
            .tag("h1", [:], "\(heading)"),
            .tag("p", ["class": "lead"], "\(about)"),
            page.isEmpty ? .nothing : button ?? .nothing,
            .section("list", "Records", itemTable(page, names, frame.now, back: frame.place ?? "/")),
            .pager(next: next, first: after == nil ? nil : base)
        )
    }

    private func more(_ base: String, _ cursor: String) -> String {
        base + (base.contains("?") ? "&" : "?") + address("", ["after": cursor]).dropFirst()
    }

    private func itemTable(_ items: [OutboxItem], _ names: [GUID: String], _ now: Timestamp, back: String) -> HTML {
        if items.isEmpty { return .tag("p", ["class": "quiet"], "None.") }
        let rows = items.map { item -> [HTML] in
            let trouble = item.state.trouble
            let says: HTML =
                trouble.map { [.code($0.code), " ", .foreign($0.message)] }
                ?? "\(item.state.waitingFor?.means ?? "")"
            return [
                item.opportunity.map { .opportunity($0, names) } ?? .code(item.key.text), "\(item.key.kind.rawValue)",
                says, item.state.nextAttemptAt.map { .next($0, now) } ?? "–", tryingAgain(item, back),
            ]
        }
        return .table("Records", ["Opportunity", "Kind", "Why", "Next try", "Action"], rows)
    }

    /// An opportunity's page has the buttons for it and its roles; a company and a person have none, so their button is
    /// here.
    private func tryingAgain(_ item: OutboxItem, _ back: String) -> HTML {
        guard item.opportunity == nil, item.state.mayBeRetried else { return "–" }
        return .button(
            "Try again",
            .retry,
            ["kind": item.key.kind.rawValue, "key": item.key.text],
            back: back,
            id: "retry-\(item.key.text)",
            about: "\(item.key.kind.rawValue) \(item.key.text)"
        )
    }

    func quarantine(_ query: AdminQuery) async throws -> Response {
        let after = try query.after("a notification's id", InboxID.init)
        let filter = InboxFilter(outcome: .quarantined)
        let items = try await store.inbox(filter, before: after, limit: query.limit + 1)
        let page = Array(items.prefix(query.limit))
        let next = items.count > query.limit ? page.last.map { address("/quarantine", ["after": "\($0.id)"]) } : nil
        let frame = frame("Quarantine", "/quarantine", query)
        return frame.page(
            .tag("h1", [:], "Quarantined notifications"),
            .tag(
                "p",
                ["class": "lead"],
                "Authentic, but unusable. They are kept as received. Read them again after an upgrade, or after the configuration change that their reasons ask for."
            ),
            page.isEmpty
                ? .nothing
                : .button("Read all of them again", .replay, ["all": "yes"], back: "/quarantine", id: "replay-all"),
            .section("list", "Notifications", quarantineTable(page, frame.now, back: "/quarantine")),
            .pager(next: next, first: after == nil ? nil : "/quarantine")
        )
    }

    func quarantineTable(_ items: [InboxItem], _ now: Timestamp, back: String) -> HTML {
        if items.isEmpty { return .tag("p", ["class": "quiet"], "None is quarantined.") }
        let rows = items.map { item -> [HTML] in
            [
                .time(item.receivedAt, now), .code("\(item.id)"),
                item.what.isEmpty ? "–" : "\(item.what)",
                [.code(item.code ?? ""), .reasons(item.reasons)], .readAgain(item, back: back),
            ]
        }
        return .table("Quarantined notifications", ["Received", "Id", "Message", "Reason", "Action"], rows)
    }

    func refusals(_ query: AdminQuery) async throws -> Response {
        let after = try query.after("a refusal's number", RefusalItem.number)
        let items = try await store.refusals(before: after, limit: query.limit + 1)
        let page = Array(items.prefix(query.limit))
        let next = items.count > query.limit ? page.last.map { address("/refusals", ["after": "\($0.number)"]) } : nil
        let frame = frame("Refusals", "/refusals", query)
        let attempts = try await refusalTable(page, frame.now, back: "/refusals")
        return frame.page(
            .tag("h1", [:], "Refused creations"),
            .tag("p", ["class": "lead"], "Opportunities are created in Dynamics, never from Marketo's side (R2)."),
            .section("list", "Attempts", attempts),
            .pager(next: next, first: after == nil ? nil : "/refusals")
        )
    }

    func refusalTable(_ items: [RefusalItem], _ now: Timestamp, back: String) async throws(StoreError) -> HTML {
        if items.isEmpty { return .tag("p", ["class": "quiet"], "Nothing was refused.") }
        let opportunities = items.compactMap(\.opportunity)
        let (names, refused) = (try await names(opportunities), try await api.refused(opportunities))
        let rows = items.map { item -> [HTML] in
            [
                .time(item.at, now), "\(item.door.means)", .foreign(item.who), "\(Wording.number(item.count))",
                item.opportunity.map { refused.known.contains($0) ? .opportunity($0, names) : .code("\($0)") } ?? "–",
                allowing(item, refused, back),
            ]
        }
        return .table(
            "Refused creations",
            ["Last", "Door", "Who", "Times", "Opportunity", "Action"],
            rows
        )
    }

    /// Only what exists can be allowed.
    private func allowing(_ item: RefusalItem, _ refused: (known: Set<GUID>, allowable: Set<GUID>), _ back: String)
        -> HTML
    {
        guard let opportunity = item.opportunity else { return "–" }
        if item.isAllowed { return "allowed" }
        guard refused.known.contains(opportunity) else { return "never created" }
        guard refused.allowable.contains(opportunity) else { return "–" }
        return .button(
            "Allow",
            .allow,
            ["opportunity": "\(opportunity)"],
            back: back,
            id: "allow-\(item.number)",
            about: "opportunity \(opportunity)"
        )
    }
}

extension RefusalDoor {
    fileprivate var means: String {
        switch self {
        case .marketoWebhook: "Marketo's webhook"
        case .marketoUser: "Marketo's user in Dynamics"
        }
    }
}
