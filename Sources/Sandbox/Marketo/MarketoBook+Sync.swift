import OnewayCore

// Creating and updating: opportunities, roles, companies, sales persons. Leads have their own file.
extension MarketoBook {
    mutating func sync(
        _ kind: MarketoKind,
        _ request: SyncRequest,
        now: Timestamp,
        fault: RecordFault = { _ in nil }
    ) throws(MarketoFailure) -> [Outcome] {
        try checkSalesPersons(kind, request.input)
        var seen: Set<String> = []
        var outcomes: [Outcome] = []
        for sent in request.input {
            var outcome: Outcome
            let key = keyOfInput(kind, sent.members, isByID: request.isByID)
            do throws(MarketoFailure) {
                if let failure = fault(key) { throw failure }
                if let key, kind != .lead, !seen.insert(key).inserted { throw MarketoFailure("1036") }
                guard case .object = sent else { throw .invalid("A record is not an object") }
                outcome =
                    kind == .lead
                    ? try syncLead(sent.members, request, now: now)
                    : try syncKeyed(kind, sent.members, request, now: now)
            } catch {
                outcome = .skipped(error)
            }
            outcome.key = outcome.key ?? key
            outcome.sent = sent
            outcomes.append(outcome)
        }
        return outcomes
    }

    /// The key of the record that the input refers to, as far as it is known before anything is done.
    func keyOfInput(_ kind: MarketoKind, _ values: [String: JSON], isByID: Bool) -> String? {
        guard isByID else { return self[kind].schema.key(values) }
        guard let id = values[self[kind].schema.idField] else { return nil }
        if kind == .lead { return id.shown }
        return self[kind].records(self[kind].schema.idField, id.shown).first.flatMap {
            self[kind].schema.key($0.values)
        }
    }

    private mutating func syncKeyed(
        _ kind: MarketoKind,
        _ values: [String: JSON],
        _ request: SyncRequest,
        now: Timestamp
    ) throws(MarketoFailure) -> Outcome {
        let schema = self[kind].schema
        let held = try find(kind, values, isByID: request.isByID)
        if held == nil, request.action == .updateOnly { throw MarketoFailure("1013") }
        if held != nil, request.action == .createOnly { throw MarketoFailure("1017") }
        let changes = try checked(kind, values, held: held, isByID: request.isByID)
        try checkLinks(kind, changes, of: held)
        if let held {
            update(kind, held, changes, now: now)
            return Outcome(status: .updated, id: schema.idMember(held))
        }
        for field in schema.fields where field.isRequired && changes[field.name] == nil { throw .missing(field.name) }
        let created = create(kind, changes.compactMapValues(\.self), now: now)
        return Outcome(status: .created, id: schema.idMember(created))
    }

    private func find(
        _ kind: MarketoKind,
        _ values: [String: JSON],
        isByID: Bool
    ) throws(MarketoFailure) -> HeldRecord? {
        let schema = self[kind].schema
        for name in isByID ? [schema.idField] : schema.dedupeFields {
            guard let value = values[name], value != .null, value != .string("") else { throw .missing(name) }
            _ = try schema.field(name)?.kept(value)
        }
        if isByID, let id = values[schema.idField] { return self[kind].records(schema.idField, id.shown).first }
        return schema.key(values).flatMap { self[kind].record(key: $0) }
    }

    /// Checks that every field that was sent exists, may be written, and has a value of its type.
    func checked(
        _ kind: MarketoKind,
        _ values: [String: JSON],
        held: HeldRecord?,
        isByID: Bool
    ) throws(MarketoFailure) -> [String: JSON?] {
        let schema = self[kind].schema
        var changes: [String: JSON?] = [:]
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            guard let field = schema.field(name) else { throw .unknownField(name) }
            if isByID, name == schema.idField { continue }
            let kept = try field.kept(value)
            let isNewKey = held == nil && schema.dedupeFields.contains(name)
            if !field.isUpdateable, !isNewKey, held?.values[name] != kept {
                throw .invalid("Field '\(name)' is not updateable")
            }
            changes.updateValue(kept, forKey: name)
        }
        return changes
    }

    /// Checks that the records it refers to exist.
    private func checkLinks(_ kind: MarketoKind, _ changes: [String: JSON?], of held: HeldRecord?)
        throws(MarketoFailure)
    {
        if kind == .opportunity, let company = changes["externalCompanyId"] ?? nil,
            self[.company].record(key: company.shown) == nil
        {
            throw MarketoFailure("1013")
        }
        guard kind == .role, held == nil else { return }
        if let opportunity = changes["externalOpportunityId"] ?? nil,
            self[.opportunity].record(key: opportunity.shown) == nil
        {
            throw MarketoFailure("1013")
        }
        if let lead = changes["leadId"] ?? nil, self.held(.lead, lead.shown) == nil { throw MarketoFailure("1004") }
    }

    /// An unknown owner fails the whole call, as Marketo lists its code among those of whole calls.
    private func checkSalesPersons(_ kind: MarketoKind, _ input: [JSON]) throws(MarketoFailure) {
        guard kind == .opportunity || kind == .company else { return }
        for sent in input {
            guard case .string(let id) = sent.members["externalSalesPersonId"], !id.isEmpty else { continue }
            if self[.salesPerson].record(key: id) == nil {
                throw MarketoFailure("718")
            }
        }
    }
}
