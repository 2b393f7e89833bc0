import OnewayCore

extension DataverseBook {
    /// An update of state columns together with others raises two Updates: the others first, then the state.
    mutating func update(
        _ name: String,
        _ id: GUID,
        _ values: RowOperation.Values,
        by origin: Origin,
        now: Timestamp
    ) throws(DataverseError) -> Applied {
        let table = try table(name)
        _ = try needed(name, id)
        try check(values, table)
        let all = try completed(values, table)
        let state = all.filter { Self.stateColumns.contains($0.key) }
        let others = all.filter { !Self.stateColumns.contains($0.key) }
        var applied = Applied(id: id, events: [])
        for part in [others, state] where !part.isEmpty || values.isEmpty && applied.events.isEmpty {
            applied.events += try change(table, id, part, by: origin, now: now)
        }
        return applied
    }

    private static let stateColumns: Set = ["statecode", "statuscode"]

    private mutating func change(
        _ table: Table,
        _ id: GUID,
        _ values: RowOperation.Values,
        by origin: Origin,
        now: Timestamp
    ) throws(DataverseError) -> [RowEvent] {
        var events = [try set(table, id, values, by: origin, now: now)]
        if table.name == "connection" {
            events += try mirror(id, values, by: origin, now: now)
        }
        return events
    }

    /// Updates a single row, including read-only columns.
    mutating func set(
        _ table: Table,
        _ id: GUID,
        _ values: RowOperation.Values,
        by origin: Origin,
        now: Timestamp
    ) throws(DataverseError) -> RowEvent {
        let before = try needed(table.name, id)
        var row = before
        for (column, value) in values { row.values[column] = value }
        let derived = derived(table, sent: values, held: row.values)
        for (column, value) in derived { row.values[column] = value }
        let after = put(row, by: origin.user, now: now)
        var target = values.merging(derived) { $1 }
        target[table.key] = .id(id)
        for column in ["modifiedon", "modifiedby"] { target[column] = after.values[column] }
        return event("Update", after.reference, .entity(target), before, after, origin, now)
    }

    /// Raises two Updates of the opportunity, the values and then the state, and the message Win or Lose.
    mutating func close(
        _ id: GUID,
        _ won: Bool,
        _ actualValue: String?,
        by origin: Origin,
        now: Timestamp
    ) throws(DataverseError) -> Applied {
        let opportunity = try needed("opportunity", id)
        let brought = actualValue ?? (won ? opportunity.values["estimatedvalue"]?.digits : "0") ?? "0"
        let day = Timestamp(milliseconds: now.milliseconds - now.milliseconds % 86_400_000)
        let status = won ? 3 : 4
        let closing: RowOperation.Values = [
            "opportunityid": .lookup(opportunity.reference), "actualrevenue": .money(brought), "actualend": .day(day),
            "subject": .text(won ? "Opportunity Won" : "Opportunity Lost"),
        ]
        var values: RowOperation.Values = [
            "actualvalue": .money(brought), "actualclosedate": .day(day), "statecode": .choice(won ? 1 : 2),
            "statuscode": .choice(status),
        ]
        if !won { values["closeprobability"] = .number("0") }
        var applied = try update("opportunity", id, values, by: origin, now: now)
        let message = event(
            won ? "Win" : "Lose",
            opportunity.reference,
            .closing(closing, status: status),
            nil,
            nil,
            origin,
            now
        )
        applied.events.append(message)
        return applied
    }
}
