import OnewayCore

extension DataverseBook {
    mutating func delete(
        _ name: String,
        _ id: GUID,
        by origin: Origin,
        now: Timestamp
    ) throws(DataverseError) -> Applied {
        _ = try table(name)
        let row = try needed(name, id)
        try checkUnused(row)
        var applied = Applied(id: id, events: [event("Delete", row.reference, .reference, row, nil, origin, now)])
        let mirror = name == "connection" ? other(id).flatMap { self[name][$0] } : nil
        remove(row)
        if let mirror {
            remove(mirror)
            applied.events.append(event("Delete", mirror.reference, .reference, mirror, nil, origin, now))
        }
        cascade(row.reference, by: origin, now: now)
        return applied
    }

    /// The loser's children move to the winner, without notifications, and the loser is deactivated.
    mutating func merge(
        _ name: String,
        _ master: GUID,
        _ subordinate: GUID,
        by origin: Origin,
        now: Timestamp
    ) throws(DataverseError) -> Applied {
        let table = try table(name)
        guard name == "account" || name == "contact", master != subordinate else {
            throw .invalid("'\(name)' rows like these cannot be merged.")
        }
        let winner = try needed(name, master)
        let before = try needed(name, subordinate)
        for child in children(before.reference) {
            var row = child.row
            row.values[child.column] = .lookup(winner.reference)
            put(row, by: origin.user, now: now)
        }
        let aside: RowOperation.Values = [
            "merged": true, "masterid": .lookup(winner.reference), "statecode": .choice(1), "statuscode": .choice(2),
        ]
        let update = try set(table, subordinate, aside, by: origin, now: now)
        let merged = put(winner, by: origin.user, now: now)
        let message = event(
            "Merge",
            merged.reference,
            .merging(before: before, after: self[name][subordinate] ?? before),
            winner,
            merged,
            origin,
            now
        )
        return Applied(id: master, events: [update, message])
    }

    /// Deletes the children of a row, or clears their lookups, without notifications.
    private mutating func cascade(_ parent: RowReference, by origin: Origin, now: Timestamp) {
        for child in children(parent) {
            guard let row = self[child.row.table][child.row.id] else { continue }
            if Self.goesAlong.contains(child.column) {
                remove(row)
                cascade(row.reference, by: origin, now: now)
            } else {
                var row = row
                row.values[child.column] = nil
                put(row, by: origin.user, now: now)
            }
        }
    }

    private static let goesAlong: Set = [
        "customerid", "parentcustomerid", "record1id", "record2id", "sdkmessageprocessingstepid",
    ]

    private func children(_ parent: RowReference) -> [(column: String, row: Row)] {
        tables.all.flatMap { table in
            table.columns.filter { column in
                column.targets?.contains(parent.table) == true && (!column.isReadOnly || column.name == "masterid")
            }.flatMap { column in
                rows(table.name, column.name, parent).map { (column.name, $0) }
            }
        }
    }

    /// An endpoint cannot be deleted while it has steps.
    private func checkUnused(_ row: Row) throws(DataverseError) {
        guard row.table == "serviceendpoint" else { return }
        let count = rows("sdkmessageprocessingstep", "eventhandler", row.reference).count
        guard count > 0 else { return }
        throw DataverseError(
            400,
            "0x8004f01f",
            "The ServiceEndpoint(\(row.id)) component cannot be deleted because it is referenced by \(count) other "
                + "components. For a list of referenced components, use the RetrieveDependenciesForDeleteRequest."
        )
    }
}
