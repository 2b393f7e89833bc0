import OnewayCore

/// A lead in an answer of Marketo.
struct FoundLead {
    let id: Int64
    /// The value that it was found by, in lower case: Marketo may give it in another case than it was asked for.
    let value: String

    init?(_ fields: JSONValue, by field: String) {
        guard let id = fields["id"]?.int, let value = fields[field]?.string ?? fields[field]?.number else { return nil }
        (self.id, self.value) = (Int64(id), value.lowercased())
    }
}
