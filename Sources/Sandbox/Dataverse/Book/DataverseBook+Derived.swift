import OnewayCore

/// Computed columns, and checks of values.
extension DataverseBook {
    /// Returns the columns that Dataverse computes from those in the request.
    func derived(
        _ table: Table,
        sent: RowOperation.Values,
        held: [String: ColumnValue]
    ) -> RowOperation.Values {
        var derived: RowOperation.Values = [:]
        if table.column("exchangerate")?.isReadOnly == true {
            let rate = rate(held)
            if held["exchangerate"]?.digits != rate { derived["exchangerate"] = .number(rate) }
            for column in table.columns where column.kind == .money && column.isReadOnly {
                let source = String(column.name.dropLast("_base".count))
                guard sent.keys.contains(source) || sent.keys.contains("transactioncurrencyid") else { continue }
                derived.updateValue(
                    held[source]?.digits.map { .money(Self.divided($0, by: rate)) },
                    forKey: column.name
                )
            }
        }
        if let column = table.column("fullname"), sent.keys.contains("firstname") || sent.keys.contains("lastname") {
            let names = ["firstname", "lastname"].compactMap { held[$0]?.text }
            derived[column.name] = .text(names.joined(separator: " "))
        }
        if table.name == "opportunity", !sent.keys.contains("customerid"),
            sent.keys.contains("parentaccountid") || sent.keys.contains("parentcontactid")
        {
            derived.updateValue(held["parentaccountid"] ?? held["parentcontactid"], forKey: "customerid")
        }
        if sent.keys.contains("authvalue") { derived["isauthvalueset"] = .flag(held["authvalue"] != nil) }
        return derived
    }

    /// Adds the state of a status, or the default status of a state.
    func completed(_ values: RowOperation.Values, _ table: Table) throws(DataverseError) -> RowOperation.Values {
        guard let reasons = table.column("statuscode")?.choices else { return values }
        let (state, status) = (values["statecode"]??.choice, values["statuscode"]??.choice)
        var values = values
        if let status, let reason = reasons.first(where: { $0.value == status }), state ?? reason.state != reason.state
        {
            throw DataverseError(
                400,
                "0x80048408",
                "\(status) is not a valid status code for state code \(state ?? 0) on \(table.name)."
            )
        }
        if let state, status == nil {
            values["statuscode"] = reasons.first { $0.state == state }.map { .choice($0.value) }
        } else if state == nil, let status {
            values["statecode"] = reasons.first { $0.value == status }?.state.map { .choice($0) }
        }
        return values
    }

    func check(_ values: RowOperation.Values, _ table: Table) throws(DataverseError) {
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            guard let column = table.column(name), !column.isReadOnly else {
                throw .invalid("'\(table.name)' has no attribute '\(name)' that can be set.")
            }
            if let value, let complaint = column.complaint(value) { throw .invalid(complaint) }
            if let reference = value?.reference, row(reference) == nil {
                throw .missingRow(reference.table, reference.id)
            }
        }
    }

    private func rate(_ held: [String: ColumnValue]) -> String {
        let currency = held["transactioncurrencyid"]?.reference
        return currency.flatMap { row($0)?.values["exchangerate"]?.digits } ?? "1"
    }

    /// Returns four decimal places; at a rate of 1, the digits unchanged.
    private static func divided(_ digits: String, by rate: String) -> String {
        guard let amount = Double(digits), let rate = Double(rate), rate != 1 else { return digits }
        let scaled = Int64((amount / rate * 10_000).rounded())
        let fraction = String(scaled.magnitude % 10_000)
        let zeros = String(repeating: "0", count: 4 - fraction.count)
        return "\(scaled < 0 ? "-" : "")\(scaled.magnitude / 10_000).\(zeros)\(fraction)"
    }
}

extension Column {
    private static func isAmount(_ digits: String) -> Bool {
        guard (try? JSONDocument(Array(digits.utf8)))?.root.number != nil, let number = Double(digits) else {
            return false
        }
        return abs(number) <= 922_337_203_685_477
    }

    /// Returns what is wrong with a value; nil if it is valid.
    func complaint(_ value: ColumnValue) -> String? {
        switch (kind, value) {
        case (.text(let max), .text(let text)), (.memo(let max), .text(let text)):
            text.utf16.count <= max
                ? nil : "The length of the '\(name)' attribute exceeded the maximum allowed length of '\(max)'."
        case (.whole, .number(let digits)): Int32(digits) == nil ? "'\(name)' takes a whole number." : nil
        case (.decimal, .number(let digits)), (.money, .money(let digits)):
            Self.isAmount(digits) ? nil : "'\(name)' takes a number within ±922337203685477."
        case (.flag, .flag), (.moment, .moment), (.day, .day): nil
        case (.choice(let choices), .choice(let number)), (.state(let choices), .choice(let number)),
            (.status(let choices), .choice(let number)):
            choices.contains { $0.value == number }
                ? nil : "A validation error occurred. The value \(number) of '\(name)' is outside the valid range."
        case (.lookup(let tables), .lookup(let reference)):
            tables.contains(reference.table) ? nil : "'\(name)' does not take a row of '\(reference.table)'."
        default: "The value of '\(name)' is of another type."
        }
    }
}
