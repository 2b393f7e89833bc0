import HTTPServer
import Intake
import OnewayCore
import Reading
import Store

// What waits: for what, since when, and whom Marketo does not know.
extension Pages {
    func waiting(_ query: AdminQuery) async throws -> Response {
        let reason: WaitReason? = try query.choice("for")
        let filter = OutboxFilter(stage: .waiting, kind: try query.choice("kind"), waitingFor: reason)
        let after = try query.after("the key of an item, with its kind", DeliveryKey.init(description:))
        let items = try await store.outbox(filter, after: after, limit: query.limit + 1)
        let page = Array(items.prefix(query.limit))
        let names = try await RecordNames(page, in: store)
        let groups = waitingGroups(try await store.outboxGroups(), back: "/waiting")
        let frame = try await frame("Waiting", "/waiting", query)
        let base = address("/waiting", ["for": reason?.rawValue, "kind": filter.kind?.rawValue])
        let next = items.count > query.limit ? page.last.map { more(base, "\($0.key)") } : nil
        return frame.page(
            .tag("h1", [:], "Waiting"),
            .tag(
                "p",
                ["class": "lead"],
                "\(reason.map { "\($0.means). \($0.remedy)" } ?? "Records that cannot be sent before something else has happened.")"
            ),
            reason.map { page.isEmpty ? .nothing : actions($0) } ?? .section("groups", "By what they wait for", groups),
            .section("list", "Records", waitingTable(page, names, frame.now)),
            .pager(next: next, first: after == nil ? nil : base)
        )
    }

    private func actions(_ reason: WaitReason) -> HTML {
        let button = reason.mayBeTried ? retry(reason, back: "/waiting") : .nothing
        guard reason == .lead else { return button }
        let file = address("/api/waiting/people", ["format": "csv", "limit": "\(AdminQuery.limitMax)"])
        return .tag(
            "div",
            ["class": "acts"],
            button,
            .link(file, "The missing people as CSV"),
            .tag("span", ["class": "quiet"], "the first \(AdminQuery.limitMax); oneway waiting --csv writes all")
        )
    }

    private func waitingTable(_ items: [OutboxItem], _ names: RecordNames, _ now: Timestamp) -> HTML {
        if items.isEmpty { return .tag("p", ["class": "quiet"], "None.") }
        let rows = items.map { item -> [HTML] in
            let why: HTML =
                names.sought(by: item, field: api.connections.leadField).map { .sought($0, now) }
                ?? "\(item.state.waitingFor?.means ?? "")"
            let trouble: HTML = item.state.trouble.map { [" ", .code($0.code), " ", .foreign($0.message)] } ?? .nothing
            return [
                item.opportunity.map { .opportunity($0, names.all) } ?? named(item, names), who(item, names),
                [why, trouble], item.waitingSince.map { .time($0, now) } ?? "–",
                item.state.nextAttemptAt.map { .next($0, now) } ?? "–", tryingAgain(item, "/waiting", names),
            ]
        }
        return .table("Waiting records", ["Opportunity", "Record", "Waits for", "Since", "Next try", "Action"], rows)
    }

    private func who(_ item: OutboxItem, _ names: RecordNames) -> HTML {
        guard item.key.kind == .role, let role = item.key.role else { return "\(item.key.kind.rawValue)" }
        let contact: HTML = names.contact(of: item).map { .foreign($0) } ?? .code("\(role.contact)")
        return [contact, ", ", .foreign(role.name)]
    }
}
