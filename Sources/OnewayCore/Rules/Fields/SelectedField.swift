/// R3: one field that the operator selected, a Dynamics column and the Marketo field that holds it.
public struct SelectedField: Sendable, Equatable {
    public let column: String
    /// Marketo's API name.
    public let field: String
    /// Nil is what the Dynamics type implies.
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

    /// Where the operator selects nothing. `closeDate` comes from two columns and is not among them: see R12.
    public static let byDefault = [
        SelectedField("name", "name"),
        SelectedField("description", "description"),
        SelectedField("stepname", "stage"),
        SelectedField("closeprobability", "probability", as: .whole),
        SelectedField("createdon", "externalCreatedDate", as: .dateTime),
    ]

    /// These follow the rules, whatever is selected.
    public static let ruled: Set<String> = [
        "externalOpportunityId", "externalCompanyId", "amount", "isClosed", "isWon",
    ]

    /// Dynamics' own columns that hold a day and no time.
    static let daysByNature: Set<String> = ["estimatedclosedate", "actualclosedate", "finaldecisiondate"]
}
