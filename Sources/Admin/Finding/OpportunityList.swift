import Applying
import HTTPServer
import Intake
import OnewayCore
import Reading
import Store

/// An opportunity of a list, with what people call it.
struct ListedOpportunity {
    let standing: OpportunityStanding
    let name: String?
    let accountName: String?
}

/// One page of the opportunities that match.
struct OpportunityPage {
    let filter: StandingFilter
    var listed: [ListedOpportunity] = []
    var next: StandingCursor?
}

extension StandingFilter {
    /// As the API and the page name them.
    init(_ query: AdminQuery) throws(Problem) {
        self.init()
        (state, waitingFor, code) = (try query.choice("state"), try query.choice("waitingFor"), try query.code())
        (account, changedSince) = (try query.guid("company"), try query.time("changedSince"))
        let order: ListOrder = try query.choice("order") ?? .newest
        isOldestFirst = order == .oldest
    }
}

/// By the time of the last change.
enum ListOrder: String, CaseIterable { case newest, oldest }

extension AdminAPI {
    func opportunities(_ query: AdminQuery) async throws -> Response {
        let page = try await opportunityPage(query)
        return Response(
            status: 200,
            json: [
                "items": .array(page.listed.map { $0.json(links) }), "next": .optional(page.next.map { "\($0)" }),
            ]
        )
    }

    /// With this id, or among the records whose names have this part.
    private func opportunities(named text: String) async throws(StoreError) -> Set<GUID> {
        if let id = GUID(text) { return [id] }
        let found = try await store.find(text, limit: Self.namesMax)
        return Set(found.filter { $0.entity == .opportunity }.map(\.id))
    }

    /// As many of the newest as are looked at for a part of a name.
    private static let namesMax = 1_000

    func opportunityPage(_ query: AdminQuery) async throws -> OpportunityPage {
        var page = OpportunityPage(filter: try StandingFilter(query))
        let after = try query.after("a time and an id", StandingCursor.init(description:))
        let found: [OpportunityStanding]
        if let text = query.text("q") {
            let named = try await store.standings(try await opportunities(named: text)).values
            found = page.filter.page(of: named, after: after, limit: query.limit + 1)
        } else {
            found = try await store.standings(page.filter, after: after, limit: query.limit + 1)
        }
        let standings = found.prefix(query.limit)
        let keys = standings.flatMap { standing in
            [RecordKey(.opportunity, standing.opportunity)]
                + [standing.account.map { RecordKey(.account, $0) }].compactMap(\.self)
        }
        let records = try await store.records(Array(Set(keys)))
        page.listed = standings.map { standing in
            ListedOpportunity(
                standing: standing,
                name: records[RecordKey(.opportunity, standing.opportunity)]?.calledName,
                accountName: standing.account.flatMap { records[RecordKey(.account, $0)]?.calledName }
            )
        }
        page.next = found.count > query.limit ? standings.last.map(StandingCursor.init) : nil
        return page
    }
}

extension ListedOpportunity {
    fileprivate func json(_ links: RecordLinks) -> JSON {
        [
            "opportunity": .string("\(standing.opportunity)"), "name": .optional(name),
            "account": .optional(standing.account.map { "\($0)" }), "accountName": .optional(accountName),
            "state": .string(standing.state.rawValue), "waitingFor": .optional(standing.waitingFor?.rawValue),
            "waitingSince": .optional(standing.waitingSince.map { "\($0)" }), "code": .optional(standing.code),
            "changedAt": .string("\(standing.changedAt)"),
            "confirmedAt": .optional(standing.confirmedAt.map { "\($0)" }),
            "dynamics": .optional(links.dynamics(RecordKey(.opportunity, standing.opportunity))),
        ]
    }
}
