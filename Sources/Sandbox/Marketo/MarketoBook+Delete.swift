import OnewayCore

extension MarketoBook {
    /// Deletes records, but none that others refer to: roles go before their opportunity, opportunities and leads
    /// before their company.
    mutating func delete(
        _ kind: MarketoKind,
        _ request: SyncRequest,
        fault: RecordFault = { _ in nil }
    ) -> [Outcome] {
        request.input.map { sent in
            let key = keyOfInput(kind, sent.members, isByID: request.isByID)
            var outcome: Outcome
            do throws(MarketoFailure) {
                if let failure = fault(key) { throw failure }
                outcome = try delete(kind, sent.members, isByID: request.isByID)
            } catch {
                outcome = .skipped(error)
            }
            outcome.key = key
            outcome.sent = sent
            return outcome
        }
    }

    private mutating func delete(
        _ kind: MarketoKind,
        _ values: [String: JSON],
        isByID: Bool
    ) throws(MarketoFailure) -> Outcome {
        let schema = self[kind].schema
        let keyFields = isByID ? [schema.idField] : schema.dedupeFields
        for name in keyFields {
            guard let value = values[name], value != .null else { throw .missing(name) }
            _ = try schema.field(name)?.kept(value)
        }
        guard let held = toDelete(kind, values, isByID: isByID) else {
            throw MarketoFailure(kind == .lead ? "1004" : "1013")
        }
        if isInUse(kind, held) { throw MarketoFailure("1022") }
        self[kind].remove(held.number)
        if kind == .lead {
            for role in self[.role].records("leadId", "\(held.number)") { self[.role].remove(role.number) }
        }
        return Outcome(status: .deleted, id: schema.idMember(held))
    }

    private func toDelete(_ kind: MarketoKind, _ values: [String: JSON], isByID: Bool) -> HeldRecord? {
        guard isByID else { return self[kind].schema.key(values).flatMap { self[kind].record(key: $0) } }
        let name = self[kind].schema.idField
        return values[name].flatMap { self[kind].records(name, $0.shown).first }
    }

    private func isInUse(_ kind: MarketoKind, _ held: HeldRecord) -> Bool {
        switch kind {
        case .opportunity: refers([.role], "externalOpportunityId", held)
        case .company: refers([.opportunity, .lead], "externalCompanyId", held)
        case .salesPerson: refers([.opportunity, .company, .lead], "externalSalesPersonId", held)
        case .role, .lead: false
        }
    }

    private func refers(_ kinds: [MarketoKind], _ link: String, _ held: HeldRecord) -> Bool {
        guard let key = held.values[link]?.shown else { return false }
        return kinds.contains { self[$0].has(link, key) }
    }
}
