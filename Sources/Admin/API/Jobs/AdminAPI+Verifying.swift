import Forwarding
import HTTPServer
import Intake
import OnewayCore
import Reading
import Store
import Verifying

// Comparing both sides: a job, its findings, and one opportunity at once.
extension AdminAPI {
    func comparing(_ route: AdminRoute, _ request: Request) async throws -> Response {
        switch (route, request.head.method) {
        case (.verifyOne(let opportunity), _): return try await verify(opportunity, request)
        case (.verify, "POST"): return try await beginVerification(request)
        case (.verify, let method):
            let latest = try await Verification.latest(in: store)
            return try await show(latest, none: "Nothing was compared yet: POST /api/verify begins.", method)
        case (.adopt, "POST"): return try await beginAdoption()
        case (.adopt, let method):
            let latest = try await Adoption.latest(in: store)
            return try await show(latest, none: "Marketo was not surveyed yet: POST /api/adopt begins.", method)
        case (.adoptFindings, _):
            return try await findings(of: .adopt, try await Adoption.latest(in: store)?.kept, request)
        default: return try await findings(of: .verify, try await Verification.latest(in: store)?.kept, request)
        }
    }

    private func beginVerification(_ request: Request) async throws -> Response {
        guard connections.marketo else { throw Self.nothingToCompare }
        let body = try request.body.isEmpty ? nil : AdminBody(request, of: ["sample", "share", "repair"])
        func number(_ name: String, _ range: ClosedRange<Int>) throws(Problem) -> Int? {
            guard let member = body?[name], !member.isNull else { return nil }
            guard let number = member.int, range.contains(number) else {
                let says = "\(name) is a whole number from \(range.lowerBound) to \(range.upperBound)."
                throw Problem(.badRequest, says)
            }
            return number
        }
        let work = Verification.Work(
            sample: try number("sample", 1...1_000_000),
            isRepairing: try body?.flag("repair") ?? false,
            share: try number("share", 1...100) ?? 50
        )
        guard let begun = try await Verification.begin(work, in: store, now: now()) else {
            throw Problem(.badRequest, "One comparison at a time, and one is running: GET /api/verify shows it.")
        }
        return Response(status: 202, json: begun.json(now: now()))
    }

    private func beginAdoption() async throws -> Response {
        guard connections.marketo else { throw Self.nothingToCompare }
        guard let begun = try await Adoption.begin(in: store, now: now()) else {
            throw Problem(.badRequest, "One survey at a time, and one is running: GET /api/adopt shows it.")
        }
        return Response(status: 202, json: begun.json(now: now()))
    }

    /// The latest one; with DELETE, it is ended. `none` is said if there was none yet.
    private func show(
        _ latest: (some LongComparison)?,
        none: String,
        _ method: String
    ) async throws -> Response {
        guard let latest else { throw Problem(.notFound, none) }
        let cancels = method == "DELETE" && latest.isRunning
        if cancels { try await latest.cancel(in: store) }
        return Response(status: cancels ? 202 : 200, json: latest.json(now: now()))
    }

    private func findings(of kind: Job.Kind, _ count: Int?, _ request: Request) async throws -> Response {
        let query = try AdminQuery(request.head)
        let page = try await findings(of: kind, count ?? 0, query)
        return Response(
            status: 200,
            json: ["items": .array(page.items.map { .encoded($0.encoded) }), "next": .optional(page.next)]
        )
    }

    /// A page of the findings of the latest job, in the order in which they were found.
    func findings(
        of kind: Job.Kind,
        _ count: Int,
        _ query: AdminQuery
    ) async throws -> (items: [JSONValue], next: String?) {
        let after = try query.after("a finding's number") { text in Int(text).flatMap { $0 < 0 ? nil : $0 } }
        let what: Finding.What? = try query.choice("what")
        let found = try await FindingsBook(kind).findings(
            after: after,
            count: count,
            limit: query.limit + 1,
            in: store
        ) { what == nil || $0["what"]?.string == what?.rawValue }
        let page = found.prefix(query.limit)
        return (page.map(\.finding), found.count > query.limit ? page.last.map { "\($0.number)" } : nil)
    }

    private func verify(_ text: String, _ request: Request) async throws -> Response {
        guard let id = GUID(text) else { throw Problem(.badRequest, "The opportunity's id is not a GUID.") }
        guard connections.marketo else { throw Self.nothingToCompare }
        guard let verifier = leading()?.verifier else { throw Self.onlyTheLeader }
        let body = try request.body.isEmpty ? nil : AdminBody(request, of: ["repair"])
        let repairs = try body?.flag("repair") ?? false
        let answer = try await verifier.verify(id, repairs: repairs)
        guard let answer else { throw Problem(.notFound, "Nothing is known of this opportunity.") }
        return Response(status: 200, json: answer)
    }

    private static let nothingToCompare = Problem(
        .notFound,
        "marketo.endpoint is not set: there is nothing to compare with."
    )
}
