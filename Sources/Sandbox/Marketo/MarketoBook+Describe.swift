import OnewayCore

extension MarketoBook {
    /// `describe.json`; for leads `describe2.json`.
    func describe(_ kind: MarketoKind) -> JSON {
        let schema = self[kind].schema
        var searchable = schema.searchable.map { JSON.array([.string($0)]) }
        if schema.dedupeFields.count > 1 { searchable.insert(.array(schema.dedupeFields.map(JSON.string)), at: 0) }
        var members: [JSON.Member] = [
            .init("name", .string(schema.name)), .init("displayName", .string(schema.name.capitalizedFirst)),
        ]
        if kind != .lead {
            members += [
                .init("createdAt", "2020-01-01T00:00:00Z"), .init("updatedAt", "2020-01-01T00:00:00Z"),
                .init("idField", .string(schema.idField)),
                .init("dedupeFields", .array(schema.dedupeFields.map(JSON.string))),
            ]
        }
        members += [
            .init("searchableFields", .array(searchable)), .init("fields", .array(schema.fields.map(Self.describe))),
        ]
        return .array([.object(members)])
    }

    /// The older `leads/describe.json`.
    func describeLeadsTheOldWay() -> JSON {
        .array(
            self[.lead].schema.fields.enumerated().map { index, field in
                .object(
                    [
                        .init("id", .int(index + 1)), .init("displayName", .string(field.displayName)),
                        .init("dataType", .string(field.type.rawValue)),
                    ] + Self.length(of: field) + [
                        .init(
                            "rest",
                            ["name": .string(field.name), "readOnly": .bool(!field.isUpdateable)]
                        )
                    ]
                )
            }
        )
    }

    private static func describe(_ field: Field) -> JSON {
        .object(
            [
                .init("name", .string(field.name)), .init("displayName", .string(field.displayName)),
                .init("dataType", .string(field.type.rawValue)),
            ] + length(of: field) + [.init("updateable", .bool(field.isUpdateable)), .init("crmManaged", false)]
        )
    }

    private static func length(of field: Field) -> [JSON.Member] {
        field.length.map { [.init("length", .int($0))] } ?? []
    }
}

extension String {
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
