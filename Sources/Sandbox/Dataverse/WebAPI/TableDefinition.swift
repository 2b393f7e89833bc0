import OnewayCore

/// The metadata of a table and its columns.
struct TableDefinition: Sendable {
    private let table: Table

    init(_ table: Table) { self.table = table }

    static func id(_ table: Table) -> GUID {
        GUID(high: 0x7071_0000_0000_ee11, low: 0xa81c_0000_0000_0000 | UInt64(table.typeCode))
    }

    var json: JSON {
        [
            "MetadataId": .string("\(Self.id(table))"), "LogicalName": .string(table.name),
            "SchemaName": .string(table.schemaName), "EntitySetName": .string(table.set),
            "LogicalCollectionName": .string(table.set), "PrimaryIdAttribute": .string(table.key),
            "PrimaryNameAttribute": .optional(table.nameColumn), "ObjectTypeCode": .int(table.typeCode),
            "IsCustomEntity": false, "IsPrivate": false, "DisplayName": Self.label(table.label),
            "ChangeTrackingEnabled": .bool(table.tracksChanges),
            "CanChangeTrackingBeEnabled": [
                "Value": .bool(table.writers == .people), "CanBeChanged": true,
                "ManagedPropertyLogicalName": "canchangetrackingbeenabled",
            ],
        ]
    }

    /// The types that a path can cast to.
    static let types: Set = [
        "StringAttributeMetadata", "MemoAttributeMetadata", "IntegerAttributeMetadata", "BigIntAttributeMetadata",
        "DecimalAttributeMetadata", "MoneyAttributeMetadata", "BooleanAttributeMetadata", "DateTimeAttributeMetadata",
        "PicklistAttributeMetadata", "StateAttributeMetadata", "StatusAttributeMetadata", "LookupAttributeMetadata",
        "UniqueIdentifierAttributeMetadata",
    ]

    static let ofSomeOnly: Set = ["MaxLength", "Targets", "OptionSet", "Format", "DateTimeBehavior"]

    static let choiceTypes: Set = ["PicklistAttributeMetadata", "StateAttributeMetadata", "StatusAttributeMetadata"]

    /// Columns of one type or of all, with or without the options of choices.
    func attributes(type: String?, options: Bool) -> [JSON] {
        table.columns.filter { type == nil || Self.type($0.kind) + "AttributeMetadata" == type }
            .map { json($0, options: options) }
    }

    /// A property, or a nested one: `CanChangeTrackingBeEnabled/Value`.
    static func value(_ json: JSON, _ path: String) -> JSON? {
        path.split(separator: "/").reduce(Optional(json)) { $0?.members[String($1)] }
    }

    private func json(_ column: Column, options: Bool) -> JSON {
        let type = Self.type(column.kind)
        let position = table.columns.firstIndex { $0.name == column.name } ?? 0
        let id = GUID(high: 0x7072_0000_0000_ee11, low: 0xa81c_0000_0000_0000 | UInt64(table.typeCode << 16 | position))
        let members: [JSON.Member] = [
            .init("@odata.type", .string("#Microsoft.Dynamics.CRM.\(type)AttributeMetadata")),
            .init("MetadataId", .string("\(id)")), .init("LogicalName", .string(column.name)),
            .init("SchemaName", .string(column.name)), .init("EntityLogicalName", .string(table.name)),
            .init("AttributeType", .string(Self.attributeType(column))),
            .init("AttributeTypeName", ["Value": .string("\(type)Type")]),
            .init("DisplayName", Self.label(column.label)), .init("IsPrimaryId", .bool(column.kind == .key)),
            .init("IsPrimaryName", .bool(column.name == table.nameColumn)),
            .init("IsCustomAttribute", .bool(column.isCustom)),
            .init("IsValidForRead", .bool(!column.isSecret)),
            .init("IsValidForCreate", .bool(!column.isReadOnly)), .init("IsValidForUpdate", .bool(!column.isReadOnly)),
        ]
        return .object(members + own(column).filter { options || $0.name != "OptionSet" })
    }

    /// The properties that only this type of column has.
    private func own(_ column: Column) -> [JSON.Member] {
        switch column.kind {
        case .text(let max), .memo(let max): return [.init("MaxLength", .int(max)), .init("Format", "Text")]
        case .moment:
            return [.init("Format", "DateAndTime"), .init("DateTimeBehavior", ["Value": "UserLocal"])]
        case .day: return [.init("Format", "DateOnly"), .init("DateTimeBehavior", ["Value": "DateOnly"])]
        case .lookup(let tables): return [.init("Targets", .array(tables.map(JSON.string)))]
        case .choice(let choices), .state(let choices), .status(let choices):
            let options = choices.map { choice -> JSON in
                var members: [JSON.Member] = [
                    .init("Value", .int(choice.value)), .init("Label", Self.label(choice.label)),
                ]
                if let state = choice.state { members.append(.init("State", .int(state))) }
                return .object(members)
            }
            return [.init("OptionSet", ["Options": .array(options)])]
        default: return []
        }
    }

    private static func label(_ text: String) -> JSON {
        let label: JSON = ["Label": .string(text), "LanguageCode": 1033, "IsManaged": true]
        return ["LocalizedLabels": [label], "UserLocalizedLabel": label]
    }

    /// Unlike the type name, this distinguishes kinds of lookups.
    private static func attributeType(_ column: Column) -> String {
        switch column.kind {
        case .key: "Uniqueidentifier"
        case .lookup where column.name == "ownerid": "Owner"
        case .lookup(let tables) where tables == ["account", "contact"]: "Customer"
        default: type(column.kind)
        }
    }

    private static func type(_ kind: Column.Kind) -> String {
        switch kind {
        case .key: "UniqueIdentifier"
        case .text: "String"
        case .memo: "Memo"
        case .whole: "Integer"
        case .bigint: "BigInt"
        case .decimal: "Decimal"
        case .money: "Money"
        case .flag: "Boolean"
        case .moment, .day: "DateTime"
        case .choice: "Picklist"
        case .state: "State"
        case .status: "Status"
        case .lookup: "Lookup"
        }
    }
}
