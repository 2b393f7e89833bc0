/// The fields that a Marketo instance has for one kind of record. They differ between instances.
public struct MarketoFields: Sendable {
    public struct Field: Hashable, Sendable {
        public let name: String
        public let displayName: String
        /// Such as `string`, `currency`, `datetime`.
        public let dataType: String
        /// The maximum text length; nil if Marketo gives none.
        public let length: Int?
        /// False for fields that identify a record, which are written nevertheless.
        public let isUpdateable: Bool
    }

    public let byName: [String: Field]
    /// The fields that identify a record; empty for leads.
    public let dedupeFields: [String]
    /// The fields that records can be searched by, each on its own.
    public let searchable: Set<String>

    /// From the answer to a successful `describe` call.
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
