import OnewayCore

// Leads: found by any searchable field, of which several may share a value; only the id is unique.
extension MarketoBook {
    mutating func syncLead(
        _ values: [String: JSON],
        _ request: SyncRequest,
        now: Timestamp
    ) throws(MarketoFailure) -> Outcome {
        let held = try request.action == .createDuplicate ? nil : findLead(values, request)
        if held == nil, request.action == .updateOnly { throw MarketoFailure("1004") }
        if held != nil, request.action == .createOnly { throw MarketoFailure("1005") }
        let changes = try checked(.lead, values, held: held, isByID: request.isByID)
        try checkCompany(changes, of: held)
        if held == nil { try checkPartition(request.partition) }
        if let held {
            update(.lead, held, changes, now: now)
            return Self.outcome(.updated, held)
        }
        let created = create(.lead, changes.compactMapValues(\.self), now: now)
        return Self.outcome(.created, created)
    }

    private func findLead(
        _ values: [String: JSON],
        _ request: SyncRequest
    ) throws(MarketoFailure) -> HeldRecord? {
        let name = request.lookupField
        guard self[.lead].schema.field(name) != nil else { throw .unknownField(name) }
        guard self[.lead].schema.searchable.contains(name) else {
            throw MarketoFailure.unsupported(name)
        }
        guard let value = values[name], value != .null, value != .string("") else { throw .missing(name) }
        let found = self[.lead].records(name, value.shown)
        if found.count > 1 { throw MarketoFailure("1007") }
        return found.first
    }

    /// A lead can move to another company but never out of one, and its company cannot be written through it.
    private func checkCompany(_ changes: [String: JSON?], of held: HeldRecord?) throws(MarketoFailure) {
        let sent = changes["externalCompanyId"]
        let current = held?.values["externalCompanyId"]
        if let company = sent ?? nil, self[.company].record(key: company.shown) == nil {
            throw MarketoFailure("1013")
        }
        if case .some(nil) = sent, current != nil { throw .invalid("A lead cannot be taken out of its company") }
        if changes["company"] != nil { throw MarketoFailure("1021") }
    }

    /// If there are several, a new lead must name its partition, and not every one is open to this user.
    private func checkPartition(_ name: String?) throws(MarketoFailure) {
        if partitions.isEmpty { return }
        guard let name else { throw MarketoFailure("1009") }
        if !partitions.contains(name) { throw MarketoFailure("1008", "Access denied to partition '\(name)'") }
    }

    private static func outcome(_ status: Outcome.Status, _ lead: HeldRecord) -> Outcome {
        Outcome(status: status, key: "\(lead.number)", id: JSON.Member("id", .int(lead.number)))
    }
}
