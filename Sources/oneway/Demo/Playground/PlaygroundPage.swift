import Admin
import Coordination
import HTTPClient
import OnewayCore
import Sandbox

/// The page: what can be broken, the opportunities, and the chosen one in Dynamics, at Oneway, and in Marketo.
struct PlaygroundPage: Sendable {
    let world: DemoWorld
    let opportunity: GUID?
    let notice: String?
    let now: Timestamp
    /// `GET /api/opportunities/{id}`; nil: Oneway knows nothing of it.
    let story: JSONValue?
    /// `GET /api/status`; nil: no answer.
    let status: JSONValue?

    /// Shows the second opportunity of the stand-in's company if none is chosen: it has an account and a contact.
    init(_ world: DemoWorld, opportunity: GUID?, notice: String?) async {
        let chosen = opportunity ?? Company.opportunity(2)
        (self.world, self.opportunity, self.notice) = (world, chosen, notice)
        let story = try? await world.admin.send(.get, "/api/opportunities/\(chosen)")
        self.story = story?.status == 200 ? story?.document : nil
        status = try? await world.admin.send(.get, "/api/status").document
        now = TimeSource.systemNow()
    }

    var document: HTML {
        .tag(
            "html",
            ["lang": "en"],
            head,
            .tag(
                "body",
                [:],
                .tag("a", ["class": "skip", "href": "#main"], "Skip to the contents"),
                header,
                main,
                footer
            )
        )
    }

