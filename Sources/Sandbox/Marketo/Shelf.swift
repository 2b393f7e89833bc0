import OnewayCore

/// A record as it is held. Null fields are absent.
struct HeldRecord: Sendable {
    /// The order of creation, and Marketo's integer id where the kind has one.
    let number: Int
    var values: [String: JSON]
}

/// All records of one kind, found by number, by key, and by each field that can be searched.
struct Shelf: Sendable {
    var schema: Schema
    private var records: [Int: HeldRecord] = [:]
    private var byKey: [String: Int] = [:]
    /// field -> value -> the records that have it.
    private var byField: [String: [String: Set<Int>]] = [:]

    init(_ schema: Schema) { self.schema = schema }

    var all: [HeldRecord] { records.values.sorted { $0.number < $1.number } }
    var count: Int { records.count }

    subscript(number: Int) -> HeldRecord? { records[number] }

    func record(key: String) -> HeldRecord? { byKey[key].flatMap { records[$0] } }

    func records(_ field: String, _ value: String) -> [HeldRecord] {
        (byField[field]?[value] ?? []).sorted().compactMap { records[$0] }
    }

    func has(_ field: String, _ value: String) -> Bool { byField[field]?[value]?.isEmpty == false }

    mutating func put(_ record: HeldRecord) {
        remove(record.number)
        records[record.number] = record
        if let key = schema.key(record.values) { byKey[key] = record.number }
        for (name, value) in indexed(record) { byField[name, default: [:]][value, default: []].insert(record.number) }
    }

    mutating func remove(_ number: Int) {
        guard let old = records.removeValue(forKey: number) else { return }
        if let key = schema.key(old.values) { byKey[key] = nil }
        for (name, value) in indexed(old) {
            byField[name]?[value]?.remove(number)
            if byField[name]?[value]?.isEmpty == true { byField[name]?[value] = nil }
        }
    }

    /// Adds a custom field, which becomes searchable for existing records too.
    mutating func add(_ field: Field) {
        let held = all
        for record in held { remove(record.number) }
        schema.add(field)
        for record in held { put(record) }
    }

    /// Links count as searchable here: they find the records that refer to another one.
    private func indexed(_ record: HeldRecord) -> [(name: String, value: String)] {
        (Set(schema.searchable).union(Self.links)).compactMap { name in
            record.values[name].map { (name, $0.shown) }
        }
    }

    private static let links = ["externalCompanyId", "externalSalesPersonId"]
}

extension Schema {
    func idMember(_ record: HeldRecord) -> JSON.Member { JSON.Member(idField, record.values[idField] ?? .null) }

    /// The key as one text; nil if a part is missing or the kind has none.
    func key(_ values: [String: JSON]) -> String? {
        guard !dedupeFields.isEmpty else { return nil }
        var parts: [String] = []
        for name in dedupeFields {
            guard let value = values[name], value != .null else { return nil }
            parts.append(value.shown)
        }
        return parts.joined(separator: "/")
    }
}
