import Applying
import HTTPServer
import Intake
import OnewayCore
import Reading
import Store

/// The people whom Marketo lacks: who they are, and what was looked up.
package struct PersonSought {
    let person: MissingPerson
    let name: String?
    let email: String?
    let sought: Sought?
}

extension AdminAPI {
    /// As a list, or for marketing as CSV: a page of it is a file, and `Link` names the next.
    func missingPeople(_ query: AdminQuery) async throws -> Response {
        let format: ListFormat = try query.choice("format") ?? .json
        let after = try query.after("a contact's id") { GUID($0) }
        let (people, next) = try await people(after: after, limit: query.limit)
        switch format {
        case .json:
            return Response(
                status: 200,
                json: ["items": .array(people.map { $0.json(links) }), "next": .optional(next.map { "\($0)" })]
            )
        case .csv: return Response(people, next: next, query.limit)
        }
    }

    private func people(after: GUID?, limit: Int) async throws(StoreError) -> ([PersonSought], next: GUID?) {
        let found = try await store.missingPeople(after: after, limit: limit + 1)
        let page = found.prefix(limit)
        let records = try await store.records(page.map { RecordKey(.contact, $0.contact) })
        var roles: [OutboxItem] = []
        for person in page {
            if let role = try await store.outboxItem(person.role) { roles.append(role) }
        }
        let names = try await RecordNames(roles, in: store)
        let items = Dictionary(roles.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        let people = page.map { person in
            let record = records[RecordKey(.contact, person.contact)]
            return PersonSought(
                person: person,
                name: record?.personName,
                email: record?.text("emailaddress1"),
                sought: items[person.role].flatMap { names.sought(by: $0, field: connections.leadField) }
            )
        }
        return (people, found.count > limit ? page.last?.contact : nil)
    }
}

enum ListFormat: String, CaseIterable { case json, csv }

extension PersonSought {
    fileprivate func json(_ links: RecordLinks) -> JSON {
        [
            "contact": .string("\(person.contact)"), "name": .optional(name), "email": .optional(email),
            "field": .optional(sought?.field), "value": .optional(sought?.value),
            "askedAt": .optional(sought?.askedAt.map { "\($0)" }), "since": .optional(person.since.map { "\($0)" }),
            "roles": .int(person.roles), "dynamics": .optional(links.dynamics(RecordKey(.contact, person.contact))),
        ]
    }

    fileprivate var fields: [String] {
        [
            "\(person.contact)", name ?? "", email ?? "", sought?.field ?? "", sought?.value ?? "",
            person.since.map { "\($0)" } ?? "", "\(person.roles)",
        ]
    }

    package static let headings = ["contact", "name", "email", "field", "value", "since", "roles"]
}

extension Response {
    fileprivate init(_ people: [PersonSought], next: GUID?, _ limit: Int) {
        var text = CSV.line(PersonSought.headings)
        for person in people { text += CSV.line(person.fields) }
        var headers = [
            ("Content-Type", "text/csv; charset=utf-8; header=present"), ("Cache-Control", "no-store"),
            ("Content-Disposition", "attachment; filename=\"missing-people.csv\""),
            ("X-Content-Type-Options", "nosniff"),
        ]
        if let next {
            headers.append(
                ("Link", "</api/waiting/people?format=csv&limit=\(limit)&after=\(next)>; rel=\"next\"")
            )
        }
        self.init(status: 200, headers: headers, body: Array(text.utf8))
    }
}
