import OnewayCore
import Store

/// What people call the records of a page: names from the mirror, read at once.
struct RecordNames {
    private var records: [RecordKey: MirrorRecord] = [:]

    init(_ items: [OutboxItem], in store: any StoreQueries) async throws(StoreError) {
        records = try await store.records(
            Array(Set(items.flatMap { [Self.subject(of: $0), Self.person(of: $0)] }.compactMap(\.self)))
        )
    }

    /// The opportunity's or the company's.
    func name(of item: OutboxItem) -> String? {
        guard let key = Self.subject(of: item), case .text(let name) = records[key]?["name"] else { return nil }
        return name
    }

    /// Of a role: the person's name, else the address. Both are only kept where the configuration needs them.
    func contact(of item: OutboxItem) -> String? {
        guard let key = Self.person(of: item), let record = records[key] else { return nil }
        func text(_ column: String) -> String? { if case .text(let text) = record[column] { text } else { nil } }
        let parts = [text("firstname"), text("lastname")].compactMap(\.self).joined(separator: " ")
        return text("fullname") ?? (parts.isEmpty ? text("emailaddress1") : parts)
    }

    private static func subject(of item: OutboxItem) -> RecordKey? {
        if item.key.kind == .company { return GUID(item.key.text).map { RecordKey(.account, $0) } }
        return item.opportunity.map { RecordKey(.opportunity, $0) }
    }

    private static func person(of item: OutboxItem) -> RecordKey? {
        item.key.role.map { RecordKey(.contact, $0.contact) }
    }
}
