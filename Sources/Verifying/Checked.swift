import OnewayCore

/// A finding with what would put it right on Oneway's side.
struct Suspect: Hashable {
    let finding: Finding
    /// The opportunity whose comparison it came from; nil: of a company.
    let owner: GUID?
    let remedy: Remedy

    enum Remedy: Hashable {
        /// The record is sent once more.
        case send(DeliveryKey)
        /// Dynamics is asked for these, and what follows from the answers is sent.
        case ask(Set<RecordKey>)
        /// It is only reported (R2).
        case none
    }
}

/// The result of comparing some records.
struct Checked {
    var suspects: [Suspect] = []
    var tally = VerifyTally()
    /// Opportunities that Marketo and Dynamics have, and of which Oneway was never told.
    var untold = 0

    mutating func add(_ other: Checked) {
        suspects += other.suspects
        tally.add(other.tally)
        untold += other.untold
    }
}
