import OnewayCore

/// Rows and values in the form of notifications.
struct EntityForm: Sendable {
    let book: DataverseBook

    /// A target: with types, and references without names.
    func target(_ table: Table, _ id: GUID, _ values: RowOperation.Values, isFormatted: Bool) -> JSON {
        let columns = table.columns.filter { values.keys.contains($0.name) }
        var attributes = columns.map { Self.pair($0.name, value(values[$0.name] ?? nil, named: false)) }
        if table.column("ownerid") != nil { attributes.append(Self.pair("modifiedonbehalfby", .null)) }
        let formatted = isFormatted ? self.formatted(columns.map { ($0, values[$0.name] ?? nil) }) : []
        return entity(table.name, id, attributes, formatted, isTyped: true)
    }

    /// An image: without a type, references with names, and no nulls.
    func image(_ table: Table, _ row: Row, columns wanted: Set<String>?) -> JSON {
        let columns = table.columns.filter { column in
            !column.isSecret && (wanted?.contains(column.name) ?? true || column.kind == .key) && row[column] != nil
        }
        return entity(
            table.name,
            row.id,
            columns.map { Self.pair($0.name, value(row[$0], named: true)) },
            formatted(columns.map { ($0, row[$0]) }),
            isTyped: false
        )
    }

    /// The image with the primary name that every asynchronous step gets.
    func primaryName(_ table: Table, _ row: Row) -> JSON {
        let name = table.nameColumn.flatMap { row.values[$0] }
        return entity(
            table.name,
            row.id,
            (table.nameColumn.map { [Self.pair($0, value(name, named: false))] } ?? [])
                + [Self.pair(table.key, .string("\(row.id)"))],
            [],
            isTyped: false
        )
    }

    func entity(_ table: String, _ id: GUID, _ attributes: [JSON], _ formatted: [JSON], isTyped: Bool) -> JSON {
        .object(
            (isTyped ? [Self.type("Entity")] : []) + [
                .init("Attributes", .array(attributes)), .init("EntityState", .null),
                .init("FormattedValues", .array(formatted)), .init("Id", .string("\(id)")),
                .init("KeyAttributes", []), .init("LogicalName", .string(table)), .init("RelatedEntities", []),
                .init("RowVersion", .null),
            ]
        )
    }

    func value(_ value: ColumnValue?, named: Bool) -> JSON {
        switch value {
        case nil: .null
        case .text(let text): .string(text)
        case .number(let digits): .number(digits)
        case .flag(let flag): .bool(flag)
        case .id(let id): .string("\(id)")
        case .moment(let moment): .string("/Date(\(moment.second * 1000))/")
        case .day(let day): .string("/Date(\(day.milliseconds))/")
        case .choice(let number): Self.choice(number)
        case .money(let digits): .object([Self.type("Money"), .init("Value", .number(digits))])
        case .lookup(let reference):
            Self.reference(reference.table, reference.id, named ? book.name(of: reference) : nil, isTyped: true)
        }
    }

    static func choice(_ number: Int) -> JSON { .object([type("OptionSetValue"), .init("Value", .int(number))]) }

    static func reference(_ table: String, _ id: GUID, _ name: String?, isTyped: Bool) -> JSON {
        .object(
            (isTyped ? [type("EntityReference")] : []) + [
                .init("Id", .string("\(id)")), .init("KeyAttributes", []), .init("LogicalName", .string(table)),
                .init("Name", .optional(name)), .init("RowVersion", .null),
            ]
        )
    }

    static func pair(_ key: String, _ value: JSON) -> JSON { ["key": .string(key), "value": value] }

    private static func type(_ name: String) -> JSON.Member {
        .init("__type", .string("\(name):http://schemas.microsoft.com/xrm/2011/Contracts"))
    }

    private func formatted(_ values: [(column: Column, value: ColumnValue?)]) -> [JSON] {
        values.compactMap { column, value in
            switch value {
            case .choice, .flag, .money:
                value.flatMap { Formatted(book).text($0, column) }.map { Self.pair(column.name, .string($0)) }
            case .moment(let moment):
                Self.pair(column.name, .string("\(moment)".prefix(19) + "-00:00"))
            default: nil
            }
        }
    }
}
