import OnewayCore

/// Reads the body of a create or update: columns by name, lookups by `@odata.bind`.
struct PayloadReader: Sendable {
    private let table: Table
    private let tables: Tables

    init(_ table: Table, _ tables: Tables) {
        self.table = table
        self.tables = tables
    }

    /// Returns the id, if the body has one, and the values.
    func read(_ body: JSONValue) throws(DataverseError) -> (id: GUID?, values: RowOperation.Values) {
        var id: GUID?
        var values: RowOperation.Values = [:]
        for (name, value) in body.members {
            if name == table.key {
                guard let text = value.string, let found = Resource.id(text) else { throw invalid(name) }
                id = found
            } else if name.hasSuffix(Self.bind) {
                let (column, reference) = try bound(String(name.dropLast(Self.bind.count)), value)
                values.updateValue(reference.map { .lookup($0) }, forKey: column.name)
            } else if !name.hasPrefix("@odata.") {
                guard let column = table.column(name), column.targets == nil, !column.isReadOnly else {
                    throw invalid(name)
                }
                values.updateValue(try value.isNull ? nil : column.value(value), forKey: name)
            }
        }
        return (id, values)
    }

    private static let bind = "@odata.bind"

    private func invalid(_ name: String) -> DataverseError {
        .bad(
            "An error occurred while validating input parameters: Microsoft.Crm.CrmException: Invalid property "
                + "'\(name.prefix(80))' was found in entity 'Microsoft.Dynamics.CRM.\(table.name)'."
        )
    }

    /// Accepts `/sdkmessages(id)`, with or without the slash, or a full URL.
    private func bound(
        _ navigation: String,
        _ value: JSONValue
    ) throws(DataverseError) -> (column: Column, reference: RowReference?) {
        guard let (column, target) = table.navigation(navigation) else {
            throw DataverseError(
                400,
                "0x80048d19",
                "Error identified in Payload provided by the user for Entity :'\(table.set)'  ----> InnerException : "
                    + "Microsoft.OData.ODataException: An undeclared property '\(navigation.prefix(80))' which only has "
                    + "property annotations in the payload but no property value was found in the payload. In OData, only "
                    + "declared navigation properties and declared named streams can be represented as properties without "
                    + "values."
            )
        }
        if value.isNull { return (column, nil) }
        guard let address = value.string, let last = address.split(separator: "/").last, last.last == ")",
            let open = last.firstIndex(of: "("), let id = Resource.id(last[open...].dropFirst().dropLast())
        else {
            throw .bad("The address of '\(navigation)' is not one of a row.")
        }
        guard tables.table(set: String(last[..<open]))?.name == target else { throw .missingSegment(last[..<open]) }
        return (column, RowReference(target, id))
    }
}

extension Column {
    /// Reads a value in the form of the Web API.
    func value(_ json: JSONValue) throws(DataverseError) -> ColumnValue {
        let value: ColumnValue? =
            switch kind {
            case .text, .memo: json.string.map { .text($0) }
            case .whole: json.int.map { .number("\($0)") }
            case .bigint, .decimal: json.number.map { .number($0) }
            case .money: json.number.map { .money($0) }
            case .flag: json.bool.map { .flag($0) }
            case .choice, .state, .status: json.int.map { .choice($0) }
            case .moment: json.string.flatMap { Timestamp(iso8601: $0) }.map { .moment($0) }
            case .day: json.string.flatMap { $0.utf8.count == 10 ? Timestamp(iso8601: $0) : nil }.map { .day($0) }
            case .key, .lookup: nil
            }
        guard let value else {
            throw .bad(
                "An error occurred while validating input parameters: Cannot convert the value of '\(name)' to "
                    + "'Edm.\(PropertyType(kind).rawValue)'."
            )
        }
        return value
    }
}
