import OnewayCore

/// Rows in the form of the Web API.
struct RowForm: Sendable {
    let table: Table
    /// Nil: all columns.
    let columns: [Column]?
    let annotations: Annotations?

    init(_ table: Table, select: [String]?, annotations: Annotations?) throws(DataverseError) {
        var columns: [Column] = []
        for name in select ?? [] {
            guard let column = table.property(name) else { throw .missingProperty(name, table.name) }
            columns.append(column)
        }
        // The key is always included, and the currency with any amount.
        for name in ["transactioncurrencyid", table.key] {
            if let column = table.column(name), !columns.contains(where: { $0.name == name }),
                name == table.key || columns.contains(where: { $0.kind == .money })
            {
                columns.append(column)
            }
        }
        self.table = table
        self.columns = select == nil ? nil : columns
        self.annotations = annotations
    }

    func json(_ row: Row, in book: DataverseBook, context: String? = nil) -> JSON {
        var members: [JSON.Member] = []
        if let context { members.append(.init("@odata.context", .string(context))) }
        members.append(.init("@odata.etag", .string(Self.etag(row))))
        for column in columns ?? table.columns where !column.isSecret {
            members += self.members(column, row[column], book)
        }
        return .object(members)
    }

    static func etag(_ row: Row) -> String { "W/\"\(row.version)\"" }

    private func members(_ column: Column, _ value: ColumnValue?, _ book: DataverseBook) -> [JSON.Member] {
        guard let value else { return [.init(column.property, .null)] }
        var members: [JSON.Member] = []
        func annotate(_ name: String, _ text: String?) {
            guard let text, annotations?.includes(name) == true else { return }
            members.append(.init("\(column.property)@\(name)", .string(text)))
        }
        annotate(Annotations.formattedValue, Formatted(book).text(value, column))
        if let reference = value.reference {
            annotate(Annotations.navigation, column.navigation(to: reference.table))
            annotate(Annotations.lookupTable, reference.table)
        }
        return members + [.init(column.property, Self.json(value))]
    }

    static func json(_ value: ColumnValue) -> JSON {
        switch value {
        case .text(let text): .string(text)
        case .number(let digits), .money(let digits): .number(digits)
        case .flag(let flag): .bool(flag)
        case .choice(let number): .int(number)
        case .moment(let moment): .string("\(moment)")
        case .day(let day): .string(String("\(day)".prefix(10)))
        case .id(let id): .string("\(id)")
        case .lookup(let reference): .string("\(reference.id)")
        }
    }
}
