/// R3: one field that the operator selected, a Dynamics column and the Marketo field that holds it.
public struct SelectedField: Sendable, Equatable {
    public let column: String
    /// Marketo's API name.
    public let field: String
    /// Nil: the default for the Dynamics type.
    public let conversion: Conversion?

    public init(_ column: String, _ field: String, as conversion: Conversion? = nil) {
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

    public enum LookupPart: Sendable, Equatable { case id, name }

    /// The mapping if the operator selects nothing. `closeDate` is not in it, because it comes from two columns (R12).
    public static let byDefault = [
        SelectedField("name", "name"),
        SelectedField("description", "description"),
        SelectedField("stepname", "stage"),
        SelectedField("closeprobability", "probability", as: .whole),
        SelectedField("createdon", "externalCreatedDate", as: .dateTime),
    ]

    /// These follow the rules regardless of the selection.
    public static let ruled: Set<String> = [
        "externalOpportunityId", "externalCompanyId", "amount", "isClosed", "isWon",
    ]

    /// Dynamics' own columns that hold a day without a time.
    static let daysByNature: Set<String> = ["estimatedclosedate", "actualclosedate", "finaldecisiondate"]
}
