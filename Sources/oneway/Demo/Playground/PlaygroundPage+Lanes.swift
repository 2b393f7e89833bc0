import Admin
import OnewayCore
import Sandbox

// The three lanes: one opportunity in Dynamics, at Oneway, and in Marketo.
extension PlaygroundPage {
    private var row: [String: ColumnValue]? { opportunity.flatMap { world.dataverse.row("opportunity", $0) } }

    // MARK: Dynamics

    var dynamics: HTML {
        guard let row else {
            return section("dynamics", "In Dynamics", .tag("p", [:], "Dynamics does not have this opportunity."))
        }
        return section(
            "dynamics",
            "In Dynamics",
            .tag(
                "form",
                ["method": "post", "action": PlaygroundAction.save.rawValue, "class": "fields"],
                hiddenOpportunity,
                field("name", "Topic", row, ["required": ""]),
                choice("stepname", "Pipeline phase", Self.stages(row), row["stepname"]?.shown),
                field("closeprobability", "Probability", row, ["inputmode": "numeric"]),
                field("estimatedvalue", "Est. revenue", row, ["inputmode": "decimal"]),
                choice("customerid", "Customer", customers, row["customerid"]?.shown),
                .tag(
                    "div",
                    ["class": "buttons"],
                    .tag("button", ["type": "submit", "id": "save"], "Save"),
                    .tag(
                        "button",
                        ["type": "submit", "id": "create", "formaction": PlaygroundAction.create.rawValue],
                        "Save as a new one"
                    )
                )
            ),
            .tag("div", ["class": "buttons"], .tag("p", [:], "\(Self.state(row))"), closing(row))
        )
    }

    private func closing(_ row: [String: ColumnValue]) -> HTML {
        row["statecode"] == .choice(0) ? .all([button(.win, "Win"), button(.lose, "Lose")]) : .nothing
    }

    private static func state(_ row: [String: ColumnValue]) -> String {
        switch row["statecode"] {
        case .choice(1): "Won."
        case .choice(2): "Lost."
        default: "Open."
        }
    }

    private static func stages(_ row: [String: ColumnValue]) -> [(value: String, words: String)] {
        let current = row["stepname"]?.shown ?? ""
        let all = OpportunityForm.stages
        return (all.contains(current) ? all : [current] + all).map { ($0, $0) }
    }

    private var customers: [(value: String, words: String)] {
        ["account", "contact"].flatMap { table in
            world.dataverse.ids(table).map { id in
                let reference = RowReference(table, id)
                return (ColumnValue.lookup(reference).shown, "\(world.name(reference)) (\(table))")
            }
        }
    }

    private func field(
        _ name: String,
        _ label: String,
        _ row: [String: ColumnValue],
        _ more: KeyValuePairs<StaticString, String?>
    ) -> HTML {
        let own: [(StaticString, String)] = [
            ("id", name), ("name", name), ("value", row[name]?.shown ?? ""), ("maxlength", "300"),
            ("autocomplete", "off"),
        ]
        return .all([
            .tag("label", ["for": name], "\(label)"),
            .element("input", own + more.compactMap { name, value in value.map { (name, $0) } }, []),
        ])
    }

    private func choice(
        _ name: String,
        _ label: String,
        _ options: [(value: String, words: String)],
        _ current: String?
    ) -> HTML {
        let items = options.map { option in
            HTML.tag(
                "option",
                ["value": option.value, "selected": option.value == current ? "" : nil],
                "\(option.words)"
            )
        }
        let none = current == nil ? HTML.tag("option", ["value": "", "selected": ""], "none") : .nothing
        return .all([
            .tag("label", ["for": name], "\(label)"), .tag("select", ["id": name, "name": name], none, .all(items)),
        ])
    }

    // MARK: Oneway

    var oneway: HTML {
        guard let story, let opportunity else {
            return section(
                "oneway",
                "Oneway",
                .tag("p", [:], "Nobody has told Oneway of this opportunity. Change it, or have Oneway read it."),
                button(.read, "Read it now", id: "read-now")
            )
        }
        let state = story["state"]?.string ?? ""
        let link = "\(DemoWorld.address(world.ports.admin))/opportunities/\(opportunity)"
        return section(
            "oneway",
            "Oneway",
            isUntold ? .tag("p", ["class": "box"], "Dynamics has changed it, and Oneway was not told.") : .nothing,
            part("Received", story["notifications"]?.elements.prefix(3).map(notification) ?? []),
            part("Read from Dynamics", (story["reads"]?.elements ?? []).suffix(3).map(read)),
            part("Decided", (story["reasons"]?.elements ?? []).map(reason)),
            part("Not in Marketo yet", (story["items"]?.elements ?? []).compactMap(waiting)),
            part("Called Marketo", calls),
            .tag(
                "p",
                [:],
                .tag("span", ["class": "chip \(state)"], "\(state)"),
                " ",
                .link(link, "The whole story")
            )
        )
    }

    /// Whether a column of the form differs from what Oneway knows.
    private var isUntold: Bool {
        guard let row else { return false }
        return ["name", "stepname", "closeprobability", "estimatedvalue"].contains { name in
            let known = story?["values"]?[name]?["value"]
            guard let value = row[name]?.shown, let known else { return false }
            if let number = known.number { return Double(number) != Double(value) }
            return known.string.map { $0 != value } ?? false
        }
    }

