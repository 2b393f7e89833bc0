/// The outcome of one record of a call.
public enum RecordOutcome: Hashable, Sendable {
    /// `created`, `updated`, or `deleted`.
    case done(String)
    /// Skipped, or anything else not known to be a success.
    case refused([MarketoAnswer.Complaint])
}

extension MarketoAnswer {
    /// The outcome of each record that was sent, in order. Nil if the list cannot be the answer to them: then no
    /// outcome is known.
    public func outcomes(of count: Int) -> [RecordOutcome]? {
        guard isSuccess, results.count == count else { return nil }
        var outcomes: [RecordOutcome] = []
        for (index, result) in results.enumerated() {
            guard result.sequence == .none || result.sequence == .at(index) else { return nil }
            outcomes.append(result.outcome)
        }
        return outcomes
    }
}

extension MarketoAnswer.Result {
    fileprivate var outcome: RecordOutcome {
        if let status, ["created", "updated", "deleted"].contains(status), complaints.isEmpty { return .done(status) }
        return .refused(complaints)
    }
}
