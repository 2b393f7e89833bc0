import OnewayCore

/// The kinds of records this stand-in holds; the raw value is their part of the path.
public enum MarketoKind: String, CaseIterable, Sendable {
    case opportunity = "opportunities"
    case role = "opportunities/roles"
    case company = "companies"
    case salesPerson = "salespersons"
    case lead = "leads"

    /// Marketo accepts writes of these only if no native CRM sync runs.
    var isCRMManaged: Bool { self != .lead }
}

/// The fields of a kind of record, and how it is found.
struct Schema: Sendable {
    let name: String
    let idField: String
    /// Together they are the key. Leads have none: only their id is unique.
    let dedupeFields: [String]
    /// The fields to search by, one at a time.
    var searchable: [String]
    var fields: [Field]

    func field(_ name: String) -> Field? { fields.first { $0.name == name } }

    /// The fields that a query returns if it names none.
    var fieldsByDefault: [String] {
        dedupeFields.isEmpty
            ? ["id", "firstName", "lastName", "email", "updatedAt", "createdAt"]
            : [idField] + dedupeFields + ["createdAt", "updatedAt"]
    }

    /// Adds a custom field, searchable if Marketo allows that for its type.
    mutating func add(_ field: Field) {
        fields.removeAll { $0.name == field.name }
        fields.append(field)
        let canBeSearched = field.type == .string || field.type == .email || field.type == .integer
        if canBeSearched, !searchable.contains(field.name) { searchable.append(field.name) }
    }
}

extension Schema {
    init(_ kind: MarketoKind) {
        switch kind {
        case .opportunity: self = .opportunity
        case .role: self = .role
        case .company: self = .company
        case .salesPerson: self = .salesPerson
        case .lead: self = .lead
        }
    }

    private static let times = [
        Field("createdAt", .datetime, updateable: false), Field("updatedAt", .datetime, updateable: false),
    ]

    private static func key(_ name: String, length: Int) -> Field {
        Field(name, .string, length: length, updateable: false, required: true)
    }

    private static let guid = Field("marketoGUID", .string, length: 36, updateable: false)
    private static let id = Field("id", .integer, updateable: false)

    private static let opportunity = Schema(
        name: "opportunity",
        idField: "marketoGUID",
        dedupeFields: ["externalOpportunityId"],
        searchable: ["externalOpportunityId", "marketoGUID"],
        fields: [guid, key("externalOpportunityId", length: 50)] + times + [
            Field("name", .string, required: true), Field("description", .string, length: 2000),
            Field("type", .string), Field("stage", .string), Field("source", .string), Field("leadSource", .string),
            Field("nextStep", .string), Field("amount", .currency), Field("expectedRevenue", .currency),
            Field("probability", .percent), Field("quantity", .float), Field("isClosed", .boolean),
            Field("isWon", .boolean), Field("closeDate", .date), Field("lastActivityDate", .date),
            Field("externalCreatedDate", .datetime), Field("fiscalQuarter", .integer), Field("fiscalYear", .integer),
            Field("forecastCategory", .string), Field("forecastCategoryName", .string),
            Field("externalCompanyId", .string, length: 100), Field("externalSalesPersonId", .string),
        ]
    )

    private static let role = Schema(
        name: "opportunityRole",
        idField: "marketoGUID",
        dedupeFields: ["externalOpportunityId", "leadId", "role"],
        searchable: ["marketoGUID", "leadId", "externalOpportunityId"],
        fields: [
            guid, key("externalOpportunityId", length: 50),
            Field("leadId", .integer, updateable: false, required: true),
            key("role", length: 50),
        ] + times + [Field("isPrimary", .boolean), Field("externalCreatedDate", .datetime)]
    )

    private static let company = Schema(
        name: "company",
        idField: "id",
        dedupeFields: ["externalCompanyId"],
        searchable: ["externalCompanyId", "id", "company"],
        fields: [id, key("externalCompanyId", length: 100)] + times + [
            Field("company", .string), Field("site", .string), Field("website", .url), Field("industry", .string),
            Field("mainPhone", .phone), Field("annualRevenue", .currency), Field("numberOfEmployees", .integer),
            Field("sicCode", .string), Field("billingStreet", .string), Field("billingCity", .string),
            Field("billingState", .string), Field("billingPostalCode", .string), Field("billingCountry", .string),
            Field("companyNotes", .text, length: 30_000), Field("externalSalesPersonId", .string),
        ]
    )

    private static let salesPerson = Schema(
        name: "salesPerson",
        idField: "id",
        dedupeFields: ["externalSalesPersonId"],
        searchable: ["externalSalesPersonId", "id", "email"],
        fields: [id, key("externalSalesPersonId", length: 255)] + times + [
            Field("email", .email), Field("firstName", .string), Field("lastName", .string), Field("phone", .phone),
            Field("title", .string),
        ]
    )

    private static let lead = Schema(
        name: "lead",
        idField: "id",
        dedupeFields: [],
        searchable: ["id", "email", "externalPersonId"],
        fields: [id] + times + [
            Field("email", .email), Field("firstName", .string), Field("lastName", .string), Field("company", .string),
            Field("title", .string), Field("phone", .phone), Field("country", .string), Field("leadSource", .string),
            Field("externalCompanyId", .string, length: 100), Field("externalPersonId", .string),
            Field("externalSalesPersonId", .string),
        ]
    )
}
