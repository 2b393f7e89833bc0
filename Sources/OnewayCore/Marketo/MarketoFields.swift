/// The fields that an instance of Marketo has for one kind of record. Every instance has others: only it knows them.
public struct MarketoFields: Sendable {
    public struct Field: Hashable, Sendable {
        public let name: String
        public let displayName: String
        /// Such as `string`, `currency`, `datetime`.
        public let dataType: String
        /// The longest text it takes; nil where Marketo gives none.
        public let length: Int?
        /// Fields that identify a record are not, and are written all the same.
        public let isUpdateable: Bool
    }

    public let byName: [String: Field]
    /// What identifies a record; empty for leads.
    public let dedupeFields: [String]
    /// The fields by which records can be found, each by itself.
    public let searchable: Set<String>

    /// From the answer to a describing call that succeeded.
    public init(_ answer: MarketoAnswer) throws(MarketoAnswer.Unreadable) {
        guard answer.isSuccess, answer.results.count == 1, let object = answer.results.first?.fields,
            let fields = object["fields"], fields.isArray
        else { throw MarketoAnswer.Unreadable(says: "the answer describes no fields") }
        byName = Dictionary(fields.elements.compactMap(Field.init).map { ($0.name, $0) }) { first, _ in first }
        dedupeFields = object["dedupeFields"]?.elements.compactMap(\.string) ?? []
        let groups = object["searchableFields"]?.elements ?? []
        searchable = Set(groups.compactMap { $0.elements.count == 1 ? $0.elements.first?.string : $0.string })
    }
}

extension MarketoFields.Field {
    init?(_ value: JSONValue) {
        guard let name = value["name"]?.string, !name.isEmpty else { return nil }
        self.name = name
        displayName = value["displayName"]?.string ?? name
        dataType = value["dataType"]?.string ?? ""
        length = value["length"]?.int
        isUpdateable = value["updateable"]?.bool ?? true
    }
}
