import OnewayCore

extension TableDefinition {
    static func path(_ entity: Entity) -> String {
        "EntityDefinitions(LogicalName='\(entity.rawValue)')?$select=LogicalName,DisplayName,ChangeTrackingEnabled"
            + "&$expand=Attributes($select=LogicalName,AttributeType,AttributeTypeName,DisplayName)"
    }

    /// Nil if the answer is not a definition of this table.
    init?(_ entity: Entity, _ root: JSONValue) {
        guard root["LogicalName"]?.string == entity.rawValue, let tracksChanges = root["ChangeTrackingEnabled"]?.bool,
            let attributes = root["Attributes"], attributes.isArray
        else { return nil }
        self.init(
            entity,
            label: Self.label(root),
            tracksChanges: tracksChanges,
            columns: attributes.elements.compactMap { attribute in
                guard let name = attribute["LogicalName"]?.string, let type = ColumnType(attribute) else { return nil }
                return ColumnDefinition(name, type, label: Self.label(attribute))
            }
        )
    }

    /// In the user's language, or in any: an application user may have none.
    private static func label(_ json: JSONValue) -> String? {
        let name = json["DisplayName"]
        return name?["UserLocalizedLabel"]?["Label"]?.string
            ?? name?["LocalizedLabels"]?.elements.first?["Label"]?.string
    }

    /// Lengths are told only of one type of column at a time.
    static func lengthPaths(_ entity: Entity) -> [String] {
        ["StringAttributeMetadata", "MemoAttributeMetadata"].map {
            "EntityDefinitions(LogicalName='\(entity.rawValue)')/Attributes/Microsoft.Dynamics.CRM.\($0)"
                + "?$select=LogicalName,MaxLength"
        }
    }

    func withLengths(_ root: JSONValue) -> TableDefinition {
        var lengths: [String: Int] = [:]
        for attribute in root["value"]?.elements ?? [] {
            if let name = attribute["LogicalName"]?.string { lengths[name] = attribute["MaxLength"]?.int }
        }
        let columns = columns.values.map { column in
            var column = column
            column.lengthMax = lengths[column.name] ?? column.lengthMax
            return column
        }
        return TableDefinition(entity, label: label, tracksChanges: tracksChanges, columns: columns)
    }
}

extension ColumnType {
    fileprivate init?(_ attribute: JSONValue) {
        // Both are virtual to the older property; only the newer one tells them apart.
        if attribute["AttributeTypeName"]?["Value"]?.string == "MultiSelectPicklistType" {
            self = .choices
            return
        }
        guard let type = attribute["AttributeType"]?.string else { return nil }
        self =
            switch type {
            case "String", "Memo": .text
            case "Integer", "BigInt", "Decimal", "Double": .number
            case "Money": .money
            case "Boolean": .flag
            case "DateTime": .time
            case "Picklist", "State", "Status": .choice
            case "Lookup", "Owner", "Customer": .lookup
            case "Uniqueidentifier": .id
            default: .other
            }
    }
}
