import Applying
import HTTPServer
import Intake
import OnewayCore
import Reading
import Store

/// What a search found: a record that Dynamics sent, with the opportunities it concerns, or a notification.
struct Found {
    enum Kind: String { case opportunity, account, contact, notification }

    let kind: Kind
    let id: String
    let name: String?
    let email: String?
    /// Of an opportunity itself.
    var opportunities: [GUID]
    /// Whether there are more of them.
    var isCut = false
    /// Of a notification: what became of it, and why. None of its values.
    var item: InboxItem?
}

/// All that a search found.
struct Findings {
    static let opportunitiesMax = 5
    static let connectionsPerPage = 20

    var found: [Found] = []
    /// Whether there is more than was asked for.
    var isCut = false
    /// Of the opportunities in `found`.
    var names: [GUID: String] = [:]
    var standings: [GUID: OpportunityStanding] = [:]
}

extension AdminAPI {
    /// By an id, or by part of a name.
    func find(_ query: AdminQuery) async throws -> Response {
        guard let text = query.text("q"), text.contains(where: { !$0.isWhitespace }) else {
            throw Problem(.badRequest, "q is what to find: an id, or part of a name or an e-mail address.")
        }
        let findings = try await find(text, limit: query.limit)
        let items = findings.found.map { found -> JSON in
            let opportunities = found.opportunities.map { id -> JSON in
                [
                    "id": .string("\(id)"), "name": .optional(findings.names[id]),
                    "state": .optional(findings.standings[id]?.state.rawValue),
                ]
            }
            return [
                "kind": .string(found.kind.rawValue), "id": .string(found.id), "name": .optional(found.name),
                "email": .optional(found.email), "opportunities": .array(opportunities),
                "moreOpportunities": .bool(found.isCut), "dynamics": .optional(found.key.flatMap(links.dynamics)),
                "notification": found.item?.json ?? .null,
            ]
        }
        return Response(status: 200, json: ["items": .array(items), "more": .bool(findings.isCut)])
    }

    func find(_ text: String, limit: Int) async throws -> Findings {
        var findings = Findings()
        let word = text.filter { !$0.isWhitespace }
        if let id = GUID(word) {
            findings.found = try await records(with: id)
        } else {
            if let id = InboxID(word), let item = try await store.inboxItem(id) { findings.found = [Found(item)] }
            let keys = try await store.find(text, limit: limit + 1)
            let records = try await store.records(keys)
            // Whatever was removed between the two reads is not shown.
            for record in keys.prefix(limit).compactMap({ records[$0] }) {
                findings.found.append(try await found(record))
            }
            findings.isCut = keys.count > limit
        }
        let opportunities = Set(findings.found.flatMap(\.opportunities))
        findings.standings = try await store.standings(opportunities)
        for found in findings.found where found.kind == .opportunity {
            if let id = GUID(found.id) { findings.names[id] = found.name }
        }
        let others = opportunities.filter { findings.names[$0] == nil }
        let records = try await store.records(others.map { RecordKey(.opportunity, $0) })
        for (key, record) in records { findings.names[key.id] = record.calledName }
        return findings
    }

    private func records(with id: GUID) async throws -> [Found] {
        let keys = [Entity.opportunity, .account, .contact].map { RecordKey($0, id) }
        let records = try await store.records(keys)
        var found: [Found] = []
        for record in keys.compactMap({ records[$0] }) { found.append(try await self.found(record)) }
        // One that was refused, or of which nothing was applied yet, is not in the mirror.
        if found.isEmpty, try await Story(of: id, in: store, notificationsMax: 1) != nil {
            found = [Found(kind: .opportunity, id: "\(id)", name: nil, email: nil, opportunities: [id])]
        }
        return found
    }

    private func found(_ record: MirrorRecord) async throws -> Found {
        let key = record.key
        guard key.entity != .opportunity else { return Found(record, .opportunity, [key.id]) }
        let limit = Findings.opportunitiesMax + 1
        var opportunities = try await store.referrers(to: key, from: .opportunity, after: nil, limit: limit)
        if key.entity == .account {
            // Also those that have it by way of their contact.
            var filter = StandingFilter()
            filter.account = key.id
            opportunities += try await store.standings(filter, after: nil, limit: limit).map(\.opportunity)
        } else {
            // Several connections may name the same opportunity.
            var last: GUID?
            repeat {
                let page = Findings.connectionsPerPage
                let ids = try await store.referrers(to: key, from: .connection, after: last, limit: page)
                for connection in try await store.records(ids.map { RecordKey(.connection, $0) }).values {
                    guard case .opportunities(let named) = explainer.projector.book.reach(through: connection) else {
                        continue
                    }
                    opportunities += named
                }
                last = ids.count < page ? nil : ids.last
            } while last != nil && Set(opportunities).count < limit
        }
        let all = Set(opportunities).sorted()
        var found = Found(
            record,
            key.entity == .contact ? .contact : .account,
            Array(all.prefix(Findings.opportunitiesMax))
        )
        found.isCut = all.count > Findings.opportunitiesMax
        return found
    }
}

extension Found {
    /// Nil: it is not a record of Dynamics.
    var key: RecordKey? {
        let entity: Entity? =
            switch kind {
            case .opportunity: .opportunity
            case .account: .account
            case .contact: .contact
            case .notification: nil
            }
        return entity.flatMap { entity in GUID(id).map { RecordKey(entity, $0) } }
    }

    fileprivate init(_ record: MirrorRecord, _ kind: Kind, _ opportunities: [GUID]) {
        self.init(
            kind: kind,
            id: "\(record.key.id)",
            name: kind == .contact ? record.personName : record.text("name"),
            email: kind == .contact ? record.text("emailaddress1") : nil,
            opportunities: opportunities
        )
    }

    fileprivate init(_ item: InboxItem) {
        let opportunities = [item.opportunity].compactMap(\.self)
        self.init(kind: .notification, id: "\(item.id)", name: nil, email: nil, opportunities: opportunities)
        self.item = item
    }
}
