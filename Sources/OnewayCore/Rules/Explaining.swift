/// What one notification would do, and why, by its own facts and what else is at hand: nothing, or some mirror.
extension RuleBook {
    /// The opportunities that these facts concern by themselves. Who else depends on them, only a store can find.
    public func concerned(by facts: [MirrorRecord]) -> [GUID] {
        let concerned = facts.flatMap { fact -> Set<GUID> in
            if case .opportunities(let ids) = reach(through: fact) { ids } else { [] }
        }
        return Set(concerned).sorted()
    }

    /// All that these records say about one opportunity.
    public func slice(of opportunity: GUID, in records: [RecordKey: MirrorRecord]) -> Slice {
        let key = RecordKey(.opportunity, opportunity)
        var slice = Slice(records[key] ?? MirrorRecord(key))
        for record in records.values where concerned(by: [record]) == [opportunity] { slice.add(record) }
        var found = true
        while found {
            let next = missing(in: slice).compactMap { records[$0] }
            for record in next { slice.add(record) }
            found = !next.isEmpty
        }
        return slice
    }

    /// What Marketo should be told because of these facts alone, if nothing else were known and Marketo were empty.
    public func changes(by facts: [MirrorRecord]) -> [Change] {
        let records = Dictionary(facts.map { ($0.key, $0) }) { first, _ in first }
        return concerned(by: facts).flatMap { Change.between(project(slice(of: $0, in: records)), []) }
    }

    /// What there is to say of facts beside what they change: who is gone, whom they will concern, or why nobody.
    public func remarks(on facts: [MirrorRecord]) -> [Reason] {
        facts.filter { $0.isDeleted || !$0.attributes.isEmpty }.flatMap { fact -> [Reason] in
            switch fact.key.entity {
            case .opportunity: deleted(fact).map { [$0] } ?? []
            case .connection: remarks(onConnection: fact)
            case .contact:
                gone(fact, "it has no roles any more")
                    + [Reason(rule: "R9", says: "every opportunity that depends on \(fact.key) follows")]
            case .account:
                gone(fact, "who named it has no account")
                    + [Reason(rule: "R13", says: "the company of \(fact.key) follows, if an opportunity names it")]
            }
        }
    }

    private func remarks(onConnection fact: MirrorRecord) -> [Reason] {
        let kind = ConnectionKind(fact)
        switch kind {
        case .stakeholder, .notKnownYet:
            let end = fact.isDeleted ? "was deleted" : isInactive(fact) ? "is inactive" : nil
            if let end { return [Reason(rule: "R10", says: "the connection \(end): the role it gave goes")] }
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
