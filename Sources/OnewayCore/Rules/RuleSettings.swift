/// The operator's settings for the rules.
public struct RuleSettings: Sendable, Equatable {
    /// The role of a contact that is the customer (R4).
    public var customerRole = "Customer"
    /// The role of a stakeholder whose connection role has no configured name (R6).
    public var stakeholderRole = "Stakeholder"
    /// By connection role: the operator's names, which override those read from Dynamics (R10).
    public var roleNames: [GUID: String] = [:]
    /// Whether names of connection roles are read from Dynamics (R10).
    public var readsRoleNames = false
    public var amount = Amount()
    public var onDelete = Departure.withdraw
    public var syncWhen: SyncWhen?
    public var onNoLongerMatching = Departure.keep
    /// Whether Marketo's people get the company of their contact's account.
    public var linksPeople = false
    /// Whether the user who owns an opportunity is its sales person in Marketo.
    public var sendsSalesPersons = false
    /// The role of a contact that the form names beside an account (R5b); nil: none.
    public var formContactRole: String?
    /// Nil is the default mapping.
    public var fields: [SelectedField]?
    /// The contact's column by which its lead is found in Marketo; `contactid` is the contact's id.
    public var leadColumn = Self.contactID
    /// Whether a contact that Marketo does not know is created as a lead there, from the `personColumns`.
    public var createsLeads = false
    /// The maximum text length of a Marketo field, by API name. Marketo's `describe` is more accurate than these
    /// defaults.
    public var textLengthsMax = ["description": 2000]

    /// Fields that follow the rules regardless of the selection.
    public var ruledFields: Set<String> {
        sendsSalesPersons ? SelectedField.ruled.union([RuleBook.salesPersonField]) : SelectedField.ruled
    }

    public static let contactID = "contactid"
    /// Of a connection, next to the role itself.
    static let roleNameColumn = LookupName.column(of: "record2roleid")
    public static let personColumns: Set = ["firstname", "lastname", "emailaddress1"]
    public static let roleNameLengthMax = 50
    public static let textLengthMax = 255

    public init() {}

    /// The column that is the amount (R12).
    public struct Amount: Sendable, Equatable {
        public var open = "estimatedvalue"
        public var won = "actualvalue"

        public init(open: String = "estimatedvalue", won: String = "actualvalue") {
            self.open = open
            self.won = won
        }
    }

    /// The treatment of an opportunity in Marketo that no longer belongs there (R11, R14).
    public enum Departure: Sendable, Equatable {
        /// It is deleted, after its roles.
        case withdraw
        /// It stays as Marketo last confirmed it.
        case keep
    }

    /// Only opportunities whose column has this value are synced (R14).
    public struct SyncWhen: Sendable, Equatable {
        public let column: String
        public let equals: Literal

        public init(column: String, equals: Literal) {
            self.column = column
            self.equals = equals
        }
    }

    public enum Literal: Sendable, Equatable {
        case yesNo(Bool)
        case number(String)
        case text(String)
    }
}
