/// The opportunity itself: its fields (R3), its status and amount (R12), its account (R4, R5), its name (R13).
extension RuleBook {
    func projection(of slice: Slice, _ customer: CustomerOutcome, _ held: [Held]) -> Projection {
        let id = slice.opportunity.key.id.description
        let key = DeliveryKey(.opportunity, id)
        var reading = FieldReading(slice, settings)
        var record = MarketoRecord()
        record.add("externalOpportunityId", .string(id))
        if let account = account(customer.account, held.first { $0.key == key }) {
            record.add("externalCompanyId", account)
        }
        for (field, value) in ruled(&reading) + selected(&reading) { record.add(field, value) }
        var wish = DeliveryWish(record.bytes, reasons: customer.reasons + reading.reasons)
        if !reading.hasName {
            wish.heldFor = .name
            wish.reasons.append(Reason(rule: "R13", says: "Marketo demands a name, and none is known yet: it waits"))
        }
        return Projection(key, wish, unknown: reading.unknown)
    }

    /// How many selected fields of an opportunity nobody told (R3). What does not belong into Marketo lacks nothing.
    public func unknownFields(of opportunity: MirrorRecord) -> Int {
        guard refused(opportunity) == nil, deleted(opportunity) == nil, filtered(opportunity) == nil else { return 0 }
        var reading = FieldReading(Slice(opportunity), settings)
        _ = ruled(&reading) + selected(&reading)
        return reading.unknown.count
    }

    private func account(_ account: CustomerOutcome.Account, _ held: Held?) -> JSON? {
        switch account {
        case .known(let id): .string(id.description)
        case .empty: .null
        case .notKnownYet: held?.mayHoldAccount ?? false ? .null : nil
        case .unchanged: nil
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
