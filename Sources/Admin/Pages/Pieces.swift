import HTTPServer
import Intake
import OnewayCore
import Reading
import Store

// Parts that several pages share.
extension HTML {
    /// A table with its caption. A table that is too wide scrolls on its own and can be reached by keyboard. On narrow
    /// screens each cell becomes a line with its heading; the roles keep it a table for screen readers.
    static func table(
        _ caption: String,
        _ headings: [String],
        _ rows: [[HTML]],
        isMarked: (Int) -> Bool = { _ in false }
    ) -> HTML {
        let head = headings.map { HTML.tag("th", ["scope": "col", "role": "columnheader"], "\($0)") }
        let body = rows.enumerated().map { number, row in
            let cells = zip(headings, row).enumerated().map { cell($0 == 0, $1.0, $1.1) }
            return HTML.tag("tr", ["role": "row", "class": isMarked(number) ? "differs" : nil], .all(cells))
        }
        return .tag(
            "div",
            ["class": "scroll", "role": "group", "aria-label": caption, "tabindex": "0"],
            .tag(
                "table",
                ["role": "table"],
                .tag("caption", ["class": "hidden"], "\(caption)"),
                .tag("thead", ["role": "rowgroup"], .tag("tr", ["role": "row"], .all(head))),
                .tag("tbody", ["role": "rowgroup"], .all(body))
            )
        )
    }

    private static func cell(_ isFirst: Bool, _ heading: String, _ contents: HTML) -> HTML {
        let contents = HTML.tag("div", [:], contents)
        return isFirst
            ? .tag("th", ["scope": "row", "role": "rowheader", "data-label": heading], contents)
            : .tag("td", ["role": "cell", "data-label": heading], contents)
    }

    /// A button for an action, with the page to return to afterwards.
    static func button(
        _ words: String,
        _ action: PageAction,
        _ fields: KeyValuePairs<StaticString, String>,
        back: String,
        id: String,
        about: String? = nil
    ) -> HTML {
        let hidden = fields.map { name, value in
            HTML.tag("input", ["type": "hidden", "name": "\(name)", "value": value])
        }
        return .tag(
            "form",
            ["method": "post", "action": action.rawValue],
            .all(hidden),
            .tag("input", ["type": "hidden", "name": "back", "value": back]),
            .tag(
                "button",
                ["type": "submit", "id": id],
                "\(words)",
                about.map { .tag("span", ["class": "hidden"], " \($0)") } ?? .nothing
            )
        )
    }

    static func readAgain(_ item: InboxItem, back: String) -> HTML {
        .button(
            "Read again",
            .replay,
            ["notification": "\(item.id)"],
            back: back,
            id: "replay-\(item.id)",
            about: "notification \(item.id)"
        )
    }

    /// A section with its heading, which the page's script keeps fresh.
    static func section(_ id: String, _ heading: String, isEmpty: Bool = false, _ contents: HTML...) -> HTML {
        .tag(
            "section",
            ["id": id, "class": isEmpty ? "none" : nil, "data-live": "", "aria-labelledby": "\(id)-h"],
            .tag("h2", ["id": "\(id)-h"], "\(heading)"),
            .all(contents)
        )
    }

    static func stage(_ stage: DeliveryState.Stage) -> HTML {
        .tag("span", ["class": "chip \(stage.rawValue)"], "\(stage.rawValue)")
    }

    static func opportunity(_ id: GUID, _ names: [GUID: String]) -> HTML {
        let name = names[id].map { HTML.foreign($0) } ?? .code("\(id)")
        return .link("/opportunities/\(id)", name)
    }

    static func chip(_ state: OpportunityState) -> HTML {
        .tag("span", ["class": "chip \(state.rawValue)"], "\(state.rawValue)")
    }

    /// What was looked up in vain.
    static func sought(_ sought: Sought, _ now: Timestamp) -> HTML {
        let asked: HTML =
            sought.askedAt.map { [", last ", .time($0, now)] } ?? .nothing
        return ["Looked up: ", .code(sought.field), " = ", .foreign(sought.value), asked, "."]
    }

    static func reasons(_ reasons: [Reason], _ names: [GUID: String] = [:]) -> HTML {
        if reasons.isEmpty { return .nothing }
        let items = reasons.map { reason in
            let rule = reason.rule.map { HTML.tag("span", ["class": "rule"], "\($0)") } ?? .nothing
            return HTML.tag("li", [:], rule, " ", .foreign(reason.says.naming(names)))
        }
        return .tag("ul", ["class": "reasons"], .all(items))
    }

    /// Links to a list's next page and to its beginning.
    static func pager(next: String?, first: String?) -> HTML {
        let begin = first.map { HTML.link($0, "Back to the beginning") } ?? .nothing
        let more = next.map { HTML.link($0, "Show more") } ?? .nothing
        return .tag("p", ["class": "pager"], begin, " ", more)
    }
}

extension WaitReason {
    /// The condition for sending the record.
    var means: String {
        switch self {
        case .name: "The opportunity's name, which Marketo requires"
        case .customer: "Who the customer is"
        case .company: "Its company, which must be in Marketo first"
        case .salesPerson: "Its owner as a sales person, who must be in Marketo first"
        case .opportunity: "Its opportunity, or roles that must go first"
        case .lead: "The contact as a lead in Marketo"
        case .contactEmail: "The contact's e-mail address, by which its lead is found"
        }
    }

    /// Whether trying again can help: the others wait for a value from Dynamics.
    var mayBeTried: Bool {
        switch self {
        case .company, .salesPerson, .opportunity, .lead: true
        case .name, .customer, .contactEmail: false
        }
    }

    var remedy: String {
        switch self {
        case .name:
            "With a connection to Dynamics: oneway refresh. Otherwise change a filtering attribute of the opportunity there, with name in the step's image."
        case .customer:
            "With a connection to Dynamics: oneway refresh. Otherwise change a filtering attribute of the opportunity there, with customerid in the step's image."
        case .company, .salesPerson, .opportunity:
            "It is sent as soon as the other one has arrived; Parked shows whether Marketo refuses that one."
        case .lead:
            "Add the contact to Marketo, or set marketo.lead.create. Oneway looks for it again automatically, less and less often."
        case .contactEmail:
            "With a connection to Dynamics: oneway refresh. Otherwise save the contact once more there, import contacts with oneway import, or find leads by another field (marketo.lead)."
        }
    }
}

/// A form as browsers send it.
struct Form {
    private let items: QueryItems

    /// A plus is a space here, unlike in the queries of programs.
    init(_ text: String) { items = QueryItems(text.replacing("+", with: "%20")) }

    init(_ request: Request, of fields: Set<String>) throws(Problem) {
        guard let text = String(validating: request.body, as: UTF8.self) else {
            throw Problem(.badRequest, "The form is not text in UTF-8.")
        }
        self.init(text)
        guard items.names.isSubset(of: fields) else {
            throw Problem(.badRequest, "The form has an unknown field. Known fields: \(fields.sorted()).")
        }
    }

    subscript(name: String) -> String? { items[name].last.flatMap { $0.isEmpty ? nil : $0 } }
}

extension InboxItem {
    /// `Update of opportunity`, as far as it could be read.
    var what: String {
        [labels.message, labels.entity].compactMap(\.self).filter { !$0.isEmpty }.joined(separator: " of ")
    }
}
