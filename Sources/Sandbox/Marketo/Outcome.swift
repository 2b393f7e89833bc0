import OnewayCore

/// The outcome of one record of a call, in the order in which they were sent.
struct Outcome: Sendable {
    enum Status: String, Sendable { case created, updated, deleted, skipped }

    var status: Status
    /// The record's key, for a lead its id; nil if it is not known.
    var key: String?
    /// Marketo's own id of the record, with the name of its field.
    var id: JSON.Member?
    var reasons: [MarketoFailure] = []
    /// The record as it was sent.
    var sent: JSON = .null

    static func skipped(_ reason: MarketoFailure) -> Outcome { Outcome(status: .skipped, reasons: [reason]) }
}

/// Returns a failure instead of executing the record with this key: how tests ask for failures.
typealias RecordFault = @Sendable (_ key: String?) -> MarketoFailure?
