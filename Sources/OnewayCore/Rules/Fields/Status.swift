/// R12: whether it is closed, whether it is won, its amount, and, in the default mapping, its close date. With
/// `marketo.salesPersons`, its sales person.
extension RuleBook {
    private enum Status: Int {
        case open = 0
        case won = 1
        case lost = 2
    }

    func ruled(_ reading: inout FieldReading, _ held: CurrentRecord?) -> [(String, JSON)] {
        let status = reading.opportunity["statecode"]?.choice.flatMap(Status.init)
        var values: [(String, JSON)] = []
        if let amount = amount(status, &reading, held) { values.append(("amount", amount)) }
        if settings.fields == nil, let day = closeDate(status, &reading, held) { values.append(("closeDate", day)) }
        if let person = salesPerson(&reading, held) { values.append((Self.salesPersonField, person)) }
        if let status {
            values += [("isClosed", .bool(status != .open)), ("isWon", .bool(status == .won))]
            reading.reasons.append(Reason(rule: "R12", says: "the status is \(status)"))
        } else {
            reading.unknown += ["isClosed", "isWon"]
            reading.reasons.append(
                Reason(rule: "R12", says: "the status is not known: isClosed and isWon are left out")
            )
        }
        return values
    }

    /// The estimate is used until the actual value is reported; an actual value reported empty is empty.
    private func amount(_ status: Status?, _ reading: inout FieldReading, _ held: CurrentRecord?) -> JSON? {
        let isActual = status == .won && reading.isTold(settings.amount.won)
        let column = isActual ? settings.amount.won : settings.amount.open
        guard let amount = reading.value(of: SelectedField(column, "amount", as: .money)) else {
            return cleared("amount", settings.amount.won, unless: status.map { $0 == .won }, column, &reading, held)
        }
        let estimate = status == .won && !isActual ? ", because \(settings.amount.won) is not known yet" : ""
        reading.reasons.append(Reason(rule: "R12", says: "the amount is \(column)\(estimate)"))
        return amount
    }

    private func closeDate(_ status: Status?, _ reading: inout FieldReading, _ held: CurrentRecord?) -> JSON? {
        let isClosed = status == .won || status == .lost
        let column = isClosed && reading.isTold("actualclosedate") ? "actualclosedate" : "estimatedclosedate"
        return reading.value(of: SelectedField(column, "closeDate", as: .date))
            ?? cleared("closeDate", "actualclosedate", unless: status.map { $0 != .open }, column, &reading, held)
    }

    /// A value in Marketo whose source no longer applies is cleared, such as the value of a won opportunity once it is
    /// open again. It is set again when it is reported.
    private func cleared(
        _ field: String,
        _ source: String,
        unless sourceApplies: Bool?,
        _ column: String,
        _ reading: inout FieldReading,
        _ held: CurrentRecord?
    ) -> JSON? {
        guard sourceApplies == false, !reading.isTold(column), reading.isTold(source), held?.value(of: field) != nil
        else { return nil }
        let says = "\(field) is cleared: \(source) no longer applies, and \(column) is not known yet"
        reading.reasons.append(Reason(rule: "R12", says: says))
        return .null
    }
}
