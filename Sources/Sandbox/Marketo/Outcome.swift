import OnewayCore

/// What became of one record of a call, in the order they were sent.
struct Outcome: Sendable {
    enum Status: String, Sendable { case created, updated, deleted, skipped }

    var status: Status
    /// The record's key, for a lead its id; nil where it cannot be told.
    var key: String?
    /// Marketo's own id of the record, with the name it goes by.
    var id: JSON.Member?
    var reasons: [MarketoFailure] = []
    /// The record as it was sent.
    var sent: JSON = .null

    static func skipped(_ reason: MarketoFailure) -> Outcome { Outcome(status: .skipped, reasons: [reason]) }
}

/// Answers instead of doing a record, by its key: how tests ask for failures.
typealias RecordFault = @Sendable (_ key: String?) -> MarketoFailure?
