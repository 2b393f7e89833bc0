/// One selected field: a Dynamics column and the Marketo field that holds it.
public struct FieldMapping: Sendable, Equatable {
    /// The column's logical name.
    public let column: String
    /// The Marketo field's API name.
    public let field: String
    /// Nil is what the Dynamics type implies.
    public let conversion: Conversion?

    public init(column: String, field: String, conversion: Conversion? = nil) {
        self.column = column
        self.field = field
        self.conversion = conversion
    }

    public enum Conversion: Sendable, Equatable {
        case text, money, date, dateTime, whole, decimal, yesNo
        /// A number without a label is sent as the number.
        case choice(labels: [Int: String])
        case choices(labels: [Int: String], separator: String)
        case lookup(by: LookupPart)
    }

    public enum LookupPart: String, Sendable, CaseIterable { case id, name }

    static let choicesSeparator = ";"

    /// These follow the rules, regardless of the mapping.
    static let ruledFields: Set<String> = [
        "externalOpportunityId", "externalCompanyId", "amount", "isClosed", "isWon",
    ]
}
