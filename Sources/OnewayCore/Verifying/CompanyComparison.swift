/// A company on both sides.
public struct CompanyComparison {
    public let finding: Finding?
    public let tally: VerifyTally

    /// `before` and `after` are the outbox's row before and after Marketo was read; `held` is what Marketo holds.
    public init(
        expected: DesiredRecord?,
        before: OutboxItem? = nil,
        after: OutboxItem? = nil,
        held: JSONValue?,
        fields: MarketoFields?
    ) {
        let standing = Standing(expected, before, after)
        var tally = VerifyTally()
        tally.count(standing)
        self.tally = tally
        guard standing == .comparable, let key = expected?.key ?? before?.key else {
            finding = nil
            return
        }
        let comparison = RecordComparison(key, expected, before)
        finding = comparison.expected == nil ? nil : comparison.finding(held, of: nil, fields)
    }
}

extension OpportunityComparison {
    /// The fields that both sides are compared in.
    public var fieldNames: Set<String> {
        let key = DeliveryKey(.opportunity, "\(id)")
        let records = [expected[key]?.desired.record, before[key]?.state.desired].compactMap(\.self)
        return Set(records.flatMap { RecordMembers($0).all.map(\.name) })
    }
}
