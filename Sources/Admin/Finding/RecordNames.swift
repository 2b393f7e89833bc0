import OnewayCore
import Store

/// What people call the records of a page, and what Marketo was asked to find their people: read at once.
struct RecordNames {
    /// By id, of any record that the page shows.
    private(set) var all: [GUID: String] = [:]
    private var leads: [String: RememberedLead] = [:]

    /// - Parameter mentioned: Further records that the page shows.
    init(_ items: [OutboxItem], and mentioned: [GUID] = [], in store: any StoreQueries) async throws(StoreError) {
        let entities: [Entity] = [.opportunity, .account, .contact, .systemUser]
        let keys = items.flatMap(\.records) + mentioned.flatMap { id in entities.map { RecordKey($0, id) } }
        all = try await Self.names(Set(keys), in: store)
        leads = try await store.leads(items.compactMap(\.soughtValue))
    }

    private static func names(
        _ keys: Set<RecordKey>,
        in store: any StoreQueries
    ) async throws(StoreError) -> [GUID: String] {
        let records = try await store.records(Array(keys))
        var names: [GUID: String] = [:]
        for record in records.values { names[record.key.id] = record.calledName ?? names[record.key.id] }
        return names
    }

    /// The opportunity's, the company's, or the sales person's.
    func name(of item: OutboxItem) -> String? { item.subjectOfName.flatMap { all[$0] } }

    /// Of a role and a person: the person's name, else the address. Both are only kept where the configuration needs them.
    func contact(of item: OutboxItem) -> String? { item.contact.flatMap { all[$0] } }

    /// What was looked up in vain; nil: it does not wait for that.
    func sought(by item: OutboxItem, field: String) -> Sought? {
        item.soughtValue.map { value in
            let lead = leads[value]
            return Sought(field: field, value: value, askedAt: lead?.askedAt, misses: lead?.misses ?? 0)
        }
    }
}

/// What Marketo was asked to find a person.
struct Sought {
    let field: String
    let value: String
    /// Nil: not yet.
    let askedAt: Timestamp?
    /// How many times in a row there was no such person.
    let misses: Int

    var json: JSON {
        [
            "field": .string(field), "value": .string(value), "askedAt": .optional(askedAt.map { "\($0)" }),
            "misses": .int(misses),
        ]
    }
}

extension OutboxItem {
    /// The record of Dynamics that gives it its name.
    fileprivate var subjectOfName: GUID? { key.kind.isShared ? GUID(key.text) : opportunity }

    /// Those of Dynamics that it is about.
    fileprivate var records: [RecordKey] {
        let entity: Entity =
            switch key.kind {
            case .company: .account
            case .salesPerson: .systemUser
            case .opportunity, .role, .person: .opportunity
            }
        let subject = subjectOfName.map { RecordKey(entity, $0) }
        return [subject, contact.map { RecordKey(.contact, $0) }].compactMap(\.self)
    }

    /// The value by which its person is looked up, where it waits for one.
    var soughtValue: String? { state.waitingFor == .lead ? leadValue : nil }
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

    /// A person's name, else the address; anything else's name.
    var calledName: String? {
        switch key.entity {
        case .contact: personName ?? text("emailaddress1")
        case .systemUser: personName ?? text("internalemailaddress")
        case .opportunity, .account, .connection: text("name")
        }
    }
}
