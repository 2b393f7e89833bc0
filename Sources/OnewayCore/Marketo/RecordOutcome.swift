/// What became of one record of a call.
public enum RecordOutcome: Hashable, Sendable {
    /// `created`, `updated`, or `deleted`.
    case done(String)
    /// Skipped, or anything else that is not known to be success.
    case refused([MarketoAnswer.Complaint])
}

extension MarketoAnswer {
    /// What became of each of the records that were sent, in their order. Nil when the list cannot be the answer to
    /// them: then nothing is known of any.
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
