import HTTPServer
import Intake
import OnewayCore
import Reading
import Store

// All opportunities, by what they are and when they changed.
extension Pages {
    func opportunities(_ head: RequestHead) async throws -> Response {
        let query = try AdminQuery(head, isForm: true)
        let page = try await api.opportunityPage(query)
        let frame = try await frame("Opportunities", "/opportunities", query)
        let isFirst = query.text("after") == nil
        return frame.page(
            .tag("h1", [:], "Opportunities"),
            .tag(
                "p",
                ["class": "lead"],
                "Each with the state of the record of it that is furthest from what is wanted: of itself and its roles."
            ),
            .tag(
                "section",
                ["id": "filter", "aria-labelledby": "filter-h"],
                .tag("h2", ["id": "filter-h"], "Show only"),
                try await filterForm(page.filter),
            ),
            .section("list", "List", table(page.listed, page.filter, frame.now)),
            .pager(
                next: page.next.map { address(page.filter, after: $0) },
                first: isFirst ? nil : address(page.filter)
            )
        )
    }

    // MARK: Filter

    private func filterForm(_ filter: StandingFilter) async throws -> HTML {
        let states = OpportunityState.allCases.map { ($0.rawValue, $0.rawValue) }
        let reasons = WaitReason.allCases.map { ($0.rawValue, $0.rawValue) }
        let ages = Self.ages.map { age in
            let since = Timestamp(milliseconds: api.now().milliseconds / 60_000 * 60_000 - age.seconds * 1000)
            return ("\(since)", age.words)
        }
        let since = filter.changedSince.map { time -> (String, String) in ("\(time)", "since \(Wording.absolute(time))")
        }
        return .tag(
            "form",
            ["class": "filter", "action": "/opportunities"],
            choice("state", "State", states, filter.state?.rawValue),
            choice("waitingFor", "Waits for", reasons, filter.waitingFor?.rawValue),
            field("code", "Marketo's code", filter.code),
            try await companyField(filter.account),
            choice("changedSince", "Changed", ages + [since].compactMap(\.self), since?.0, all: "at any time"),
            choice(
                "order",
                "Order",
                [("oldest", "oldest change first")],
                filter.isOldestFirst ? "oldest" : nil,
                all: "newest change first"
            ),
            .tag("button", ["type": "submit"], "Show"),
            .link("/opportunities", "Show all")
        )
    }

    private static let ages: [(seconds: Int64, words: String)] = [
        (3_600, "in the last hour"), (86_400, "in the last day"), (7 * 86_400, "in the last week"),
    ]

    private func choice(
        _ name: String,
        _ label: String,
        _ options: [(value: String, words: String)],
        _ chosen: String?,
        all: String = "any"
    ) -> HTML {
        let first = HTML.tag("option", ["value": ""], "\(all)")
        let rest = options.map { option in
            HTML.tag(
                "option",
                ["value": option.value, "selected": option.value == chosen ? "" : nil],
                "\(option.words)"
            )
        }
        return .tag("label", [:], "\(label) ", .tag("select", ["name": name, "id": name], first, .all(rest)))
    }

    private func field(_ name: String, _ label: String, _ value: String?) -> HTML {
        .tag(
            "label",
            [:],
            "\(label) ",
            .tag("input", ["name": name, "id": name, "value": value ?? "", "autocomplete": "off", "size": "8"])
        )
    }

    /// A company is chosen by its link in the list, or found by its name.
    private func companyField(_ account: GUID?) async throws -> HTML {
        guard let account else { return .nothing }
        let names = try await RecordNames([], and: [account], in: store)
        return [
            .tag("input", ["type": "hidden", "name": "company", "value": "\(account)"]),
            .tag("span", [:], "Company: ", names.all[account].map { .foreign($0) } ?? .code("\(account)")),
        ]
    }

    private func address(_ filter: StandingFilter, after: StandingCursor? = nil) -> String {
        Admin.address(
            "/opportunities",
            [
                "state": filter.state?.rawValue, "waitingFor": filter.waitingFor?.rawValue, "code": filter.code,
                "company": filter.account.map { "\($0)" }, "changedSince": filter.changedSince.map { "\($0)" },
                "order": filter.isOldestFirst ? "oldest" : nil, "after": after.map { "\($0)" },
            ]
        )
    }

    // MARK: List

    private func table(_ listed: [ListedOpportunity], _ filter: StandingFilter, _ now: Timestamp) -> HTML {
        if listed.isEmpty { return .tag("p", ["class": "quiet"], "None.") }
        let rows = listed.map { one -> [HTML] in
            let standing = one.standing
            return [
                .link(
                    "/opportunities/\(standing.opportunity)",
                    one.name.map { .foreign($0) } ?? .code("\(standing.opportunity)")
                ),
                company(one, filter), [.chip(standing.state), " ", why(standing, now)],
                .time(standing.changedAt, now), standing.confirmedAt.map { .time($0, now) } ?? "never",
            ]
        }
        return .table("Opportunities", ["Opportunity", "Company", "State", "Changed", "Confirmed"], rows)
    }

    private func company(_ one: ListedOpportunity, _ filter: StandingFilter) -> HTML {
        guard let account = one.standing.account else { return "–" }
        let name: HTML = one.accountName.map { .foreign($0) } ?? .code("\(account)")
        if filter.account == account { return name }
        return .link(Admin.address("/opportunities", ["company": "\(account)"]), name)
    }

    private func why(_ standing: OpportunityStanding, _ now: Timestamp) -> HTML {
        let waits: HTML =
            standing.waitingFor.map { reason in
                ["for \(reason.rawValue)", standing.waitingSince.map { [", since ", .time($0, now)] } ?? .nothing]
            } ?? .nothing
        let code: HTML = standing.code.map { [" ", .code($0)] } ?? .nothing
        return [waits, code]
    }
}