    private func part(_ heading: String, _ items: [HTML]) -> HTML {
        if items.isEmpty { return .nothing }
        let list = items.map { HTML.tag("li", [:], $0) }
        return .all([.tag("h3", [:], "\(heading)"), .tag("ul", ["class": "reasons"], .all(list))])
    }

    private func notification(_ item: JSONValue) -> HTML {
        let what = [item["message"]?.string, item["entity"]?.string].compactMap(\.self).joined(separator: " of ")
        return .all([
            .foreign(what), ": \(item["outcome"]?.string ?? ""), ", since(item["receivedAt"]?.string),
        ])
    }

    private func read(_ item: JSONValue) -> HTML {
        let answer = item["answer"]?.string
        return .all([
            "\(item["entity"]?.string ?? ""): ", answer.map { HTML.foreign($0) } ?? "not answered yet",
            item["askedAt"]?.string == nil ? .nothing : ", ", since(item["askedAt"]?.string),
        ])
    }

    private func reason(_ item: JSONValue) -> HTML {
        .all([
            .tag("span", ["class": "rule"], "\(item["rule"]?.string ?? "")"), " ", .foreign(item["says"]?.string ?? ""),
        ])
    }

    private func waiting(_ item: JSONValue) -> HTML? {
        guard let state = item["state"]?.string, state != "settled" else { return nil }
        let why = item["waitingFor"]?.string.map { "for the \($0)" }
        let said = [item["code"]?.string, item["message"]?.string].compactMap(\.self).joined(separator: " ")
        let kind = item["kind"]?.string ?? ""
        return .all([
            "\(kind): ", .tag("span", ["class": "chip \(state)"], "\(state)"), " ",
            .foreign([why, said].compactMap(\.self).filter { !$0.isEmpty }.joined(separator: ", ")),
            item["nextAttemptAt"]?.string == nil ? .nothing : ", next attempt ", since(item["nextAttemptAt"]?.string),
        ])
    }

    /// The newest states that calls gave this opportunity and its roles.
    private var calls: [HTML] {
        let id = opportunity.map { "\($0)" } ?? ""
        let own = world.marketo.history.all.suffix(1_000).filter { entry in
            entry.kind == .opportunity && entry.key == id || entry.kind == .role && entry.key.hasPrefix("\(id)/")
        }
        return refusedCall
            + own.suffix(4).reversed().map { entry in
                let sent = entry.state.map { DemoTable.Members($0) }
                let path = entry.kind.rawValue + (sent == nil ? "/delete" : "")
                let words = entry.kind == .opportunity ? sent?["stage"] : sent?["role"]
                return .all([.code(path), " ", .foreign(words ?? ""), ": \(entry.status), ", .time(entry.at, now)])
            }
    }

    /// The newest call, if Marketo refused it: Oneway tries again.
    private var refusedCall: [HTML] {
        guard let call = world.marketo.measured.calls.last, !call.codes.isEmpty else { return [] }
        let codes = call.codes.prefix(3).joined(separator: ", ")
        return [.all([.code(call.path), ": refused with \(codes), ", .time(call.began, now)])]
    }

    // MARK: Marketo

    var marketo: HTML {
        let id = opportunity.map { "\($0)" } ?? ""
        let book = world.marketo.book
        guard let record = book.record(.opportunity, id) else {
            return section("marketo", "In Marketo", .tag("p", [:], "Marketo does not have this opportunity."))
        }
        let roles = book.all(.role).map { DemoTable.Members($0) }.filter { $0["externalOpportunityId"] == id }
        return section(
            "marketo",
            "In Marketo",
            pairs(Self.fields(record, book)),
            .tag("h3", [:], roles.isEmpty ? "No roles" : "Roles"),
            roles.isEmpty ? .nothing : pairs(roles.map { (Self.lead($0["leadId"], book), $0["role"]) })
        )
    }

    private static func fields(_ record: JSON, _ book: MarketoBook) -> [(String, String)] {
        let own = DemoTable.Members(record)
        let left: Set = ["externalOpportunityId", "marketoGUID", "externalCompanyId", "createdAt", "updatedAt"]
        let names = (own.root?.members ?? []).map(\.name).filter { !left.contains($0) }
        let company = own["externalCompanyId"]
        let account = book.record(.company, company).map { DemoTable.Members($0)["company"] } ?? company
        let first = ["name", "stage", "amount"].filter(names.contains)
        return (first + names.filter { !first.contains($0) }).map { ($0, own[$0]) }
            + [("company", account), ("updatedAt", own["updatedAt"])]
    }

    private static func lead(_ id: String, _ book: MarketoBook) -> String {
        let lead = book.record(.lead, id).map { DemoTable.Members($0) }
        let name = ["firstName", "lastName"].compactMap { lead?[$0] }.joined(separator: " ")
        return name.allSatisfy(\.isWhitespace) ? "lead \(id)" : name
    }

    private func pairs(_ pairs: [(name: String, value: String)]) -> HTML {
        let items = pairs.map { pair in
            HTML.tag("div", [:], .tag("dt", [:], .foreign(pair.name)), .tag("dd", [:], .foreign(pair.value)))
        }
        return .tag("dl", ["class": "pairs"], .all(items))
    }
}
