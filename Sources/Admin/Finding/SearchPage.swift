import Applying
import HTTPServer
import OnewayCore
import Store

// Finds opportunities, companies, people, and notifications by an id or by part of a name.
extension Pages {
    private static let foundMax = 50

    func search(_ head: RequestHead) async throws -> Response {
        let asked = Form(head.query)["q"] ?? ""
        let words = String(asked.drop(while: \.isWhitespace).prefix(200))
        var frame = frame("Find", nil, try AdminQuery(head), try await store.status())
        (frame.query, frame.isRefreshed) = (words, false)
        if words.isEmpty {
            return frame.page(
                .tag("h1", [:], "Find anything"),
                .tag(
                    "p",
                    [:],
                    "By an id, or by part of the name of an opportunity, a company, or a person, or of an address."
                )
            )
        }
        let findings = try await api.find(words, limit: Self.foundMax)
        // An opportunity's page also says when nothing is known of it.
        if let id = GUID(words.filter { !$0.isWhitespace }), findings.found.allSatisfy({ $0.kind == .opportunity }) {
            return Response(goTo: "/opportunities/\(id)")
        }
        return frame.page(
            .tag("h1", [:], "Found for “", .foreign(words), "”"),
            .tag("p", ["class": "lead"], "\(outcome(findings))"),
            findings.found.isEmpty ? .nothing : table(findings, frame.now)
        )
    }

    private func outcome(_ findings: Findings) -> String {
        if findings.found.isEmpty {
            return """
                None found. Case and accents do not matter. One or two letters are only looked for at the beginning of \
                a name. People are known by name or address only where the configuration needs them.
                """
        }
        if findings.isCut { return "The first \(Self.foundMax); type more of the name to see fewer." }
        return Wording.count(findings.found.count, "record") + "."
    }

    /// A company's are all in the list.
    private func rest(of found: Found) -> HTML {
        found.kind == .account ? .link(address("/opportunities", ["company": found.id]), "all of them") : "and more"
    }

    /// What became of a notification, and where it is shown.
    private func outcome(of item: InboxItem, _ now: Timestamp) -> HTML {
        let outcome = item.labels.outcome
        let chip = HTML.tag("span", ["class": "chip \(outcome.rawValue)"], "\(outcome.rawValue)")
        let place: String? =
            switch outcome {
            // The list begins after the id that it is given.
            case .quarantined: address("/quarantine", ["after": "\(InboxID(number: item.id.number + 1))"])
            case .refused: "/refusals"
            case .accepted, .ignored: nil
            }
        return [
            place.map { HTML.link($0, chip) } ?? chip, " \(item.what) ", .time(item.receivedAt, now), " ",
            item.labels.code.map { .code($0) } ?? .nothing, .reasons(item.labels.reasons),
        ]
    }

    private func table(_ findings: Findings, _ now: Timestamp) -> HTML {
        let rows = findings.found.map { found -> [HTML] in
            let opportunities = found.opportunities.map { id -> HTML in
                let state: HTML = findings.standings[id].map { .chip($0.state) } ?? "nothing decided yet"
                return .tag("div", [:], .opportunity(id, findings.names), " ", state)
            }
            let name = [found.name, found.email].compactMap(\.self).joined(separator: ", ")
            return [
                "\(found.kind.rawValue)",
                found.item.map { outcome(of: $0, now) } ?? (name.isEmpty ? "–" : .foreign(name)),
                [.code(found.id), found.key.map(inDynamics) ?? .nothing],
                .all(opportunities + (found.isCut ? [rest(of: found)] : [])),
            ]
        }
        return .table("Records found", ["Kind", "Name or outcome", "Id", "Opportunities and their states"], rows)
    }
}
