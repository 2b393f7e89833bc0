import OnewayCore

/// Answers metadata requests.
struct MetadataReader: Sendable {
    private let book: DataverseBook
    private let request: WebRequest

    init(_ book: DataverseBook, _ request: WebRequest) {
        self.book = book
        self.request = request
    }

    func answer(_ definition: Resource.Definition) throws(DataverseError) -> WebAnswer {
        var options = try QueryOptions(request.parameters)
        switch definition {
        case .tables:
            var all = book.tables.all.map { TableDefinition($0).json }
            if let expand = options.expand {
                all = try book.tables.all.map { table throws(DataverseError) in
                    guard case .object(let members) = TableDefinition(table).json else { return [:] }
                    return .object(members + [try expanded(expand, table)])
                }
                options.expand = nil
                options.select?.append("Attributes")
            }
            return try list(all, options, "EntityDefinitions", "EntityMetadata")
        case .table(let key):
            let table = try table(key)
            var members = try selected(TableDefinition(table).json, options.select, "EntityMetadata")
            if let expand = options.expand { members.append(try expanded(expand, table)) }
            return one(members, "EntityDefinitions")
        case .attributes(let key, let type, let name):
            // Options of choices are included only with $expand.
            let hasOptions =
                type.map(TableDefinition.choiceTypes.contains) == true && options.expand.map(Self.isOptions) == true
            if hasOptions {
                options.expand = nil
                options.select?.append("OptionSet")
            }
            let all = TableDefinition(try table(key)).attributes(type: type, options: hasOptions)
            guard type == nil || TableDefinition.types.contains(type ?? "") else { throw .missingSegment(type ?? "") }
            let typeName = type ?? "AttributeMetadata"
            guard let name else { return try list(all, options, "EntityDefinitions('\(key)')/Attributes", typeName) }
            guard let json = all.first(where: { $0.members["LogicalName"] == .string(name) }) else {
                throw DataverseError(404, "0x80060888", "Could not find an attribute with specified name: '\(name)'.")
            }
            guard options.expand == nil else { throw .missingProperty(options.expand ?? "", typeName) }
            return one(try selected(json, options.select, typeName), "EntityDefinitions('\(key)')/Attributes")
        }
    }

    private func table(_ key: String) throws(DataverseError) -> Table {
        let found = book.tables.all.first { $0.name == key || "\(TableDefinition.id($0))" == key.lowercased() }
        guard let found else {
            throw DataverseError(
                404,
                "0x80060888",
                "Could not find an entity with specified name: '\(key.prefix(80))'."
            )
        }
        return found
    }

    private func list(
        _ all: [JSON],
        _ options: QueryOptions,
        _ name: String,
        _ type: String
    ) throws(DataverseError) -> WebAnswer {
        guard options.order.isEmpty, options.expand == nil, options.top == nil else {
            throw .bad("The query parameters of definitions are $select and $filter.")
        }
        for (property, _) in options.filter?.properties ?? [] {
            guard all.isEmpty || all.contains(where: { TableDefinition.value($0, property) != nil }) else {
                throw .missingProperty(property, type)
            }
        }
        let kept = all.filter { json in
            options.filter?.holds { Self.filterValue(TableDefinition.value(json, $0)) } ?? true
        }
        var values: [JSON] = []
        for json in kept { values.append(.object(try selected(json, options.select, type))) }
        return WebAnswer(
            .json([
                "@odata.context": .string("\(request.base)/$metadata#\(name)"), "value": .array(values),
            ])
        )
    }

    private func one(_ members: [JSON.Member], _ name: String) -> WebAnswer {
        WebAnswer(
            .json(.object([.init("@odata.context", .string("\(request.base)/$metadata#\(name)/$entity"))] + members))
        )
    }

    /// Always includes the id. Properties of specific column types can only be selected after a cast.
    private func selected(
        _ json: JSON,
        _ select: [String]?,
        _ type: String
    ) throws(DataverseError) -> [JSON.Member] {
        guard case .object(let members) = json else { return [] }
        guard let select else { return members }
        for name in select where !members.contains(where: { $0.name == name }) || Self.isOfSomeOnly(name, type) {
            throw .missingProperty(name, type)
        }
        return members.filter { $0.name == "@odata.type" || $0.name == "MetadataId" || select.contains($0.name) }
    }

    private static func isOptions(_ expand: String) -> Bool {
        expand == "OptionSet" || expand == "OptionSet($select=Options)"
    }

    private static func isOfSomeOnly(_ name: String, _ type: String) -> Bool {
        type == "AttributeMetadata" && TableDefinition.ofSomeOnly.contains(name)
    }

    /// `Attributes`, or `Attributes($select=LogicalName,DisplayName)`
    private func expanded(_ text: String, _ table: Table) throws(DataverseError) -> JSON.Member {
        let all = TableDefinition(table).attributes(type: nil, options: false)
        guard text.hasPrefix("Attributes") else { throw .missingProperty(text, "EntityMetadata") }
        let rest = text.dropFirst("Attributes".count)
        guard !rest.isEmpty else { return .init("Attributes", .array(all)) }
        guard rest.hasPrefix("($select="), rest.last == ")" else { throw .bad("Syntax error in '\(text)'.") }
        let names = rest.dropFirst("($select=".count).dropLast().split(separator: ",").map(String.init)
        var values: [JSON] = []
        for json in all { values.append(.object(try selected(json, names, "AttributeMetadata"))) }
        return .init("Attributes", .array(values))
    }

    private static func filterValue(_ json: JSON?) -> FilterValue {
        switch json {
        case .bool(let flag): .flag(flag)
        case .string(let text): .text(text)
        case .number(let digits): Double(digits).map { .number($0) } ?? .null
        default: .null
        }
    }
}
