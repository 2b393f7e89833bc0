/// The opportunity itself: its fields (R3), its status and amount (R12), its account (R4, R5), its name (R13).
extension RuleBook {
    func projection(of slice: Slice, _ customer: CustomerOutcome, _ held: [CurrentRecord]) -> DesiredRecord {
        let id = slice.opportunity.key.id.description
        let key = DeliveryKey(.opportunity, id)
        let held = held.first { $0.key == key }
        var reading = FieldReading(slice, settings)
        var record = MarketoRecord()
        record.add("externalOpportunityId", .string(id))
        if let account = account(customer.account, held) { record.add("externalCompanyId", account) }
        var values = ruled(&reading, held) + selected(&reading)
        let name = name(of: reading, held)
        if name != .known { values.removeAll { $0.0 == "name" } }
        if case .underWay(let name) = name { values.append(("name", .string(name))) }
        for (field, value) in values { record.add(field, value) }
        var desired = DesiredState(record.bytes, reasons: customer.reasons + reading.reasons)
        desired.reasons += name.reasons(isToldEmpty: !reading.unknown.contains("name"))
        desired.reasons += untold(slice.opportunity)
        if name == .missing { desired.heldFor = .name }
        return DesiredRecord(key, desired, unknown: reading.unknown)
    }

    /// Marketo requires a name for an opportunity that it does not have yet, and never clears one (R13).
    private enum Name: Equatable {
        case known
        /// Marketo has the opportunity, and keeps its name there.
        case leftOut
        /// Marketo may have the opportunity, under this name. If it did not arrive, it would not be accepted without
        /// one.
        case underWay(String)
        case missing

        func reasons(isToldEmpty: Bool) -> [Reason] {
            let none = isToldEmpty ? "the name was reported empty, which Marketo does not accept" : "no name is known"
            return switch self {
            case .known: []
            case .leftOut: [Reason(rule: "R13", says: "\(none): left out")]
            case .underWay: [Reason(rule: "R13", says: "\(none): the one in flight stays")]
            case .missing: [Reason(rule: "R13", says: "Marketo requires a name, and none is known yet: it waits")]
            }
        }
    }

    private func name(of reading: FieldReading, _ held: CurrentRecord?) -> Name {
        if reading.hasName { return .known }
        if held?.confirmed != nil { return .leftOut }
        return held?.value(of: "name")?.string.map(Name.underWay) ?? .missing
    }

    /// The number of selected fields of an opportunity whose values are not known (R3). An opportunity that does not
    /// belong in Marketo lacks none.
    public func unknownFields(of opportunity: MirrorRecord) -> Int {
        guard refused(opportunity) == nil, deleted(opportunity) == nil, filtered(opportunity) == nil else { return 0 }
        var reading = FieldReading(Slice(opportunity), settings)
        _ = ruled(&reading, nil) + selected(&reading)
        return reading.unknown.count
    }

    /// An unchanged account is repeated if Marketo was sent it: if it were left out, the next confirmation would no
    /// longer show that Marketo has it, and it would outlive the customer it came from.
    private func account(_ account: CustomerOutcome.Account, _ held: CurrentRecord?) -> JSON? {
        switch account {
        case .known(let id): .string(id.description)
        case .empty: .null
        case .emptyIfHeld: held?.value(of: "externalCompanyId") == nil ? nil : .null
        case .unchanged: held?.value(of: "externalCompanyId").map { .encoded($0.encoded) }
        }
    }

    private func selected(_ reading: inout FieldReading) -> [(String, JSON)] {
        var values: [(String, JSON)] = []
        for field in fields {
            if let value = reading.value(of: field) { values.append((field.field, value)) }
        }
        return values
    }
}
