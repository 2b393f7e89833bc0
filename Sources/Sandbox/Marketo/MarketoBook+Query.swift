import OnewayCore

extension MarketoBook {
    mutating func query(_ kind: MarketoKind, _ request: QueryRequest, now: Timestamp) throws(MarketoFailure) -> Page {
        let schema = self[kind].schema
        let fields = request.fields ?? schema.fieldsByDefault
        for name in fields where schema.field(name) == nil { throw .unknownField(name) }
        let found = try found(kind, request, now: now)
        if kind == .lead, found.count > Self.leadsMax { throw .invalid("Too many results match the filter") }
        let page = found.dropFirst(request.from).prefix(request.batchSize)
        let end = request.from + page.count
        let items = page.enumerated().map { index, record in
            kind == .lead ? lead(record, fields) : numbered(index, record, fields)
        }
        return Page(items: items, next: end < found.count ? QueryRequest.pageToken(end) : nil)
    }

    func lead(id: Int, fields: [String]?) throws(MarketoFailure) -> [JSON] {
        let fields = fields ?? self[.lead].schema.fieldsByDefault
        for name in fields where self[.lead].schema.field(name) == nil { throw .unknownField(name) }
        return self[.lead][id].map { [lead($0, fields)] } ?? []
    }

    private mutating func found(
        _ kind: MarketoKind,
        _ request: QueryRequest,
        now: Timestamp
    ) throws(MarketoFailure) -> [HeldRecord] {
        let schema = self[kind].schema
        if request.filterType == "dedupeFields", schema.dedupeFields.count > 1 || !request.keys.isEmpty {
            return try byKeys(kind, request.keys)
        }
        let field = try searchField(schema, request.filterType)
        let values = request.values.isEmpty ? request.keys.compactMap { $0[field]?.shown } : request.values
        var numbers: Set<Int> = []
        var found: [HeldRecord] = []
        for value in values {
            let records = self[kind].records(field, value)
            for record in records where numbers.insert(record.number).inserted { found.append(record) }
            if records.isEmpty, kind == .lead, makesUpLeads, let lead = madeUp(field, value, now: now) {
                numbers.insert(lead.number)
                found.append(lead)
            }
        }
        return found.sorted { $0.number < $1.number }
    }

    private func byKeys(_ kind: MarketoKind, _ keys: [[String: JSON]]) throws(MarketoFailure) -> [HeldRecord] {
        let schema = self[kind].schema
        guard !schema.dedupeFields.isEmpty else {
            throw MarketoFailure.unsupported("dedupeFields")
        }
        guard !keys.isEmpty else { throw .blank("input") }
        var found: [Int: HeldRecord] = [:]
        for key in keys {
            guard let text = schema.key(key) else { throw .missing(schema.dedupeFields.joined(separator: ", ")) }
            if let record = self[kind].record(key: text) { found[record.number] = record }
        }
        return found.values.sorted { $0.number < $1.number }
    }

    private func searchField(_ schema: Schema, _ name: String) throws(MarketoFailure) -> String {
        if name == "idField", !schema.dedupeFields.isEmpty { return schema.idField }
        if name == "dedupeFields", let only = schema.dedupeFields.first { return only }
        guard schema.searchable.contains(name) else { throw MarketoFailure.unsupported(name) }
        return name
    }

    /// For trying things out before there are leads.
    private mutating func madeUp(_ field: String, _ value: String, now: Timestamp) -> HeldRecord? {
        guard let type = self[.lead].schema.field(field), type.type.isText, type.type.read(.string(value)) != nil else {
            return nil
        }
        return create(.lead, [field: .string(value)], now: now)
    }

    /// An empty field of a lead is null; any other record leaves it out.
    private func lead(_ record: HeldRecord, _ fields: [String]) -> JSON {
        .object((["id"] + fields.filter { $0 != "id" }).map { JSON.Member($0, record.values[$0] ?? .null) })
    }

    private func numbered(_ index: Int, _ record: HeldRecord, _ fields: [String]) -> JSON {
        .object(
            [JSON.Member("seq", .int(index))]
                + fields.compactMap { name in
                    record.values[name].map { JSON.Member(name, $0) }
                }
        )
    }

    private static let leadsMax = 1000
}
