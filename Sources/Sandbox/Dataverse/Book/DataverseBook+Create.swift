import OnewayCore

extension DataverseBook {
    /// Applies an operation completely or not at all. Returns its messages in order.
    mutating func apply(
        _ operation: RowOperation,
        by origin: Origin,
        now: Timestamp
    ) throws(DataverseError) -> Applied {
        switch operation {
        case .create("connection", let id, let values): return try connect(id, values, by: origin, now: now)
        case .create(let table, let id, let values): return try create(table, id, values, by: origin, now: now)
        case .update(let table, let id, let values): return try update(table, id, values, by: origin, now: now)
        case .delete(let table, let id): return try delete(table, id, by: origin, now: now)
        case .close(let id, let won, let value): return try close(id, won, value, by: origin, now: now)
        case .merge(let table, let master, let subordinate):
            return try merge(table, master, subordinate, by: origin, now: now)
        }
    }

    mutating func create(
        _ name: String,
        _ wanted: GUID?,
        _ values: RowOperation.Values,
        by origin: Origin,
        now: Timestamp,
        computed: RowOperation.Values = [:]
    ) throws(DataverseError) -> Applied {
        let table = try table(name)
        try check(values, table)
        let id = wanted ?? newID()
        guard self[name][id] == nil else {
            throw DataverseError(412, "0x80040237", "A record with matching key values already exists.")
        }
        var held = defaults(table, origin).merging(values.compactMapValues { $0 }) { $1 }
        held.merge(computed.compactMapValues { $0 }) { $1 }
        held.merge(derived(table, sent: values, held: held).compactMapValues { $0 }) { $1 }
        if let column = Self.required[name], held[column] == nil {
            throw .invalid("Required field '\(column)' is missing")
        }
        let row = put(Row(table: name, id: id, values: held, version: 0), by: origin.user, now: now)
        var target = RowOperation.Values(uniqueKeysWithValues: row.values.map { ($0.key, .some($0.value)) })
        for (column, value) in values where value == nil { target.updateValue(nil, forKey: column) }
        target[table.key] = .id(id)
        return Applied(id: id, events: [event("Create", row.reference, .entity(target), nil, row, origin, now)])
    }

    func event(
        _ message: String,
        _ row: RowReference,
        _ input: RowEvent.Input,
        _ before: Row?,
        _ after: Row?,
        _ origin: Origin,
        _ now: Timestamp
    ) -> RowEvent {
        RowEvent(
            message: message,
            table: row.table,
            id: row.id,
            input: input,
            before: before,
            after: after,
            origin: origin,
            user: message == "Delete" ? system : origin.user,
            at: now
        )
    }

    private static let required = ["account": "name", "contact": "lastname", "opportunity": "name"]

    private func defaults(_ table: Table, _ origin: Origin) -> [String: ColumnValue] {
        var values: [String: ColumnValue] = [:]
        for column in table.columns {
            switch column.kind {
            case .state(let choices): values[column.name] = choices.first.map { .choice($0.value) }
            case .status(let choices): values[column.name] = choices.first.map { .choice($0.value) }
            case .flag where table.writers == .people: values[column.name] = false
            default: break
            }
        }
        if table.column("ownerid") != nil { values["ownerid"] = .lookup(RowReference("systemuser", origin.user)) }
        if table.column("owningbusinessunit") != nil {
            values["owningbusinessunit"] = .lookup(RowReference("businessunit", businessUnit))
        }
        if table.column("transactioncurrencyid") != nil, let base = self["transactioncurrency"].ids.first {
            values["transactioncurrencyid"] = .lookup(RowReference("transactioncurrency", base))
        }
        if table.name == "opportunity" {
            values["opportunityratingcode"] = .choice(2)
            values["salesstagecode"] = .choice(1)
            values["msdyn_forecastcategory"] = .choice(100_000_001)
        }
        return values
    }
}
