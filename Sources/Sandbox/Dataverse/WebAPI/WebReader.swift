import OnewayCore

/// Answers reads: a pure function of the rows, the request, and the time.
struct WebReader: Sendable {
    let book: DataverseBook
    let privileges: Privileges
    let user: GUID
    let request: WebRequest
    let now: Timestamp

    func answer() throws(DataverseError) -> WebAnswer {
        switch request.resource {
        case .collection(let set): try collection(set)
        case .count(let set): try count(set)
        case .row(let set, let id): try row(set, id)
        case .related(let set, let id, let navigation): try related(set, id, navigation)
        case .definition(let definition): try MetadataReader(book, request).answer(definition)
        case .root: root
        case .whoAmI: whoAmI
        case .totals(let names): try totals(names)
        case .token, .unknown: throw .missingSegment(request.resource.pattern)
        }
    }

    func readable(_ set: String) throws(DataverseError) -> Table {
        guard let table = book.tables.table(set: set) else { throw .missingSegment(set) }
        try privileges.check("Read", table, of: user)
        return table
    }

    private var root: WebAnswer {
        let sets = book.tables.all.map(\.set).sorted().map { set -> JSON in
            ["name": .string(set), "kind": "EntitySet", "url": .string(set)]
        }
        return WebAnswer(.json(["@odata.context": .string("\(request.base)/$metadata"), "value": .array(sets)]))
    }

    private var whoAmI: WebAnswer {
        WebAnswer(
            .json([
                "@odata.context": .string("\(request.base)/$metadata#Microsoft.Dynamics.CRM.WhoAmIResponse"),
                "BusinessUnitId": .string("\(book.businessUnit)"), "UserId": .string("\(user)"),
                "OrganizationId": .string("\(book.organization)"),
            ])
        )
    }

    /// Dataverse answers from a snapshot of the last 24 hours; here it is exact.
    private func totals(_ names: [String]) throws(DataverseError) -> WebAnswer {
        var counts: [JSON] = []
        for name in names {
            try privileges.check("Read", try book.table(name), of: user)
            counts.append(.int(book[name].count))
        }
        return WebAnswer(
            .json([
                "@odata.context": .string(
                    "\(request.base)/$metadata#Microsoft.Dynamics.CRM.RetrieveTotalRecordCountResponse"
                ),
                "EntityRecordCountCollection": [
                    "Count": .int(names.count), "IsReadOnly": false, "Keys": .array(names.map(JSON.string)),
                    "Values": .array(counts),
                ],
            ])
        )
    }

    private func row(_ set: String, _ id: GUID) throws(DataverseError) -> WebAnswer {
        let table = try readable(set)
        let options = try QueryOptions(request.parameters)
        try refuseExpanding(options)
        if let other = options.lasting.first(where: { $0.name != "$select" }) {
            throw .bad("The query parameter '\(other.name)' is not supported for one row.")
        }
        let form = try RowForm(table, select: options.select, annotations: request.preferences.annotations)
        let row = try book.needed(table.name, id)
        try privileges.check(row, of: user)
        if request.ifNoneMatch == RowForm.etag(row) { return WebAnswer(.none, status: 304) }
        var answer = answer(form.json(row, in: book, context: "\(context(set, options.select))/$entity"))
        answer.headers.append(("ETag", RowForm.etag(row)))
        return answer
    }

    private func related(_ set: String, _ id: GUID, _ navigation: String) throws(DataverseError) -> WebAnswer {
        let table = try readable(set)
        guard let (many, column) = Self.related[navigation], let other = book.tables[many],
            other.column(column)?.targets?.contains(table.name) == true
        else { throw .missingSegment(navigation) }
        try privileges.check("Read", other, of: user)
        let one = try book.needed(table.name, id).reference
        return try page(
            other,
            QueryOptions(request.parameters),
            address: "\(set)(\(id))/\(navigation)"
        ) { $0.values[column]?.reference == one }
    }

    /// Navigation properties with the table on the many side and its lookup.
    private static let related = [
        "serviceendpoint_sdkmessageprocessingstep": ("sdkmessageprocessingstep", "eventhandler"),
        "sdkmessageprocessingstepid_sdkmessageprocessingstepimage": (
            "sdkmessageprocessingstepimage", "sdkmessageprocessingstepid"
        ),
        "sdkmessageid_sdkmessagefilter": ("sdkmessagefilter", "sdkmessageid"),
    ]

    func refuseExpanding(_ options: QueryOptions) throws(DataverseError) {
        if options.expand != nil { throw .bad("This stand-in does not support $expand for rows.") }
    }

    func context(_ set: String, _ select: [String]?) -> String {
        "\(request.base)/$metadata#\(set)" + (select.map { "(\($0.joined(separator: ",")))" } ?? "")
    }

    func answer(_ json: JSON) -> WebAnswer {
        WebAnswer(.json(json), headers: request.preferences.applied.map { [("Preference-Applied", $0)] } ?? [])
    }

    /// A link to the same query with additional options.
    func link(_ address: String, _ options: QueryOptions, _ extra: [(name: String, value: String)]) -> String {
        let items = (options.lasting + extra).map { "\($0.name)=\(PercentEncoding.encoded($0.value))" }
        return "\(request.base)/\(address)?\(items.joined(separator: "&"))"
    }
}
