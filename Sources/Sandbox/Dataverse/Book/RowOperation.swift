import OnewayCore

/// What somebody does to a row, in one transaction.
enum RowOperation: Sendable {
    /// A value of nil is an explicit null.
    typealias Values = [String: ColumnValue?]

    case create(table: String, id: GUID?, Values)
    case update(table: String, GUID, Values)
    case delete(table: String, GUID)
    /// Won or lost, with what it brought.
    case close(opportunity: GUID, won: Bool, actualValue: String?)
    case merge(table: String, master: GUID, subordinate: GUID)
}

/// In whose name something is done, and how many plug-ins it is away from a person.
struct Origin: Sendable {
    let user: GUID
    var depth = 1
    /// As data loads do it: no step hears of it.
    var bypassesSteps = false
}

/// What an operation did to one row: a message that steps can be registered on.
struct RowEvent: Sendable {
    enum Input: Sendable {
        /// The columns that were sent, and those that Dataverse computed along.
        case entity(RowOperation.Values)
        case reference
        case closing(RowOperation.Values, status: Int)
        /// The row that is put aside.
        case merging(before: Row, after: Row)
    }

    let message: String
    let table: String
    let id: GUID
    let input: Input
    let before: Row?
    let after: Row?
    let origin: Origin
    /// Other than `origin.user` where Dataverse does it itself.
    let user: GUID
    let at: Timestamp
}

/// What became of an operation.
struct Applied: Sendable {
    let id: GUID
    var events: [RowEvent]
}
