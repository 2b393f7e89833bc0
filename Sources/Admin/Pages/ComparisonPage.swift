import HTTPServer
import Intake
import OnewayCore
import Reading
import Store
import Verifying

// The latest comparison of both sides, and what it found.
extension Pages {
    func verify(_ query: AdminQuery) async throws -> Response {
        let frame = frame("Comparison", "/verify", query)
        let about = """
            What Marketo holds beside what it should hold. Records on their way are not compared, and what differs is \
            compared twice.
            """
        guard let latest = try await Verification.latest(in: store) else {
            return frame.page(
                .tag("h1", [:], "Comparison"),
                .tag("p", ["class": "lead"], "\(about)"),
                .section("state", "Latest", .tag("p", ["class": "quiet"], "None yet: oneway verify begins one."))
            )
        }
        let what: Finding.What? = try query.choice("what")
        let page = try await api.findings(of: .verify, latest.kept, query)
        let names = try await names(page.items.compactMap { $0["opportunity"]?.string.flatMap { GUID($0) } })
        let base = address("/verify", ["what": what?.rawValue])
        let next = page.next.map { base + (what == nil ? "?" : "&") + "after=\($0)" }
        let root = try JSONDocument(latest.json(now: frame.now).encoded).root
        return frame.page(
            .tag("h1", [:], "Comparison"),
            .tag("p", ["class": "lead"], "\(about)"),
            .section("state", "Latest", summary(root, frame.now)),
            .section("list", "Differences", differences(page.items, names)),
            .pager(next: next, first: query.text("after") == nil ? nil : base)
        )
    }

    private func summary(_ root: JSONValue, _ now: Timestamp) -> HTML {
        let (progress, result) = (root["progress"], root["result"])
        func count(_ name: String) -> String { Wording.number(result?[name]?.int ?? 0) }
        let began = root["startedAt"]?.string.flatMap(Timestamp.init(iso8601:))
        let done =
            "\(Wording.number(progress?["done"]?.int ?? 0)) of \(Wording.count(progress?["total"]?.int ?? 0, "record"))"
        let rows: [[HTML]] = [
            [
                "State",
                ["\(root["state"]?.string ?? "")", ", ", "\(done)", began.map { [", begun ", .time($0, now)] } ?? ""],
            ],
            ["Compared", "\(count("compared"))"],
            [
                "Differences",
                """
                \(count("missing")) missing, \(count("different")) different, \(count("superfluous")) superfluous; \
                \(count("sentAgain")) sent again
                """,
            ],
            [
                "Not compared",
                """
                \(count("pending")) pending, \(count("waiting")) waiting, \(count("parked")) parked, \
                \(count("changing")) changed meanwhile
                """,
            ],
        ]
        let message = root["message"]?.string.map { HTML.tag("p", ["class": "words"], .foreign($0)) } ?? .nothing
        return [.table("The latest comparison", ["", ""], rows), message]
    }

    private func differences(_ items: [JSONValue], _ names: [GUID: String]) -> HTML {
        if items.isEmpty { return .tag("p", ["class": "quiet"], "None was found.") }
        let rows = items.map { item -> [HTML] in
            let id = item["opportunity"]?.string.flatMap { GUID($0) }
            let fields = (item["fields"]?.elements ?? []).map { field in
                HTML.tag("li", [:], .foreign(Self.shown(field)))
            }
            return [
                id.map { .opportunity($0, names) } ?? .code(item["key"]?.string ?? ""),
                "\(item["kind"]?.string ?? "")", "\(item["what"]?.string ?? "")",
                [
                    .foreign(item["says"]?.string ?? ""),
                    fields.isEmpty ? .nothing : .tag("ul", ["class": "reasons"], .all(fields)),
                ],
                item["sentAgain"]?.bool == true ? "sent again" : "–",
            ]
        }
        return .table("Differences", ["Opportunity", "Kind", "What", "Why", "Repair"], rows)
    }

    /// `amount: Dynamics 5, Marketo 4`
    private static func shown(_ field: JSONValue) -> String {
        func value(_ name: String) -> String {
            field[name].map { $0.isNull ? "empty" : String(decoding: $0.encoded, as: UTF8.self) } ?? "empty"
        }
        return "\(field["name"]?.string ?? ""): should be \(value("dynamics")), Marketo has \(value("marketo"))"
    }
}
