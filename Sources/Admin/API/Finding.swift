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
}

/// All that a search found.
struct Findings {
    static let opportunitiesMax = 5

    var found: [Found] = []
    /// Whether there is more than was asked for.
    var isCut = false
    /// Of the opportunities in `found`.
    var stories: [GUID: Story] = [:]
}

extension AdminAPI {
    /// By an id, or by part of a name.
    func find(_ query: AdminQuery) async throws -> Response {
        guard let text = query.text("q"), text.contains(where: { !$0.isWhitespace }) else {
            throw Problem(.badRequest, "q is what to find: an id, or part of a name or an e-mail address.")
        }
        let findings = try await find(text, limit: query.limit)
        let book = explainer.projector.book
        let items = findings.found.map { found -> JSON in
            let opportunities = found.opportunities.map { id -> JSON in
                let story = findings.stories[id]
                return [
                    "id": .string("\(id)"), "name": .optional(story?.name), "state": .optional(story?.state(book)),
                ]
            }
            return [
                "kind": .string(found.kind.rawValue), "id": .string(found.id), "name": .optional(found.name),
                "email": .optional(found.email), "opportunities": .array(opportunities),
                "moreOpportunities": .bool(found.isCut),
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
        findings.stories = try await Story.several(findings.found.flatMap(\.opportunities), in: store)
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
        if key.entity == .contact {
            let ids = try await store.referrers(to: key, from: .connection, after: nil, limit: limit)
            for connection in try await store.records(ids.map { RecordKey(.connection, $0) }).values {
                guard case .opportunities(let ids) = explainer.projector.book.reach(through: connection) else {
                    continue
                }
                opportunities += ids
            }
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
    }
}

extension MirrorRecord {
    func text(_ column: String) -> String? {
        if case .text(let text) = self[column], !text.isEmpty { text } else { nil }
    }

    /// Only kept where the configuration needs it.
    var personName: String? {
        let parts = [text("firstname"), text("lastname")].compactMap(\.self).joined(separator: " ")
        return text("fullname") ?? (parts.isEmpty ? nil : parts)
    }
}
