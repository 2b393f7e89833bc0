/// Reads rows of files that were exported from Dynamics, with Dynamics' own names of columns: as the Web API has them
/// (`_customerid_value`, with its annotations) or as tables have them (`customerid`, with `customeridtype` or
/// `customerid_entitytype`). Values are of JSON's types, or all texts, as in CSV. Columns that the mirror does not keep are
/// passed over.
public struct ExportedRows: Sendable {
    /// What is wrong with a row, for the person who exported it.
    public struct Unreadable: Error, Hashable, Sendable {
        public let says: String

        public init(says: String) { self.says = says }
    }

    private static let lookupTable = "@Microsoft.Dynamics.CRM.lookuplogicalname"
    private static let formattedValue = "@OData.Community.Display.V1.FormattedValue"
    /// As `record1objecttypecode` has them.
    private static let tableNumbers = ["1": Entity.account, "2": .contact, "3": .opportunity]
    /// In this order: rows of opportunities can have the columns `contactid` and `accountid`, and those of contacts
    /// `accountid`.
    private static let tables: [Entity] = [.connection, .opportunity, .contact, .account]

    private let book: RuleBook

    public init(_ book: RuleBook) { self.book = book }

    /// The table whose rows have these columns; nil: none that is read.
    public static func table(of columns: some Sequence<String>) -> Entity? {
        let names = Set(columns.map { $0.lowercased() })
        return tables.first { names.contains($0.keyColumn) }
    }

    /// - Parameter now: No record was changed later than this.
    public func row(_ line: JSONValue, _ entity: Entity, now: Timestamp) throws(Unreadable) -> DynamicsRow {
        let cells = Cells(line)
        guard let id = cells.text(entity.keyColumn).flatMap({ GUID($0) }) else {
            throw Unreadable(says: "`\(entity.keyColumn)` should be a GUID")
        }
        let modified = try cells.value("modifiedon", .time)
        var modifiedOn: Timestamp?
        if case .time(let time)? = modified { modifiedOn = time }
        if let modifiedOn, modifiedOn > now {
            throw Unreadable(says: "`modifiedon` lies in the future: its times should be UTC, and end with Z")
        }
        var row = (columns: [String: Value](), names: [String: String]())
        for column in (book.columns[entity] ?? []).sorted() where !LookupName.isColumn(column) {
            row.columns[column] = try value(of: column, entity, cells)
        }
        for column in book.columns[entity] ?? [] {
            guard let lookup = DynamicsRow.lookup(namedBy: column) else { continue }
            let name = cells.text("_\(lookup)_value\(Self.formattedValue)") ?? cells.text("\(lookup)name")
            if row.columns[lookup]?.reference != nil, let name, !name.isEmpty { row.names[lookup] = name }
        }
        let creator = cells.text("_createdby_value") ?? cells.text("createdby")
        return DynamicsRow(
            RecordKey(entity, id),
            rowVersion: cells.text("versionnumber").flatMap { UInt64($0) },
            modifiedOn: modifiedOn,
            createdBy: creator.flatMap { GUID($0) },
            columns: row.columns,
            lookupNames: row.names
        )
    }

    /// Nil: the row does not have it.
    private func value(of column: String, _ entity: Entity, _ cells: Cells) throws(Unreadable) -> Value? {
        let property = "_\(column)_value"
        if book.type(of: column, in: entity) == .lookup || cells[property] != nil {
            let told =
                cells.text(property + Self.lookupTable) ?? cells.text(column + Self.lookupTable)
                ?? cells.text("\(column)_entitytype") ?? cells.text("\(column)type")
                ?? (column == "record1id" ? cells.text("record1objecttypecode") : nil)
                ?? (column == "record2id" ? cells.text("record2objecttypecode") : nil)
            let table = told.map { Self.tableNumbers[$0]?.rawValue ?? $0 } ?? RuleBook.table(of: column, in: entity)
            let name = cells[property] == nil ? column : property
            if table == nil, let text = cells.text(name), !text.isEmpty {
                throw Unreadable(
                    says:
                        "`\(name)` names a record, but not of which table: export `\(property)\(Self.lookupTable)` or "
                        + "`\(column)_entitytype` too"
                )
            }
            return try cells.value(name, .lookup, table: table)
        }
        return try cells.value(column, book.type(of: column, in: entity))
    }
}

/// The members of a line, by their names in lower case.
private struct Cells {
    private let members: [String: JSONValue]

    init(_ line: JSONValue) {
        members = Dictionary(line.members.map { (Self.name($0.name), $0.value) }) { first, _ in first }
    }

    subscript(_ name: String) -> JSONValue? { members[Self.name(name)] }

    private static func name(_ name: String) -> String { name.lowercased() }

    /// Also of a number.
    func text(_ name: String) -> String? { self[name].flatMap { $0.string ?? $0.number } }

    /// Nil: there is no such member. Without a type, JSON's is the value's.
    func value(
        _ name: String,
        _ type: ColumnType?,
        table: String? = nil
    ) throws(ExportedRows.Unreadable) -> Value? {
        guard let json = self[name] else { return nil }
        let type = type ?? (json.bool != nil ? .flag : json.number != nil ? .number : .text)
        let value =
            json.string.map { Value(exported: $0, type, table: table) } ?? Value(json, type, table: table)
        guard let value else { throw ExportedRows.Unreadable(says: "`\(name)` should be \(type.expected)") }
        return value
    }
}

extension ColumnType {
    fileprivate var expected: String {
        switch self {
        case .text, .id: "text"
        case .number, .money: "a number, such as 1234.5"
        case .flag: "true or false"
        case .time: "a time in UTC, such as 2026-01-31T08:15:00Z, or a day, such as 2026-01-31"
        case .choice: "the number of a choice, such as 0, not its label"
        case .choices: "the numbers of choices, such as 1,5"
        case .lookup: "a GUID"
        case .other: "left out"
        }
    }
}

extension Entity {
    /// The column with a row's own id.
    public var keyColumn: String { rawValue + "id" }
}
