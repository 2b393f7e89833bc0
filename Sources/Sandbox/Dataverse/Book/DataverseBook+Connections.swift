import OnewayCore

/// A connection is two rows, one from each side.
extension DataverseBook {
    /// Raises a Create of the row, a Create of its mirror, and an Update that links the first to the second.
    mutating func connect(
        _ id: GUID?,
        _ values: RowOperation.Values,
        by origin: Origin,
        now: Timestamp
    ) throws(DataverseError) -> Applied {
        guard let from = values["record1id"]??.reference, let to = values["record2id"]??.reference else {
            throw .invalid("A connection needs record1id and record2id.")
        }
        let (first, second) = (id ?? newID(), newID())
        let table = try table("connection")
        var applied = try create(
            "connection",
            first,
            values,
            by: origin,
            now: now,
            computed: ends(from, to, master: true, related: first)
        )
        let mirrored = try create(
            "connection",
            second,
            Self.swapped(values),
            by: origin,
            now: now,
            computed: ends(to, from, master: false, related: first)
        )
        applied.events += mirrored.events
        let tie: RowOperation.Values = ["relatedconnectionid": .lookup(RowReference("connection", second))]
        applied.events.append(try set(table, first, tie, by: origin, now: now))
        return applied
    }

    /// Updates the other row of a connection.
    mutating func mirror(
        _ id: GUID,
        _ values: RowOperation.Values,
        by origin: Origin,
        now: Timestamp
    ) throws(DataverseError) -> [RowEvent] {
        guard let other = other(id) else { return [] }
        var swapped = Self.swapped(values)
        let table = try table("connection")
        for (end, code, name) in [
            ("record1id", "record1objecttypecode", nil), ("record2id", "record2objecttypecode", "name"),
        ] {
            guard let reference = swapped[end]??.reference else { continue }
            swapped[code] = tables[reference.table].map { .choice($0.typeCode) }
            if let name { swapped.updateValue(self.name(of: reference).map { .text($0) }, forKey: name) }
        }
        return [try set(table, other, swapped, by: origin, now: now)]
    }

    func other(_ id: GUID) -> GUID? {
        let other = self["connection"][id]?.values["relatedconnectionid"]?.reference?.id
        return other == id ? nil : other
    }

    private func ends(
        _ from: RowReference,
        _ to: RowReference,
        master: Bool,
        related: GUID
    ) -> RowOperation.Values {
        [
            "record1objecttypecode": tables[from.table].map { .choice($0.typeCode) },
            "record2objecttypecode": tables[to.table].map { .choice($0.typeCode) }, "ismaster": .flag(master),
            "relatedconnectionid": .lookup(RowReference("connection", related)),
            "name": name(of: to).map { .text($0) },
        ]
    }

    /// Exchanges the columns of the two ends.
    private static func swapped(_ values: RowOperation.Values) -> RowOperation.Values {
        var swapped: RowOperation.Values = [:]
        for (column, value) in values {
            let other =
                column.hasPrefix("record1")
                ? "record2" + column.dropFirst(7)
                : column.hasPrefix("record2") ? "record1" + column.dropFirst(7) : column
            swapped.updateValue(value, forKey: other)
        }
        return swapped
    }
}
