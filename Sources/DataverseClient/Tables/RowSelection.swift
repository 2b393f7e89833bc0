import OnewayCore

/// The columns to read of a table: these and what the mirror needs to place a row in time, nothing else (R3).
public struct RowSelection: Sendable {
    public let table: TableDefinition
    /// Wanted, but the environment has no such column, or it cannot be read: ascending.
    public let missing: [String]
    let columns: [ColumnDefinition]
    /// Look-ups whose target's name is wanted too.
    let namedLookups: Set<String>

    /// `columns` are those that the mirror keeps, as in `RuleBook.columns`.
    public init(_ wanted: Set<String>, of table: TableDefinition) {
        self.table = table
        var found: [String: ColumnDefinition] = [:]
        var missing: [String] = []
        var named: Set<String> = []
        for name in wanted.sorted() {
            let lookup = DynamicsRow.lookup(namedBy: name)
            guard let column = table.columns[lookup ?? name], column.type != .other,
                lookup == nil || column.type == .lookup
            else {
                missing.append(name)
                continue
            }
            found[column.name] = column
            if lookup != nil { named.insert(column.name) }
        }
        self.missing = missing
        namedLookups = named
        columns = found.values.sorted { $0.name < $1.name }
    }

    var entity: Entity { table.entity }

    /// The value of `$select`.
    package var select: String {
        var properties = [entity.keyColumn, "modifiedon"]
        if entity == .opportunity { properties.append(Self.createdBy) }
        for column in columns where !properties.contains(column.property) { properties.append(column.property) }
        return properties.joined(separator: ",")
    }

    static let createdBy = "_createdby_value"
    private static let lookupTable = "Microsoft.Dynamics.CRM.lookuplogicalname"
    private static let formattedValue = "OData.Community.Display.V1.FormattedValue"

    /// Only those that are read. With changes, names are not asked for: some versions then leave out the link to the
    /// next ones.
    func annotations(withNames: Bool) -> String {
        let names = namedLookups.isEmpty || !withNames ? "" : ",\(Self.formattedValue)"
        return "odata.include-annotations=\"\(Self.lookupTable)\(names)\""
    }

    /// A row of an answer; nil if it has no id, or a value of another type than its column's.
    func row(_ json: JSONValue) -> DynamicsRow? {
        // Searching the members of an object by name, once for each column, would cost the square of their number.
        let members = Dictionary(json.members.map { ($0.name, $0.value) }) { first, _ in first }
        guard let id = members[entity.keyColumn]?.string.flatMap({ GUID($0) }) else { return nil }
        var values: [String: Value] = [:]
        var names: [String: String] = [:]
        for column in columns {
            let property = column.property
            // Dynamics leaves out nothing that was selected, so an absent one is not known to be empty.
            guard let json = members[property] else { continue }
            guard let value = Value(json, column.type, table: members["\(property)@\(Self.lookupTable)"]?.string) else {
                return nil
            }
            values[column.name] = value
            if namedLookups.contains(column.name), let name = members["\(property)@\(Self.formattedValue)"]?.string {
                names[column.name] = name
            }
        }
        return DynamicsRow(
            RecordKey(entity, id),
            rowVersion: members["@odata.etag"]?.string.flatMap(Self.version),
            modifiedOn: members["modifiedon"]?.string.flatMap { Timestamp(iso8601: $0) },
            createdBy: members[Self.createdBy]?.string.flatMap { GUID($0) },
            columns: values,
            lookupNames: names
        )
    }

    /// `W/"12345"`
    static func version(_ etag: String) -> UInt64? {
        guard etag.hasPrefix("W/\""), etag.hasSuffix("\""), etag.utf8.count > 4 else { return nil }
        return UInt64(etag.dropFirst(3).dropLast())
    }
}
