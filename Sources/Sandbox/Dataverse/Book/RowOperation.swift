import OnewayCore

/// A change to a row, in one transaction.
enum RowOperation: Sendable {
    /// Nil stands for an explicit null.
    typealias Values = [String: ColumnValue?]

    case create(table: String, id: GUID?, Values)
    case update(table: String, GUID, Values)
    case delete(table: String, GUID)
    /// Win or lose.
    case close(opportunity: GUID, won: Bool, actualValue: String?)
    case merge(table: String, master: GUID, subordinate: GUID)
}

/// The user and the depth of a change.
struct Origin: Sendable {
    let user: GUID
    var depth = 1
    /// Runs no steps, as data loads do.
    var bypassesSteps = false
}

/// A message that steps can be registered on.
struct RowEvent: Sendable {
    enum Input: Sendable {
        /// The columns of the request and those that Dataverse computed.
        case entity(RowOperation.Values)
        case reference
        case closing(RowOperation.Values, status: Int)
        /// The losing row.
        case merging(before: Row, after: Row)
    }

    let message: String
    let table: String
    let id: GUID
    let input: Input
    let before: Row?
    let after: Row?
    let origin: Origin
    /// Differs from `origin.user` if the system executes it.
    let user: GUID
    let at: Timestamp
}

/// The result of an operation.
struct Applied: Sendable {
    let id: GUID
    var events: [RowEvent]
}
