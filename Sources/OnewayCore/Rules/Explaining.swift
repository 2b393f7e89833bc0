/// Explains what the facts of one notification mean by themselves, whatever else is known.
extension RuleBook {
    /// Remarks on facts other than their changes: which record is gone, which records it will affect, or why none.
    public func remarks(on facts: [MirrorRecord]) -> [Reason] {
        facts.filter { $0.isDeleted || !$0.attributes.isEmpty }.flatMap { fact -> [Reason] in
            switch fact.key.entity {
            case .opportunity: deleted(fact).map { [$0] } ?? []
            case .connection: remarks(onConnection: fact)
            case .contact:
                gone(fact, "it no longer has any roles")
                    + [Reason(rule: "R9", says: "every opportunity that depends on \(fact.key) follows")]
                    + (settings.linksPeople ? [Self.personFollows] : [])
            case .account:
                gone(fact, "records that refer to it now have no account")
                    + [Reason(rule: "R13", says: "the company of \(fact.key) follows, if an opportunity names it")]
            case .systemUser:
                [Reason(rule: "R13", says: "the sales person of \(fact.key) follows, if it owns an opportunity")]
            }
        }
    }

    private static let personFollows = Reason(
        rule: "R5",
        says: "its person in Marketo follows to the company of its account, if an opportunity names that"
    )

    private func remarks(onConnection fact: MirrorRecord) -> [Reason] {
        let kind = ConnectionKind(fact)
        switch kind {
        case .stakeholder, .notKnownYet:
            let end = fact.isDeleted ? "was deleted" : isInactive(fact) ? "is inactive" : nil
            if let end { return [Reason(rule: "R10", says: "the connection \(end): the role it gave is withdrawn")] }
        case .mirrorRow, .other, .elsewhere: break
        }
        return kind.ignored.map { [$0] } ?? []
    }

    private func gone(_ fact: MirrorRecord, _ consequence: String) -> [Reason] {
        if fact.isDeleted { return [Reason(rule: "R11", says: "\(fact.key) was deleted: \(consequence)")] }
        guard let winner = fact.mergedInto else { return [] }
        let says = "\(fact.key) was merged into \(fact.key.entity.rawValue) \(winner), which takes its place"
        return [Reason(rule: "R11", says: says)]
    }
}