    private var head: HTML {
        .tag(
            "head",
            [:],
            .tag("meta", ["charset": "utf-8"]),
            .tag("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
            .tag("meta", ["name": "color-scheme", "content": "light dark"]),
            .tag("title", [:], "Playground · Oneway"),
            .tag("link", ["rel": "icon", "href": PageAsset.icon.rawValue, "type": "image/svg+xml"]),
            .tag("link", ["rel": "stylesheet", "href": PageAsset.style.rawValue]),
            .tag("link", ["rel": "stylesheet", "href": PlaygroundListener.style]),
            .tag("script", ["src": PageAsset.script.rawValue, "data-every": "1000", "defer": ""])
        )
    }

    private var header: HTML {
        let admin = "\(DemoWorld.address(world.ports.admin))/"
        return .tag(
            "header",
            [:],
            .tag(
                "div",
                ["class": "bar"],
                .tag("a", ["class": "brand", "href": "/"], "Oneway's playground"),
                .tag(
                    "nav",
                    ["aria-label": "Pages"],
                    .tag("ul", [:], .tag("li", [:], .link(admin, "Oneway's status page")))
                )
            )
        )
    }

    private var main: HTML {
        .tag(
            "main",
            ["id": "main", "tabindex": "-1"],
            notice.map { HTML.tag("p", ["class": "notice", "role": "status"], "\($0)") } ?? .nothing,
            .tag("h1", [:], "Change an opportunity in Dynamics, and see it arrive in Marketo"),
            .tag("div", ["class": "lanes"], dynamics, oneway, marketo),
            troubles,
            list
        )
    }

    private var footer: HTML {
        .tag(
            "footer",
            [:],
            .tag(
                "div",
                ["class": "bar"],
                .tag(
                    "p",
                    ["id": "asof"],
                    "Dynamics and Marketo are stand-ins on this machine, Oneway is real. As of ",
                    .tag("time", ["datetime": "\(now)"], "\(Timestamp(second: now.second))"),
                    "."
                ),
                .tag("p", ["id": "refresh", "hidden": ""])
            )
        )
    }

    /// The script keeps it fresh.
    func section(_ id: String, _ heading: String, _ contents: HTML...) -> HTML {
        .tag(
            "section",
            ["id": id, "data-live": "", "aria-labelledby": "\(id)-h"],
            .tag("h2", ["id": "\(id)-h"], "\(heading)"),
            .all(contents)
        )
    }

    func button(_ action: PlaygroundAction, _ words: String, id: String? = nil) -> HTML {
        .tag(
            "form",
            ["method": "post", "action": action.rawValue],
            hiddenOpportunity,
            .tag("button", ["type": "submit", "id": id ?? "\(action)"], "\(words)")
        )
    }

    var hiddenOpportunity: HTML {
        opportunity.map { HTML.tag("input", ["type": "hidden", "name": "opportunity", "value": "\($0)"]) } ?? .nothing
    }

    func since(_ text: String?) -> HTML {
        text.flatMap { Timestamp(iso8601: $0) }.map { HTML.time($0, now) } ?? .nothing
    }

    // MARK: The opportunities

    private var list: HTML {
        let held = Set(world.marketo.book.all(.opportunity).map { DemoTable.Members($0)["externalOpportunityId"] })
        let items = world.dataverse.ids("opportunity").map { id in
            HTML.tag(
                "li",
                [:],
                .tag(
                    "a",
                    [
                        "href": address("/", ["opportunity": "\(id)"]), "id": "pick-\(id)",
                        "aria-current": id == opportunity ? "true" : nil,
                    ],
                    .foreign(world.name(RowReference("opportunity", id)))
                ),
                held.contains("\(id)") ? .tag("span", ["class": "chip settled"], "in Marketo") : .nothing
            )
        }
        return section(
            "opportunities",
            "Opportunities in Dynamics",
            .tag("ul", ["class": "picks"], .all(items)),
            .tag(
                "p",
                ["class": "quiet"],
                "Those that have not changed since Oneway was connected are not in Marketo yet: nobody has told Oneway of them."
            )
        )
    }

    // MARK: What can be broken

    private var troubles: HTML {
        let isAway = world.marketo.hasFaults
        let dropsWebhooks = world.dataverse.hasWebhookFaults
        let strangers = world.strangers.count
        return section(
            "break",
            "Break something",
            .tag(
                "div",
                ["class": "troubles"],
                trouble(
                    isAway ? "Marketo is away." : "Marketo answers.",
                    isAway,
                    isAway ? button(.healMarketo, "Bring Marketo back") : button(.breakMarketo, "Send Marketo away")
                ),
                trouble(
                    dropsWebhooks ? "Notifications are lost." : "Notifications arrive.",
                    dropsWebhooks,
                    dropsWebhooks
                        ? button(.sendWebhooks, "Deliver notifications again")
                        : button(.dropWebhooks, "Lose notifications"),
                    button(.read, "Have Oneway read this opportunity")
                ),
                trouble(
                    strangers == 0 ? "Marketo knows everybody." : "\(strangers) without a lead in Marketo.",
                    strangers > 0,
                    button(.addStranger, "Add a stakeholder without a lead"),
                    strangers == 0 ? .nothing : button(.createLeads, "Create the missing leads")
                )
            ),
            state
        )
    }

    private func trouble(_ says: String, _ isBad: Bool, _ buttons: HTML...) -> HTML {
        .tag("div", [:], .tag("p", ["class": isBad ? "trouble" : nil], "\(says)"), .all(buttons))
    }

    private var state: HTML {
        guard let status else { return .tag("p", ["class": "trouble"], "Oneway does not answer.") }
        let marketo = [status["marketo"]?["state"], status["marketo"]?["code"], status["marketo"]?["message"]]
            .compactMap { $0?.string }.joined(separator: " ")
        let counts = ["pending", "waiting", "parked"].map { name in
            "\(status["outbox"]?[name]?.int ?? 0) \(name)"
        }
        let isIdle = counts.allSatisfy { $0.hasPrefix("0 ") }
        return .tag(
            "div",
            ["class": "state"],
            .tag(
                "p",
                [:],
                "Oneway says of Marketo: ",
                .foreign(marketo),
                ". Records: \(counts.joined(separator: ", "))."
            ),
            isIdle ? .nothing : button(.retry, "Have Oneway try again now")
        )
    }
}

extension DemoWorld {
    /// A row's name in Dynamics.
    func name(_ reference: RowReference) -> String {
        let row = dataverse.row(reference.table, reference.id)
        let column = row?[reference.table == "contact" ? "fullname" : "name"]
        return column?.shown ?? "\(reference.id)"
    }
}

extension ColumnValue {
    var shown: String {
        switch self {
        case .text(let text), .number(let text), .money(let text): text
        case .flag(let flag): flag ? "yes" : "no"
        case .choice(let number): "\(number)"
        case .moment(let moment): "\(moment)"
        case .day(let day): String("\(day)".prefix(10))
        case .id(let id): "\(id)"
        case .lookup(let reference): "\(reference.table) \(reference.id)"
        }
    }
}
