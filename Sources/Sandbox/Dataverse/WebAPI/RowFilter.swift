import OnewayCore

/// A filter and an order for the rows of one table, checked against its columns.
struct RowFilter: Sendable {
    private let book: DataverseBook
    private let table: Table
    private let filter: FilterExpression?
    private let order: [QueryOptions.Order]

    init(_ options: QueryOptions, _ table: Table, _ book: DataverseBook) throws(DataverseError) {
        self.book = book
        self.table = table
        filter = options.filter
        order = options.order
        for (name, value) in filter?.properties ?? [] {
            let type = PropertyType(try Self.column(name, table, book).kind)
            if let complaint = type.complaint(value) { throw complaint }
        }
        for item in order { _ = try Self.column(item.property, table, book) }
    }

    /// A property of the table, or of a table it refers to: `sdkmessageid/name`.
    private static func column(
        _ name: String,
        _ table: Table,
        _ book: DataverseBook
    ) throws(DataverseError) -> Column {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        if parts.count == 2, let (_, target) = table.navigation(parts[0]), let other = book.tables[target] {
            guard let column = other.property(parts[1]) else { throw .missingProperty(parts[1], other.name) }
            return column
        }
        guard parts.count == 1, let column = table.property(name) else { throw .missingProperty(name, table.name) }
        return column
    }

    /// The only rows that it can hold for, if it names them.
    var ids: [GUID]? { filter?.ids(of: table.key) }

    func holds(_ row: Row) -> Bool { filter?.holds { value($0, row) } ?? true }

    private func value(_ name: String, _ row: Row) -> FilterValue {
        if let column = table.property(name) { return FilterValue(row[column]) }
        let parts = name.split(separator: "/").map(String.init)
        guard parts.count == 2, let (column, target) = table.navigation(parts[0]),
            let reference = row[column]?.reference, reference.table == target, let other = book.row(reference)
        else { return .null }
        return FilterValue(book.tables[target]?.property(parts[1]).flatMap { other[$0] })
    }

    /// The position of a row in the order.
    func place(_ row: Row) -> Place {
        Place(values: order.map { value($0.property, row) }, id: row.id)
    }

    func isBefore(_ left: Place, _ right: Place) -> Bool {
        for (index, item) in order.enumerated() where index < left.values.count && index < right.values.count {
            let (first, second) =
                item.isDescending
                ? (right.values[index], left.values[index]) : (left.values[index], right.values[index])
            if first.isSame(second) { continue }
            if first == .null || second == .null { return first == .null }
            return first.isBefore(second)
        }
        return left.id < right.id
    }

    struct Place: Hashable, Sendable {
        let values: [FilterValue]
        let id: GUID
    }
}

extension FilterValue {
    init(_ value: ColumnValue?) {
        self =
            switch value {
            case nil: .null
            case .text(let text): .text(text)
            case .number(let digits), .money(let digits): .number(Double(digits) ?? 0)
            case .flag(let flag): .flag(flag)
            case .choice(let number): .number(Double(number))
            case .moment(let moment), .day(let moment): .moment(moment)
            case .id(let id): .id(id)
            case .lookup(let reference): .id(reference.id)
            }
    }
}
