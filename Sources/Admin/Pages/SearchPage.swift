import HTTPServer
import OnewayCore
import Store

// Finds an opportunity by its id or the beginning of its name.
extension Pages {
    private static let foundMax = 50

    func search(_ head: RequestHead) async throws -> Response {
        let asked = Form(head.query)["q"] ?? ""
        let words = String(asked.drop(while: \.isWhitespace).prefix(200))
        if let id = GUID(words.filter { !$0.isWhitespace }) { return Response(goTo: "/opportunities/\(id)") }
        var frame = Frame(title: "Find", now: api.now())
        (frame.query, frame.isRefreshed) = (words, false)
        if words.isEmpty {
            return frame.page(
                .tag("h1", [:], "Find an opportunity"),
                .tag("p", [:], "By its id, or by the beginning of its name.")
            )
        }
        let found = try await store.opportunities(named: words, limit: Self.foundMax + 1)
        let shown = Array(found.prefix(Self.foundMax))
        let names = try await names(shown)
        let outbox = try await store.outbox(of: shown)
        return frame.page(
            .tag("h1", [:], "Opportunities that begin with “", .foreign(words), "”"),
            .tag("p", ["class": "lead"], "\(outcome(found.count))"),
            shown.isEmpty ? .nothing : table(shown, names, outbox)
        )
    }

    private func outcome(_ count: Int) -> String {
        if count == 0 {
            return "None found. Upper and lower case do not matter; only the beginning of the name is compared."
        }
        if count > Self.foundMax { return "The first \(Self.foundMax); type more of the name to see fewer." }
        return Wording.count(count, "opportunity", "opportunities") + "."
    }

    private func table(_ ids: [GUID], _ names: [GUID: String], _ outbox: [GUID: [OutboxItem]]) -> HTML {
        let rows = ids.map { id -> [HTML] in
            let own = outbox[id]?.first { $0.key.kind == .opportunity }
            return [.opportunity(id, names), .code("\(id)"), own.map { .stage($0.state.stage) } ?? "–"]
        }
        return .table("Opportunities found", ["Name", "Id", "In Marketo"], rows)
    }
}
